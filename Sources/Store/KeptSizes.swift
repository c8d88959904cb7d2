import GRDB
package import Primitives

/// What a data directory holds, kind by kind.
package struct KeptSizes: Hashable, Sendable {
  package struct Part: Hashable, Sendable {
    package var count: Int
    /// Missing where it is not counted by itself.
    package var bytes: Int?
    /// When the oldest was written; missing where there is none.
    package var oldest: Timestamp?
  }

  package var events: Part
  /// With what was frozen with them and, by `AlertStore.findingBytes` each, the kept findings.
  package var alerts: Part
  package var openAlerts: Int
  package var findings: Part
  /// Never leave.
  package var auditRecords: Part
  /// The database file, and what of it is free to be used again.
  package var fileBytes: Int
  package var freeBytes: Int
}

extension AlertStore {
  package func sizes() throws(Failure) -> KeptSizes {
    try database.read { database in
      func part(_ table: String, _ age: String, count: String, bytes: Int?) throws
        -> KeptSizes.Part
      {
        let oldest = try Int64.fetchOne(
          database, sql: "SELECT min(\(age)) FROM \(table) WHERE \(age) <> 0")
        return KeptSizes.Part(
          count: try Int.fetchOne(database, sql: "SELECT \(count) FROM \(table)") ?? 0,
          bytes: bytes,
          oldest: oldest.map(Timestamp.init(microseconds:)))
      }
      let packed = try Int.fetchOne(
        database, sql: "SELECT CAST(total(size) AS INTEGER) FROM event_blocks")
      let page = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
      return KeptSizes(
        events: try part(
          "event_blocks", "written", count: "CAST(total(events) AS INTEGER)", bytes: packed),
        alerts: try part(
          "alerts", "written", count: "count(*)", bytes: AlertStore.alertBytes(database)),
        openAlerts: try Int.fetchOne(
          database, sql: "SELECT count(*) FROM alerts WHERE status = 'open'") ?? 0,
        findings: try part("suppressed", "written", count: "count(*)", bytes: nil),
        auditRecords: try part("audit", "time", count: "count(*)", bytes: nil),
        fileBytes: page * (try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0),
        freeBytes: page * (try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0))
    }
  }

  /// Gives all pages that hold nothing back to the disk; gives how many bytes those are.
  package func vacuum() throws(Failure) -> Int {
    try database.alone { database in
      let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
      let page = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
      // It gives back a page a row.
      _ = try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum")
      // What is gone from the file is gone from the disk when the log has gone into it.
      _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      let rest = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
      return max(0, free - rest) * page
    }
  }
}
