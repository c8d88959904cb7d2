import Cases
import GRDB
import Primitives

/// Whether alerts stand where the audit says that people put them: the table is what everything is computed from, and the chain
/// what was decided.
enum StandingCheck {
  /// What decisions change, as columns and as keys of their records.
  private static let keys = ["status", "state", "disposition", "assignee", "duplicate_of"]
  private static let undecided: [String: String?] = ["status": "open", "state": "new"]

  /// Alerts that stand otherwise than their records say, in order of id, with what is wrong in words.
  static func mismatches(_ database: GRDB.Database) throws -> [AuditVerdict.Mismatch] {
    let decided = try decisions(database)
    let first = try Int64.fetchOne(database, sql: "SELECT time FROM audit WHERE n = 1") ?? .max
    var found: [AuditVerdict.Mismatch] = []
    let alerts = try Row.fetchCursor(
      database,
      sql: "SELECT id, written, closed, \(keys.joined(separator: ", ")) FROM alerts ORDER BY id")
    while let row = try alerts.next() {
      let id: String = row["id"]
      let known = decided[id]
      let wanted = known?.values ?? undecided
      if keys.allSatisfy({ (row[$0] as String?) == (wanted[$0] ?? nil) }) { continue }
      // What was closed before there was an audit has no record.
      let written: Int64 = row["written"]
      if known == nil, let closed = row["closed"] as Int64?, max(closed, written) < first {
        continue
      }
      let now = words(keys.map { ($0, row[$0] as String?) })
      let then = words(keys.map { ($0, wanted[$0] ?? nil) })
      let source = known.map { "record \($0.record) left it" } ?? "no record tells of it, so it is"
      found.append(
        AuditVerdict.Mismatch(
          kind: .alert, id: id, what: "it stands as \(now), but \(source) \(then)"))
    }
    return found
  }

  /// How the records leave each alert that is there, and the last of them.
  private static func decisions(
    _ database: GRDB.Database
  ) throws -> [String: (values: [String: String?], record: Int64)] {
    // When retention let go of something, in order.
    let left = try Row.fetchAll(
      database, sql: "SELECT n, time FROM audit WHERE action = 'retention.leave' ORDER BY n"
    ).map { (record: $0["n"] as Int64, time: $0["time"] as Int64) }
    var decided: [String: (values: [String: String?], record: Int64)] = [:]
    let records = try Row.fetchCursor(
      database,
      sql: """
        SELECT audit.n, audit.subject, audit.after, alerts.written FROM audit
        JOIN alerts ON alerts.id = audit.subject WHERE audit.kind = 'alert' ORDER BY audit.n
        """)
    while let row = try records.next() {
      let (record, written): (Int64, Int64) = (row["n"], row["written"])
      // An alert that left and was raised again begins anew: what was decided before it was written is of another one.
      let begun = left.last { $0.time <= written }?.record ?? 0
      if record < begun { continue }
      let id: String = row["subject"]
      var values = decided[id]?.values ?? undecided
      for member in AuditValues.read(row["after"]).members ?? [] where keys.contains(member.key) {
        values[member.key] = .some(member.value.text)
      }
      decided[id] = (values, record)
    }
    return decided
  }

  /// `resolved as benign, ana's`
  private static func words(_ values: [(String, String?)]) -> String {
    let known = Dictionary(values, uniquingKeysWith: { first, _ in first }).compactMapValues { $0 }
    var text = (known["state"] ?? "no state").replacing("_", with: " ")
    if known["status"] != (known["state"] == "resolved" ? "closed" : "open") {
      text += " (\(known["status"] ?? "no status"))"
    }
    if let word = known["disposition"] { text += " as \(word.replacing("_", with: " "))" }
    if let other = known["duplicate_of"] { text += " of \(other)" }
    if let name = known["assignee"] { text += ", \(name)'s" }
    return text
  }
}
