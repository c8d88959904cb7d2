import Detection
import Plugins

/// Which fields of an event a rule looks at, so that it can be named when one of them goes missing.
struct RuleFields: Sendable {
  let rule: String
  /// The kinds of event that it has to see; empty where it may be any.
  let kinds: Set<String>
  private(set) var names: Set<String> = []
  /// Whether it counts by an event's first entity, whatever field that is.
  private(set) var readsFirstEntity = false

  /// What its conditions, features, sequence and function name. The function is searched for `.field` and its messages for
  /// `{field}`: a helper in the same file that names one counts as well.
  init(_ rule: Rule, schema: Schema) {
    self.rule = rule.id
    kinds = Set(rule.kinds)
    add(rule.on)
    add(rule.when)
    add(rule.per)
    for feature in rule.features { add(feature.definition) }
    if let pattern = rule.pattern {
      names.insert(pattern.by)
      for conditions in pattern.conditions { add(conditions) }
    }
    if rule.hasDetect || rule.message != nil { names.formUnion(RuleFields.words(of: rule)) }
    names.formIntersection(schema.fields.map(\.name))
  }

  func reads(_ field: String, kind: String, entities: [String]) -> Bool {
    guard kinds.isEmpty || kinds.contains(kind) else { return false }
    return names.contains(field) || readsFirstEntity && entities.first == field
  }

  private mutating func add(_ conditions: [Predicate]) {
    for condition in conditions { names.insert(condition.name) }
  }

  private mutating func add(_ scope: EntityScope) {
    switch scope {
    case .primary: readsFirstEntity = true
    case .field(let name): names.insert(name)
    case .pair(let first, let second): names.formUnion([first, second])
    }
  }

  /// The event's measure is its amount or its value.
  private mutating func add(measure: String?) {
    names.formUnion(measure.map { [$0] } ?? ["amount", "value"])
  }

  private mutating func add(_ definition: FeatureDefinition) {
    if let scope = definition.scope { add(scope) }
    switch definition {
    case .count(_, _, let conditions), .sinceLast(_, let conditions): add(conditions)
    case .aggregate(_, _, let measure, _, let conditions):
      add(measure: measure)
      add(conditions)
    case .distinct(_, let field, _, let conditions):
      names.insert(field)
      add(conditions)
    case .zScore(_, let measure, _), .ratioToMean(_, let measure, _),
      .percentChange(_, let measure, _), .difference(_, let measure, _),
      .ratioToLast(_, let measure), .dailySum(_, let measure), .ewma(_, let measure, _),
      .seasonal(_, let measure, _):
      add(measure: measure)
    case .isNew(_, let field), .field(let field), .equals(let field, _): names.insert(field)
    case .ratio(let first, let second), .minus(let first, let second):
      add(first)
      add(second)
    case .dailyCount, .rate, .hourRarity, .history, .labelRate, .sinceLabel, .calendar: break
    }
  }

  /// Every word after a point or an opening brace in the rule's file.
  private static func words(of rule: Rule) -> Set<String> {
    var words: Set<String> = []
    var word: [UInt8]?
    for byte in rule.origin.source.text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"):
        word?.append(byte)
      default:
        if let word, !word.isEmpty { words.insert(String(decoding: word, as: UTF8.self)) }
        word = byte == UInt8(ascii: ".") || byte == UInt8(ascii: "{") ? [] : nil
      }
    }
    return words
  }
}
