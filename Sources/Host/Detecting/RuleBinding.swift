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
          rule.on, schema: schema, interner: probe, lists: lists.all)
        _ = try CompiledCondition(
          rule.when, schema: schema, interner: probe,
          features: names(rule) { plan.column(of: $0) },
          lists: lists.all)
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
      on: try CompiledCondition(rule.on, schema: schema, interner: interner, lists: lists.all),
      when: try CompiledCondition(
        rule.when, schema: schema, interner: interner, features: names(rule, column),
        lists: lists.all),
      columns: rule.features.map { column($0.definition) },
      kinds: kinds(of: rule).map { interner.intern($0) }, entity: entity)
  }

  private func names(
    _ rule: Rule, _ column: (FeatureDefinition) -> Int
  ) -> [String: Int] {
    Dictionary(
      rule.features.map { ($0.name, column($0.definition)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The kinds that the rule's conditions can hold for; empty where they do not say.
  private func kinds(of rule: Rule) -> [String] {
    for predicate in rule.on where predicate.name == "kind" {
      switch predicate.test {
      case .equals(.text(let kind)): return [kind]
      case .any(let tests):
        let kinds = tests.compactMap { test -> String? in
          if case .equals(.text(let kind)) = test { return kind }
          return nil
        }
        if kinds.count == tests.count { return kinds }
      default: break
      }
    }
    return []
  }
}
