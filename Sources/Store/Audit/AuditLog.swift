package import Cases
import Foundation
import GRDB
package import Primitives

/// The audit chain of a data directory, as it is read: who changed what, and whether it is whole.
package struct AuditLog: Sendable {
  let database: Database

  package init(_ database: Database) { self.database = database }

  /// Which records are asked for; all that is said must hold. Newest first.
  package struct Filter: Hashable, Sendable {
    /// The first included, the last not.
    package var since: Timestamp?
    package var until: Timestamp?
    /// The actor's name.
    package var who: String?
    /// An action (`alert.close`) or the first word of some (`alert`).
    package var action: String?
    /// What it was done to, or the beginning of its id.
    package var subject: String?
    package var kind: String?
    package var limit: Int?

    package init() {}
  }

  package func records(_ filter: Filter) throws(Failure) -> [AuditRecord] {
    var parts: [String] = []
    var arguments = StatementArguments()
    func require(_ sql: String, _ values: (any DatabaseValueConvertible)?...) {
      if values.contains(where: { $0 == nil }) { return }
      parts.append(sql)
      for value in values { arguments += [value] }
    }
    require("time >= ?", filter.since?.microseconds)
    require("time < ?", filter.until?.microseconds)
    require("actor = ?", filter.who)
    require(
      "(action = ? OR substr(action, 1, length(?) + 1) = ? || '.')", filter.action, filter.action,
      filter.action)
    require("kind = ?", filter.kind)
    require("substr(subject, 1, length(?)) = ?", filter.subject, filter.subject)
    let condition = parts.isEmpty ? "" : "WHERE " + parts.joined(separator: " AND ")
    var sql = "SELECT * FROM audit \(condition) ORDER BY n DESC"
    if let limit = filter.limit { sql += " LIMIT \(max(0, limit))" }
    return try database.read { database in
      try Row.fetchAll(database, sql: sql, arguments: arguments).map(AuditLog.record)
    }
  }

  /// A row whose cells were tampered with must be shown, not end the program.
  static func record(_ row: Row) -> AuditRecord {
    func text(_ column: String) -> String? { String.fromDatabaseValue(row[column]) }
    func integer(_ column: String) -> Int64 { Int64.fromDatabaseValue(row[column]) ?? 0 }
    func bytes(_ column: String) -> [UInt8] {
      Data.fromDatabaseValue(row[column]).map(Array.init) ?? []
    }
    return AuditRecord(
      number: integer("n"), time: Timestamp(microseconds: integer("time")),
      actor: Actor(
        text("actor_kind").flatMap(Actor.Kind.init) ?? .system, text("actor") ?? "",
        account: text("account") ?? ""),
      action: text("action") ?? "", kind: text("kind") ?? "", subject: text("subject") ?? "",
      before: text("before"), after: text("after"), note: text("note"),
      previous: bytes("previous"), seal: bytes("seal"))
  }
}
