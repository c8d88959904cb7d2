import Detection
import Plugins
import Primitives

/// Binds rules to a run: names become slots and columns.
struct RuleBinding {
  let schema: Schema
  let interner: Interner
  let lists: TextLists

  /// The rules that the events of a run can meet at all: a rule that names a field which none of them carries never
  /// fires there and costs nothing.
  func applicable(_ rules: [Rule]) -> [Rule] {
    let probe = Interner()
    return rules.filter { rule in
      do {
        let plan = try FeaturePlan(
          features: rule.features.map(\.definition), schema: schema, interner: probe)
        _ = try CompiledCondition(
          rule.on, schema: schema, interner: probe, lists: lists.book)
        _ = try CompiledCondition(
          rule.when, schema: schema, interner: probe,
          features: names(rule) { plan.column(of: $0) },
          lists: lists.book)
        if let pattern = rule.pattern {
          _ = try CompiledPattern(pattern, schema: schema, interner: probe, lists: lists.book)
        }
        return true
      } catch {
        // Names and lists were checked when the rule was read: what is wrong here is a field that these events lack.
        return false
      }
    }
  }

  func bind(_ rule: Rule, to plan: FeaturePlan) throws(Failure) -> InstalledRule {
    try bind(rule) { plan.column(of: $0) }
  }

  /// - Parameter column: where a feature of the rule stands.
  func bind(
    _ rule: Rule, column: (FeatureDefinition) -> Int
  ) throws(Failure) -> InstalledRule {
    var entity: (field: String, slot: Int)?
    if case .field(let name) = rule.per, let field = schema.field(name), field.type == .text {
      entity = (name, field.slot)
    }
    return InstalledRule(
      rule: rule,
      on: try CompiledCondition(rule.on, schema: schema, interner: interner, lists: lists.book),
      when: try CompiledCondition(
        rule.when, schema: schema, interner: interner, features: names(rule, column),
        lists: lists.book),
      pattern: try rule.pattern.map { (pattern) throws(Failure) in
        try CompiledPattern(pattern, schema: schema, interner: interner, lists: lists.book)
      },
      columns: rule.features.map { column($0.definition) },
      kinds: rule.kinds.map { interner.intern($0) }, entity: entity)
  }

  private func names(
    _ rule: Rule, _ column: (FeatureDefinition) -> Int
  ) -> [String: Int] {
    Dictionary(
      rule.features.map { ($0.name, column($0.definition)) },
      uniquingKeysWith: { first, _ in first })
  }
}
