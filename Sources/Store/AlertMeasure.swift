import GRDB
package import Primitives

/// What alerts are counted or summed up by.
package struct AlertMeasure: Hashable, Sendable {
  package enum Amount: Hashable, Sendable {
    case alerts
    /// Of what an alert is estimated to cost, or of its score.
    case sum(Column)
    case mean(Column)
    case least(Column)
    case most(Column)
    /// How many different values there are.
    case distinct(AlertQuery.Key)
  }

  package enum Column: String, Sendable, CaseIterable {
    case cost, score

    fileprivate var sql: String { self == .cost ? "cost_usd" : "highest_score" }
  }

  /// Empty for one number of all; at most two.
  package var keys: [AlertQuery.Key] = []
  package var amount = Amount.alerts
  /// Groups whose amount lies outside are left out.
  package var bounds = NumberBounds()
  /// The smallest amounts first.
  package var isRising = false
  package var top: Int?

  package init() {}

  package struct Row: Hashable, Sendable {
    /// In the order of the keys; missing where the alerts have none.
    package var values: [AlertQuery.Count.Value?]
    package var alerts: Int
    /// Missing where no alert of the group has what is summed up.
    package var amount: Double?
  }

  fileprivate var sql: String {
    switch amount {
    case .alerts: "count(*)"
    case .sum(let column): "sum(\(column.sql))"
    case .mean(let column): "avg(\(column.sql))"
    case .least(let column): "min(\(column.sql))"
    case .most(let column): "max(\(column.sql))"
    case .distinct(let key): "count(DISTINCT \(key.sql))"
    }
  }

  /// The values of a key of time, or of severity, in their own order, as far as nothing else was asked for.
  fileprivate var order: String {
    if !isRising, bounds.isEmpty, amount == .alerts {
      switch keys.first {
      case .eachHour, .eachDay, .hour, .weekday: return "k0, x DESC"
      case .severity where keys.count == 1: return "k0 DESC"
      default: break
      }
    }
    return "x \(isRising ? "ASC" : "DESC") NULLS LAST"
      + keys.indices.map { ", k\($0)" }.joined()
  }
}

extension AlertStore {
  /// The groups of alerts with their amounts, and how many groups there are without `top`.
  package func measure(
    _ query: AlertQuery, _ measure: AlertMeasure
  ) throws(Failure) -> (rows: [AlertMeasure.Row], groups: Int) {
    var needed = measure.keys
    if case .distinct(let key) = measure.amount { needed.append(key) }
    let isNamed = needed.filter(\.isNamed)
    if Set(isNamed).count > 1 {
      throw Failure(
        .usage, "alerts are counted by one field at a time that they only name",
        advice: "ask for one of them")
    }
    return try database.read { database in
      let (condition, arguments) = query.condition(by: needed)
      var sql = "SELECT "
      for (index, key) in measure.keys.enumerated() { sql += "\(key.sql) AS k\(index), " }
      sql +=
        "count(*) AS n, \(measure.sql) AS x FROM \(isNamed.first?.table ?? "alerts") \(condition)"
      if !measure.keys.isEmpty {
        sql += " GROUP BY " + measure.keys.indices.map { "\($0 + 1)" }.joined(separator: ", ")
      }
      var all = arguments
      let bounds = measure.bounds
      let limits: [(String, Double?)] = [
        ("x > ?", bounds.above), ("x < ?", bounds.below), ("x >= ?", bounds.atLeast),
        ("x <= ?", bounds.atMost),
      ]
      let having = limits.filter { $0.1 != nil }
      sql = "SELECT * FROM (\(sql))"
      if !having.isEmpty {
        sql += " WHERE " + having.map(\.0).joined(separator: " AND ")
        for limit in having { all += [limit.1] }
      }
      let groups =
        try Int.fetchOne(database, sql: "SELECT count(*) FROM (\(sql))", arguments: all) ?? 0
      sql += " ORDER BY \(measure.order)"
      if let top = measure.top { sql += " LIMIT \(max(0, top))" }
      let rows = try Row.fetchAll(database, sql: sql, arguments: all).map { row in
        AlertMeasure.Row(
          values: measure.keys.indices.map { AlertStore.value(row["k\($0)"]) }, alerts: row["n"],
          amount: row["x"])
      }
      return (rows, groups)
    }
  }

  /// The fields of the entities that the newest alerts name, whether they are about them or not.
  package func namedFields() throws(Failure) -> [String] {
    try database.read {
      try String.fetchAll(
        $0,
        sql: """
          SELECT DISTINCT j.value FROM
            (SELECT id FROM alerts ORDER BY time DESC LIMIT 5000) a
            JOIN alert_facts f ON f.alert = a.id, json_each(f.entities) j
          WHERE j.key % 2 = 0 ORDER BY 1
          """)
    }
  }

  /// The entities that alerts are about and whose value has a text in it, whatever its case; at most so many.
  package func entities(
    holding text: String, limit: Int = 200
  ) throws(Failure) -> [(field: String, value: String)] {
    try database.read {
      try Row.fetchAll(
        $0,
        sql: """
          SELECT DISTINCT entity_field AS f, entity AS e FROM alerts
          WHERE entity IS NOT NULL AND instr(lower(entity), lower(?)) > 0 ORDER BY 1, 2 LIMIT ?
          """, arguments: [AlertRows.column(text), limit]
      ).map { ($0["f"], $0["e"]) }
    }
  }
}
