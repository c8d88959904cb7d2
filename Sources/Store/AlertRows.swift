import Cases
import Detection
import GRDB
import Primitives

/// Alerts as rows of the database, inside a transaction of the caller.
enum AlertRows {
  static func insert(
    _ run: RunRecord, _ pen: AuditPen, _ database: GRDB.Database
  ) throws -> Int64 {
    try database.execute(
      sql: """
        INSERT INTO runs (command, started, input, digest, events, settings) VALUES (?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        column(run.command), run.started.microseconds, column(run.input), run.digest, run.events,
        run.settings?.serialized(),
      ])
    let number = database.lastInsertedRowID
    try pen.record(
      Change(
        "run.begin", "run", "\(number)",
        after: ["command": .text(run.command), "input": .text(run.input)]), database)
    return number
  }

  static func write(
    _ alerts: [NewAlert], _ joined: [Joined], _ suppressed: [SuppressedFinding], run: Int64,
    _ pen: AuditPen, _ database: GRDB.Database
  ) throws {
    try SuppressedRows.write(suppressed, raised: alerts, run: run, pen, database)
    let insert = try database.makeStatement(sql: upsert)
    let keep = try database.makeStatement(
      sql: """
        INSERT INTO features (alert, json) VALUES (?, ?)
        ON CONFLICT (alert) DO UPDATE SET json = excluded.json
          WHERE (SELECT status FROM alerts WHERE id = excluded.alert) = 'open'
        """)
    let tell = try database.makeStatement(sql: AlertFactRows.upsert)
    var digest = AlertDigest()
    var raised: [JSONValue] = []
    for new in alerts {
      digest.add(line: new.line)
      var frozen = new.frozen?.json.serialized()
      let size = new.line.count + (frozen?.utf8.count ?? 0)
      try insert.execute(arguments: arguments(new.alert, new.line, run: run, size: size))
      // A closed alert stays as it is.
      let isWritten = database.changesCount > 0
      if let frozen, let evidence = new.frozen {
        try keep.execute(arguments: [new.alert.id, frozen])
        try tell.execute(arguments: AlertFactRows.arguments(new.alert, evidence))
      }
      guard isWritten else { continue }
      if frozen == nil {
        frozen = try String.fetchOne(
          database, sql: "SELECT json FROM features WHERE alert = ?", arguments: [new.alert.id])
      }
      let seal = ContentSeal.ofAlert(line: new.line, frozen: frozen.map { Array($0.utf8) })
      raised.append(.list([.text(new.alert.id), .text(seal)]))
    }
    let count = try database.makeStatement(
      sql: """
        UPDATE alerts SET joined = max(joined, ?), highest_severity = max(highest_severity, ?),
          highest_score = max(ifnull(highest_score, ?3), ifnull(?3, highest_score))
        WHERE id = ?4
        """)
    for one in joined {
      try count.execute(arguments: [one.count, one.severity.rawValue, one.score, one.alertID])
    }
    if alerts.isEmpty { return }
    try pen.record(
      Change(
        "alert.raise", "run", "\(run)",
        after: [
          "alerts": .integer(Int64(alerts.count)), "digest": .text(digest.hex),
          "raised": .list(raised),
        ]), database)
  }

  private static let columns = [
    "id", "time", "event_id", "source", "entity_field", "entity", "kind", "rule", "score",
    "confidence", "severity", "title", "message", "category", "risk", "cost_usd", "cost_per",
    "compliance", "action", "owner", "sla_seconds", "mapping", "recurrence", "incident", "model",
    "plugins_digest", "json", "run", "score_meaning",
  ]

  /// The highest severity and score only ever rise.
  private static let upsert = """
    INSERT INTO alerts (\(columns.joined(separator: ", ")), size, highest_severity, highest_score)
    VALUES (\((1...columns.count + 1).map { "?\($0)" }.joined(separator: ", ")), ?11, ?9)
    ON CONFLICT (id) DO UPDATE SET
      \((columns.dropFirst() + ["size"]).map { "\($0) = excluded.\($0)" }.joined(separator: ", ")),
      highest_severity = max(highest_severity, excluded.highest_severity),
      highest_score = max(ifnull(highest_score, excluded.score),
        ifnull(excluded.score, highest_score))
      WHERE status = 'open'
    """

  private static func arguments(
    _ alert: Alert, _ line: [UInt8], run: Int64, size: Int
  ) -> StatementArguments {
    StatementArguments(values(alert, line, run: run) + [size.databaseValue])
  }

  /// In the order of the columns.
  private static func values(_ alert: Alert, _ line: [UInt8], run: Int64) -> [DatabaseValue] {
    let json = String(decoding: line, as: UTF8.self)
    let compliance = JSONValue.list(alert.compliance.map(JSONValue.text)).serialized()
    let values: [(any DatabaseValueConvertible)?] = [
      alert.id, alert.time.microseconds, column(alert.eventID), column(alert.source),
      alert.entity.map { column($0.field) }, alert.entity.map { column($0.value) },
      alert.kind.rawValue, alert.rule.map(column), finite(alert.score), finite(alert.confidence),
      alert.severity.rawValue, column(alert.title), column(alert.message),
      alert.category.map(column), alert.risk?.rawValue, finite(alert.costUSD),
      alert.costPer?.rawValue, compliance, alert.action.map(column), alert.owner.map(column),
      alert.slaSeconds, alert.mapping.map(column), alert.recurrence, alert.incident,
      alert.model.map(column), alert.pluginsDigest, json, run,
      finite(alert.score) == nil ? nil : alert.scoreMeaning?.rawValue,
    ]
    return values.map { $0?.databaseValue ?? .null }
  }

  /// SQLite's interface ends a text at a zero byte: a replacement character stands for it in columns. The JSON beside
  /// them has it escaped.
  static func column(_ text: String) -> String {
    guard text.utf8.contains(0) else { return text }
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
  }

  private static func finite(_ x: Double?) -> Double? { x.flatMap { $0.isFinite ? $0 : nil } }

  static func condition(_ filter: AlertFilter) -> (sql: String, arguments: StatementArguments) {
    var parts: [String] = []
    var arguments = StatementArguments()
    func require(_ sql: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      parts.append(sql)
      arguments += [value]
    }
    require("time >= ?", filter.since?.microseconds)
    require("time <= ?", filter.until?.microseconds)
    require("highest_severity >= ?", filter.severity?.rawValue)
    require("entity = ?", filter.entity.map(column))
    require("entity_field = ?", filter.entityField.map(column))
    require("rule = ?", filter.rule.map(column))
    require("kind = ?", filter.kind?.rawValue)
    require("status = ?", filter.status?.rawValue)
    require("state = ?", filter.state?.rawValue)
    require("disposition = ?", filter.disposition?.rawValue)
    require("assignee = ?", filter.assignee.map(column))
    require("mapping = ?", filter.mapping.map(column))
    require("incident = ?", filter.incident.map(column))
    return (parts.isEmpty ? "" : "WHERE " + parts.joined(separator: " AND "), arguments)
  }

  /// The alert with this id, or the only one whose id starts so.
  static func only(_ prefix: String, _ database: GRDB.Database) throws -> StoredAlert {
    let shown = AlertCard.shown(prefix)
    if prefix.isEmpty { throw Failure(.usage, "an alert is named by the start of its id") }
    // Ids are hexadecimal digits, so "g" is above every continuation.
    let hexadecimal = prefix.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
    let rows =
      hexadecimal
      ? try Row.fetchAll(
        database, sql: "SELECT * FROM alerts WHERE id >= ? AND id < ? || 'g' ORDER BY id LIMIT 4",
        arguments: [prefix, prefix]) : []
    guard let first = rows.first else {
      throw Failure(
        .usage, "no alert has an id that starts with '\(shown)'",
        advice: "moonwatch alerts list shows them")
    }
    if rows.count > 1 && first["id"] != prefix {
      let ids = rows.prefix(3).map { row -> String in row["id"] }.joined(separator: ", ")
      throw Failure(
        .usage, "several alerts have an id that starts with '\(shown)'",
        advice: "give more of it: \(ids)\(rows.count > 3 ? ", …" : "")")
    }
    return try stored(first)
  }

  static func stored(_ row: Row) throws -> StoredAlert {
    let json: String = row["json"]
    let status: String = row["status"]
    let disposition: String? = row["disposition"]
    let closed: Int64? = row["closed"]
    return StoredAlert(
      alert: try AlertReader.alert(Array(json.utf8)),
      status: StoredAlert.Status(rawValue: status) ?? .open,
      state: AlertState(rawValue: row["state"]) ?? .new, assignee: row["assignee"],
      disposition: disposition.flatMap(StoredAlert.Disposition.init), note: row["note"],
      closedAt: closed.map(Timestamp.init(microseconds:)), joined: row["joined"],
      highestSeverity: try severity(row["highest_severity"]), highestScore: row["highest_score"],
      duplicateOf: row["duplicate_of"])
  }

  /// Columns that do not say what the alert says, with both; none where nobody changed them past the program.
  static func differences(_ row: Row) throws -> [(column: String, kept: String, alert: String)] {
    let json: String = row["json"]
    let alert = try AlertReader.alert(Array(json.utf8))
    let values = values(alert, Array(json.utf8), run: row["run"])
    return zip(columns, values).compactMap { name, value in
      if name == "json" { return nil }
      let kept: DatabaseValue = row[name]
      return kept == value ? nil : (name, kept.words, value.words)
    }
  }

  static func severity(_ number: Int) throws -> Severity {
    guard let severity = Severity(rawValue: number) else {
      throw Failure(
        .input,
        "an alert of the database has a severity of \(number): it was changed past the program",
        advice: "moonwatch audit verify names it")
    }
    return severity
  }
}

extension DatabaseValue {
  /// As it is told to people.
  fileprivate var words: String {
    switch storage {
    case .null: "missing"
    case .string(let text): text
    default: description
    }
  }
}
