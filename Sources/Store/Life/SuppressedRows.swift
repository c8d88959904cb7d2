package import Cases
import Detection
import GRDB
package import Primitives

/// Findings that raised no alert of their own, as rows.
enum SuppressedRows {
  /// A finding that comes again replaces what is known of it; one that became an alert since is no longer suppressed.
  static func write(
    _ findings: [SuppressedFinding], raised: [NewAlert], run: Int64, _ pen: AuditPen,
    _ database: GRDB.Database
  ) throws {
    if findings.isEmpty && raised.isEmpty { return }
    let ids = AlertFactRows.list(findings.map(\.id) + raised.map(\.alert.id))
    let sealed = try FindingSeals.without(
      "finding IN (SELECT value FROM json_each(?))", [ids], database)
    try write(findings, raised: raised, run: run, database)
    try FindingSeals.seal(sealed, pen, database)
  }

  private static func write(
    _ findings: [SuppressedFinding], raised: [NewAlert], run: Int64, _ database: GRDB.Database
  ) throws {
    if !raised.isEmpty {
      let forget = try database.cachedStatement(sql: "DELETE FROM suppressed WHERE finding = ?")
      for new in raised { try forget.execute(arguments: [new.alert.id]) }
    }
    if findings.isEmpty { return }
    let insert = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO suppressed (finding, reason, alert, mute, time, event_id, source,
          entity_field, entity, rule, mapping, score, severity, message, run)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    for one in findings {
      try insert.execute(arguments: [
        one.id, one.reason.rawValue, one.alertID, one.mute, one.time.microseconds,
        AlertRows.column(one.eventID), AlertRows.column(one.source),
        one.entity.map { AlertRows.column($0.field) },
        one.entity.map { AlertRows.column($0.value) }, one.rule.map(AlertRows.column),
        one.mapping.map(AlertRows.column), one.score, one.severity.rawValue,
        AlertRows.column(one.message), run,
      ])
    }
  }

  static func finding(_ row: Row) throws -> SuppressedFinding {
    let field: String? = row["entity_field"]
    let value: String? = row["entity"]
    return SuppressedFinding(
      id: row["finding"],
      reason: SuppressedFinding.Reason(rawValue: row["reason"]) ?? .joined, alertID: row["alert"],
      mute: row["mute"], time: Timestamp(microseconds: row["time"]), eventID: row["event_id"],
      source: row["source"],
      entity: field.flatMap { field in value.map { Entity(field: field, value: $0) } },
      rule: row["rule"], mapping: row["mapping"], score: row["score"],
      severity: try AlertRows.severity(row["severity"]), message: row["message"])
  }
}

extension AlertStore {
  /// Findings that were counted with an alert instead of raising their own, newest first, at most `limit`.
  package func suppressed(
    withAlert id: String, limit: Int = 100
  ) throws(Failure) -> [SuppressedFinding] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM suppressed WHERE alert = ? ORDER BY time DESC, finding LIMIT ?",
        arguments: [id, max(0, limit)]
      ).map(SuppressedRows.finding)
    }
  }

  /// Findings on an event that raised no alert of their own.
  package func suppressed(onEvent id: String) throws(Failure) -> [SuppressedFinding] {
    try database.read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM suppressed WHERE event_id = ? ORDER BY time DESC, finding",
        arguments: [AlertRows.column(id)]
      ).map(SuppressedRows.finding)
    }
  }

  /// Findings that a mute kept quiet, newest first.
  package func suppressed(
    byMute number: Int64, limit: Int = 100
  ) throws(Failure) -> [SuppressedFinding] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM suppressed WHERE mute = ? ORDER BY time DESC, finding LIMIT ?",
        arguments: [number, max(0, limit)]
      ).map(SuppressedRows.finding)
    }
  }
}
