package import Cases
package import Detection
import GRDB
package import Primitives

/// What an analyst asks of the alerts: which, in what order, and by what they are counted.
///
/// All that is said must hold. Times are as in `since <= time < before`.
package struct AlertQuery: Hashable, Sendable {
  package var since: Timestamp?
  package var before: Timestamp?
  /// Hours of the day and days of the week, by the clock in UTC.
  package var clock = ClockFilter()
  /// At least this severe, with all that joined.
  package var severity: Severity?
  /// Exactly one of these, with all that joined.
  package var severities: [Severity] = []
  /// An id, or a family of them such as `fraud.*`.
  package var rule: String?
  package var kind: String?
  package var category: String?
  package var owner: String?
  package var source: String?
  package var entityField: String?
  /// A value, or values that look like it: a star stands for any letters.
  package var entity: String?
  /// An entity that the alert names, whether it is about it or not.
  package var named: Entity?
  package var status: String?
  /// Where it stands more exactly than by its status: any of them.
  package var states: [AlertState] = []
  package var assignee: Assignee?
  /// As it stands in the database: `false_positive`.
  package var disposition: String?
  package var mapping: String?
  package var cost = NumberBounds()
  package var score = NumberBounds()
  /// A part of the title or the message, whatever its case.
  package var text: String?
  /// Of each list one has to hold.
  package var alternatives: [[AlertQuery]] = []
  /// None of them may hold.
  package var exceptions: [AlertQuery] = []
  package var order = Order.newest
  /// The last of the order first.
  package var isReversed = false
  package var limit: Int?

  package init() {}

  package enum Assignee: Hashable, Sendable {
    case nobody
    case person(String)
  }

  package enum Order: String, Sendable, CaseIterable {
    case newest, oldest, severity, cost, score

    fileprivate func sql(isReversed: Bool) -> String {
      let (down, up) = isReversed ? ("ASC", "DESC") : ("DESC", "ASC")
      return switch self {
      case .newest: "time \(down), id"
      case .oldest: "time \(up), id"
      case .severity: "highest_severity \(down), time DESC, id"
      case .cost: "cost_usd \(down) NULLS LAST, time DESC, id"
      case .score: "highest_score \(down) NULLS LAST, time DESC, id"
      }
    }
  }

  /// What alerts are counted by.
  package enum Key: Hashable, Sendable {
    case severity, rule, category, owner, source, risk, status, disposition, mapping, kind, entity
    /// Values of one field that alerts are about, such as the users.
    case field(String)
    /// Values of one field that alerts name, such as the devices of logins.
    case named(String)
    case state, assignee
    /// By the clock in UTC: each hour or day that there was, or the hour of the day, or the day of the week.
    case eachHour, eachDay, hour, weekday

    var sql: String {
      switch self {
      case .severity: "highest_severity"
      case .rule: "rule"
      case .category: "category"
      case .owner: "owner"
      case .source: "source"
      case .risk: "risk"
      case .status: "status"
      case .disposition: "disposition"
      case .mapping: "mapping"
      case .kind: "kind"
      case .entity: "entity_field || '=' || entity"
      case .field: "entity"
      case .named: "named_value"
      case .state: "state"
      case .assignee: "assignee"
      // Times before 1970 round to zero in SQLite's division; no log is that old.
      case .eachHour: "time / 3600000000 * 3600000000"
      case .eachDay: "time / 86400000000 * 86400000000"
      case .hour: "time / 3600000000 % 24"
      case .weekday: "(time / 86400000000 + 3) % 7"
      }
    }
  }

  /// One value of a key, and how many alerts have it.
  package struct Count: Hashable, Sendable {
    /// Missing where the alerts have none.
    package var value: Value?
    package var alerts: Int

    package enum Value: Hashable, Sendable {
      case text(String)
      case number(Int)
    }
  }
}

extension AlertStore {
  package func find(_ query: AlertQuery) throws(Failure) -> [StoredAlert] {
    try database.read { database in
      let (condition, arguments) = query.condition()
      var sql =
        "SELECT * FROM alerts \(condition) ORDER BY \(query.order.sql(isReversed: query.isReversed))"
      if let limit = query.limit { sql += " LIMIT \(max(0, limit))" }
      return try Row.fetchAll(database, sql: sql, arguments: arguments).map(AlertRows.stored)
    }
  }

