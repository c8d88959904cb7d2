import Primitives

/// A question as it was understood, whatever words it was asked in: of what it is, which of them, and what is wanted of them.
struct Query: Hashable {
  /// What is looked at.
  enum Subject: Hashable {
    /// What was found.
    case alerts
    /// What was judged and is kept.
    case events
  }

  /// What is wanted.
  enum Act: String {
    /// The things themselves, a number, groups of them, and how they went over time.
    case list, count, tally, timeline
    case why, entity, rules, rule, changed, alert, event
    case incidents, queue, risk, riskiest, ledger, counterfactual, prove, whynot, whatif
  }

  /// What a filter looks at.
  enum Key: Hashable {
    /// Of alerts. `level` is exactly a severity, `severity` at least one.
    case severity, level, rule, category, owner, finder, names, field, status, state, assignee
    case disposition, text
    /// Of both.
    case source, entity
    /// Of events.
    case kind
    case value(String)
  }

  struct Filter: Hashable {
    var key: Key
    /// One of them is enough.
    var values: [String]
    var isNot = false
  }

  enum Comparison: String {
    case above, below
    case atLeast = "at_least"
    case atMost = "at_most"
  }

  struct Bound: Hashable {
    /// `cost` and `score` of alerts; else a field of events.
    var name: String
    var comparison: Comparison
    var number: Double
  }

  struct Amount: Hashable {
    /// `sum`, `mean`, `min`, `max` or `distinct`.
    var word: String
    var of: String
  }

  var subject = Subject.alerts
  var act = Act.list
  /// All have to hold, but of those in one list of `any` one is enough.
  var filters: [Filter] = []
  var any: [[Filter]] = []
  var bounds: [Bound] = []
  var hours: [Int] = []
  var weekdays: [String] = []
  var time: TimeRange?
  var against: TimeRange?
  /// What they are grouped by: nothing, one thing or two.
  var by: [String] = []
  /// Missing for how many there are.
  var amount: Amount?
  /// Which groups are wanted, by their amount.
  var having: [Comparison: Double] = [:]
  var isFewest = false
  var order: String?
  var isReversed = false
  var limit: Int?
  /// The beginning of an alert's id.
  var id: String?
  /// The id of an event, and the values that its fields would have.
  var event: String?
  var values: [FieldValue] = []

  struct FieldValue: Hashable {
    var field: String
    /// In Lua.
    var value: String
  }

  func values(of key: Key) -> [String] {
    filters.filter { $0.key == key && !$0.isNot }.flatMap(\.values)
  }

  /// Replaces what was said of a key.
  mutating func set(_ key: Key, _ values: [String]) {
    filters.removeAll { $0.key == key && !$0.isNot }
    if !values.isEmpty { filters.append(Filter(key: key, values: values)) }
  }

  mutating func remove(_ key: Key) { filters.removeAll { $0.key == key } }

  /// The one entity that is meant, with its field; missing where there are none or several.
  var whom: (field: String, value: String)? {
    let names = values(of: .entity)
    guard names.count == 1, let sign = names[0].firstIndex(of: "=") else { return nil }
    return (String(names[0][..<sign]), String(names[0][names[0].index(after: sign)...]))
  }
}
