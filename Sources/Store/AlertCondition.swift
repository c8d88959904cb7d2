import Cases
import Detection
import GRDB
import Primitives

/// What alerts have to be, in SQL.
struct AlertCondition {
  private var parts: [String] = []
  private(set) var arguments = StatementArguments()

  var sql: String { parts.isEmpty ? "" : "WHERE " + parts.joined(separator: " AND ") }

  private mutating func require(_ sql: String, _ value: (any DatabaseValueConvertible)?) {
    guard let value else { return }
    parts.append(sql)
    arguments += [value]
  }

  private mutating func require(_ column: String, _ bounds: NumberBounds) {
    require("\(column) > ?", bounds.above)
    require("\(column) < ?", bounds.below)
    require("\(column) >= ?", bounds.atLeast)
    require("\(column) <= ?", bounds.atMost)
  }

  /// Conditions in brackets, joined by a word; true where one of them says nothing.
  private mutating func require(_ queries: [AlertQuery], joinedBy word: String, isNot: Bool) {
    let conditions = queries.map { AlertCondition($0) }
    if conditions.isEmpty { return }
    let texts = conditions.map { $0.parts.isEmpty ? "1" : $0.parts.joined(separator: " AND ") }
    for condition in conditions { arguments += condition.arguments }
    // What is missing is neither true nor false, and such an alert is not one of those that are left out.
    parts.append(
      isNot
        ? texts.map { "((\($0)) IS NOT TRUE)" }.joined(separator: " AND ")
        : "(\(texts.map { "(\($0))" }.joined(separator: " \(word) ")))")
  }

  init(_ query: AlertQuery) {
    require("time >= ?", query.since?.microseconds)
    require("time < ?", query.before?.microseconds)
    require(query.clock)
    require("highest_severity >= ?", query.severity?.rawValue)
    require(anyOf: "highest_severity", query.severities.map(\.rawValue))
    require("rule", text: query.rule)
    require("kind = ?", query.kind)
    require("category = ? COLLATE NOCASE", query.category.map(AlertRows.column))
    require("owner = ?", query.owner.map(AlertRows.column))
    require("source = ?", query.source.map(AlertRows.column))
    require("entity", text: query.entity)
    require("entity_field = ?", query.entityField.map(AlertRows.column))
    if let named = query.named {
      let (field, value) = (AlertRows.column(named.field), AlertRows.column(named.value))
      parts.append(
        """
        (id IN (SELECT named_alert FROM (\(AlertCondition.names)) WHERE named_value = ?)
          OR (entity_field = ? AND entity = ?))
        """)
      arguments += [field, value, field, value]
    }
    require("status = ?", query.status)
    require(anyOf: "state", query.states.map(\.rawValue))
    switch query.assignee {
    case nil: break
    case .nobody: parts.append("assignee IS NULL")
    case .person(let name): require("assignee = ?", AlertRows.column(name))
    }
    require("disposition = ?", query.disposition)
    require("mapping = ?", query.mapping.map(AlertRows.column))
    require("cost_usd", query.cost)
    require("highest_score", query.score)
    require(
      "instr(lower(title || ' ' || message), lower(?)) > 0", query.text.map(AlertRows.column))
    for queries in query.alternatives { require(queries, joinedBy: "OR", isNot: false) }
    require(query.exceptions, joinedBy: "AND", isNot: true)
  }

  private mutating func require(anyOf column: String, _ values: [any DatabaseValueConvertible]) {
    if values.isEmpty { return }
    parts.append("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))")
    for value in values { arguments += [value] }
  }

  private mutating func require(_ column: String, text: String?) {
    guard let text else { return }
    if text.contains("*") {
      require("\(column) GLOB ?", AlertCondition.glob(text))
    } else {
      require("\(column) = ?", AlertRows.column(text))
    }
  }

  private mutating func require(_ clock: ClockFilter) {
    if let hours = clock.hours {
      let hour = "time / 3600000000 % 24"
      parts.append(
        "(\(hour) >= \(hours.from) \(hours.from < hours.to ? "AND" : "OR") \(hour) < \(hours.to))")
    }
    if !clock.weekdays.isEmpty {
      let days = clock.weekdays.sorted().map { "\($0)" }.joined(separator: ", ")
      parts.append("(time / 86400000000 + 3) % 7 IN (\(days))")
    }
  }

  /// For keys that only some alerts have.
  mutating func require(_ key: AlertQuery.Key) {
    if case .field(let field) = key { require("entity_field = ?", AlertRows.column(field)) }
  }

  /// The alerts that name an entity of a field, and its value; the field is its one argument.
  fileprivate static let names = """
    SELECT f.alert AS named_alert, j.value AS named_value FROM alert_facts f, json_each(f.entities) j
    WHERE j.key % 2 = 1 AND json_extract(f.entities, '$[' || (j.key - 1) || ']') = ?
    """

  /// Only the star is special: the other signs of SQLite's GLOB stand for themselves.
  private static func glob(_ pattern: String) -> String {
    AlertRows.column(pattern).replacing("[", with: "[[]").replacing("?", with: "[?]")
  }
}

extension AlertQuery {
  /// The arguments of the tables that keys need stand before those of the condition.
  func condition(by keys: [Key] = []) -> (sql: String, arguments: StatementArguments) {
    var condition = AlertCondition(self)
    for key in keys { condition.require(key) }
    var arguments = StatementArguments()
    if case .named(let field)? = keys.first(where: \.isNamed) {
      arguments += [AlertRows.column(field)]
    }
    arguments += condition.arguments
    return (condition.sql, arguments)
  }
}

extension AlertQuery.Key {
  var isNamed: Bool { if case .named = self { true } else { false } }

  /// Where its values stand.
  var table: String {
    guard isNamed else { return "alerts" }
    return "(alerts JOIN (\(AlertCondition.names)) ON named_alert = alerts.id)"
  }
}