  /// How many there are, whatever the limit.
  package func count(_ query: AlertQuery) throws(Failure) -> Int {
    try database.read { database in
      let (condition, arguments) = query.condition()
      return try Int.fetchOne(
        database, sql: "SELECT count(*) FROM alerts \(condition)", arguments: arguments) ?? 0
    }
  }

  /// The values of a key with their alerts, the most alerts first; keys of time in their order. `top` cuts the list.
  package func counts(
    _ query: AlertQuery, by key: AlertQuery.Key, top: Int? = nil
  ) throws(Failure) -> (rows: [AlertQuery.Count], values: Int) {
    try database.read { database in
      let (condition, arguments) = query.condition(by: [key])
      let order =
        switch key {
        case .eachHour, .eachDay, .hour, .weekday: "k"
        case .severity: "k DESC"
        default: "n DESC, k"
        }
      let grouped =
        "SELECT \(key.sql) AS k, count(*) AS n FROM \(key.table) \(condition) GROUP BY 1"
      var sql = grouped + " ORDER BY \(order)"
      if let top { sql += " LIMIT \(max(0, top))" }
      let rows = try Row.fetchAll(database, sql: sql, arguments: arguments).map { row in
        AlertQuery.Count(value: AlertStore.value(row["k"]), alerts: row["n"])
      }
      let values =
        try Int.fetchOne(
          database, sql: "SELECT count(*) FROM (\(grouped))", arguments: arguments) ?? 0
      return (rows, values)
    }
  }

  static func value(_ value: DatabaseValue) -> AlertQuery.Count.Value? {
    if let number = Int.fromDatabaseValue(value) { return .number(number) }
    return String.fromDatabaseValue(value).map(AlertQuery.Count.Value.text)
  }

  /// When the first and the last alert happened; missing where there is none.
  package func span() throws(Failure) -> ClosedRange<Timestamp>? {
    try database.read { database in
      // Two questions: each is one look into the index, and both at once would read all of it.
      guard let first = try Int64.fetchOne(database, sql: "SELECT min(time) FROM alerts"),
        let last = try Int64.fetchOne(database, sql: "SELECT max(time) FROM alerts")
      else { return nil }
      return Timestamp(microseconds: first)...Timestamp(microseconds: last)
    }
  }

  /// The values that a column of alerts holds, at most so many.
  package func values(of key: AlertQuery.Key, limit: Int = 500) throws(Failure) -> [String] {
    try database.read { database in
      let condition = AlertQuery().condition(by: [key])
      return try String.fetchAll(
        database,
        sql: """
          SELECT DISTINCT k FROM (SELECT \(key.sql) AS k FROM \(key.table) \(condition.sql)
            ORDER BY time DESC LIMIT 5000) WHERE k IS NOT NULL ORDER BY k LIMIT \(limit)
          """, arguments: condition.arguments)
    }
  }

  /// The fields that alerts are about, such as `user` and `card`.
  package func entityFields() throws(Failure) -> [String] {
    try database.read {
      try String.fetchAll(
        $0,
        sql: "SELECT DISTINCT entity_field FROM alerts WHERE entity_field IS NOT NULL ORDER BY 1")
    }
  }

  /// The newest ids that begin so.
  package func ids(beginning prefix: String, limit: Int = 50) throws(Failure) -> [String] {
    guard prefix.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else { return [] }
    return try database.read {
      try String.fetchAll(
        $0,
        sql: "SELECT id FROM alerts WHERE id >= ?1 AND id < ?1 || 'g' ORDER BY time DESC LIMIT ?2",
        arguments: [prefix, limit])
    }
  }

  /// A feature of one entity over its alerts, oldest first, as it was frozen with each.
  package func history(
    of feature: String, _ query: AlertQuery
  ) throws(Failure) -> [(time: Timestamp, value: Double)] {
    try database.read { database in
      let (condition, arguments) = query.condition()
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT time, (SELECT value ->> '$.value' FROM json_each(features.json, '$.features')
            WHERE value ->> '$.name' = ?) AS x
          FROM (SELECT id, time FROM alerts \(condition) ORDER BY time DESC LIMIT \(query.limit ?? 1000))
          JOIN features ON features.alert = id ORDER BY time
          """, arguments: [feature] + arguments)
      return rows.compactMap { row in
        (row["x"] as Double?).map { (Timestamp(microseconds: row["time"]), $0) }
      }
    }
  }
}
