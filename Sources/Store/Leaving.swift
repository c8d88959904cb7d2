import Cases
import GRDB
package import Primitives

/// How much a data directory keeps, and for how long.
package struct KeepingLimits: Hashable, Sendable {
  /// By when they were written, events and alerts leave.
  package var span: TimeSpan
  /// The most that packed events may take.
  package var bytes: Int
  /// The most that the rules, lists and models of then may take.
  package var setupBytes: Int

  package init(span: TimeSpan, bytes: Int, setupBytes: Int = SetupStore.mostBytes) {
    self.span = span
    self.bytes = bytes
    self.setupBytes = setupBytes
  }
}

/// What left in one step.
package struct Left: Hashable, Sendable {
  package var blocks = 0
  package var events = 0
  package var alerts = 0
  /// Findings that a mute kept quiet, whose alert has left, or that leave with it.
  package var findings = 0
  /// Times at which rules, lists and a model began to judge.
  package var setups = 0
  /// Whether another step finds more.
  package var hasMore = false
}

extension AlertStore {
  /// The most that leaves in one step, so that none holds up what is being judged.
  static let mostBlocks = 64
  static let mostAlerts = 500
  /// Pages of 4 KiB that are given back to the disk in one step.
  static let mostPages = 2048

  /// Lets go of what is older than the limits or beyond them, the oldest first, and gives its space back: a bounded step.
  package func leave(_ limits: KeepingLimits, at now: Timestamp) throws(Failure) -> Left {
    try database.write { database in
      var left = Left()
      let before = (now - limits.span).microseconds
      var total = try Int.fetchOne(database, sql: "SELECT total(size) FROM event_blocks") ?? 0
      let oldest = try Row.fetchAll(
        database,
        sql: "SELECT id, events, size, written FROM event_blocks ORDER BY written, id LIMIT ?",
        arguments: [AlertStore.mostBlocks + 1])
      let remove = try database.makeStatement(sql: "DELETE FROM event_blocks WHERE id = ?")
      for row in oldest {
        let written: Int64 = row["written"]
        guard written < before || total > limits.bytes else { break }
        if left.blocks == AlertStore.mostBlocks {
          left.hasMore = true
          break
        }
        let id: Int64 = row["id"]
        let (events, size): (Int, Int) = (row["events"], row["size"])
        try remove.execute(arguments: [id])
        left.blocks += 1
        left.events += events
        total -= size
      }
      let aged =
        "SELECT id FROM alerts WHERE written <> 0 AND written < ? ORDER BY written LIMIT ?"
      // Those that are counted with an alert leave with it, by a trigger that counts nothing.
      left.findings =
        try Int.fetchOne(
          database, sql: "SELECT count(*) FROM suppressed WHERE alert IN (\(aged))",
          arguments: [before, AlertStore.mostAlerts]) ?? 0
      try database.execute(
        sql: "DELETE FROM alerts WHERE id IN (\(aged))",
        arguments: [before, AlertStore.mostAlerts])
      left.alerts = database.changesCount
      if left.alerts == AlertStore.mostAlerts { left.hasMore = true }
      try database.execute(
        sql: """
          DELETE FROM suppressed WHERE finding IN
            (SELECT finding FROM suppressed WHERE written <> 0 AND written < ?
              AND (alert IS NULL OR alert NOT IN (SELECT id FROM alerts))
              ORDER BY written LIMIT ?)
          """, arguments: [before, AlertStore.mostAlerts])
      left.findings += database.changesCount
      if database.changesCount == AlertStore.mostAlerts { left.hasMore = true }
      let setups = try SetupRows.leave(before: before, bytes: limits.setupBytes, database)
      left.setups = setups.count
      if setups.hasMore { left.hasMore = true }
      if left.blocks + left.alerts + left.findings + left.setups > 0 {
        let before = Timestamp(microseconds: before).description
        let counts: [(String, Int)] = [
          ("events", left.events), ("event_blocks", left.blocks), ("alerts", left.alerts),
          ("findings", left.findings), ("setups", left.setups),
        ]
        let members = counts.map { JSONValue.Member($0.0, .integer(Int64($0.1))) }
        try pen.record(
          Change(
            "retention.leave", "data", "retention",
            after: .object([JSONValue.Member("written_before", .text(before))] + members)),
          database)
      }
      try AlertStore.giveBack(database)
      return left
    }
  }

  /// Free pages are used again; only where they are many does the file shrink, a few at a time.
  private static func giveBack(_ database: GRDB.Database) throws {
    let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
    let all = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
    guard free > max(256, all / 8) else { return }
    // It gives back a page a row.
    _ = try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum(\(min(free, mostPages)))")
  }
}
