package import Cases
import GRDB
package import Primitives

/// What people changed since an audit record, of all that judging asks for.
package struct DecidedSince: Sendable {
  /// The newest audit record: what is asked for next goes on from there.
  package var record: Int64
  /// Alerts that were closed or opened again, as they stand now.
  package var alerts: [Decisions.Decided] = []
  package var hasMutes = false
  package var hasOverrides = false
}

extension AlertStore {
  /// The number of the newest audit record; cheap to ask.
  package func newestRecord() throws(Failure) -> Int64 {
    try database.read(AlertStore.newestRecord)
  }

  private static func newestRecord(_ database: GRDB.Database) throws -> Int64 {
    try Int64.fetchOne(database, sql: "SELECT n FROM audit_head") ?? 0
  }

  /// What people changed after an audit record, of one moment; missing where there is no newer record. Costs as much as
  /// there are newer records, however long the audit is.
  package func decided(since record: Int64) throws(Failure) -> DecidedSince? {
    try database.read { database in
      let newest = try AlertStore.newestRecord(database)
      if newest == record { return nil }
      var decided = DecidedSince(record: newest)
      // By number: `+` keeps the index by kind, which holds years of them, out of it.
      let changes = try Row.fetchAll(
        database,
        sql: """
          SELECT DISTINCT kind, subject FROM audit WHERE n > ? AND (+kind IN ('mute', 'entity')
            OR (+kind = 'alert' AND json_valid(after)
              AND json_type(after, '$.disposition') IS NOT NULL))
          """, arguments: [record])
      let find = try database.cachedStatement(
        sql: "SELECT time, entity_field, entity, rule, disposition FROM alerts WHERE id = ?")
      for change in changes {
        let id: String = change["subject"]
        switch change["kind"] as String {
        case "mute": decided.hasMutes = true
        case "entity": decided.hasOverrides = true
        default:
          // One that has left meanwhile counts as it did.
          guard let row = try Row.fetchOne(find, arguments: [id]) else { continue }
          let field: String? = row[1]
          let value: String? = row[2]
          let rule: String? = row[3]
          let disposition: String? = row[4]
          decided.alerts.append(
            Decisions.Decided(
              id: id, time: Timestamp(microseconds: row[0]),
              entity: field.flatMap { field in value.map { Entity(field: field, value: $0) } },
              finder: rule ?? AlertFact.model,
              outcome: disposition.flatMap(AlertFact.Outcome.init(rawValue:))))
        }
      }
      return decided
    }
  }
}
