import Cases
import GRDB
package import Primitives

/// How much a data directory keeps, and for how long.
package struct KeepingLimits: Hashable, Sendable {
  /// By when they were written, events and alerts leave.
  package var span: TimeSpan
  /// The most that packed events may take.
  package var bytes: Int
  /// The most that alerts may take, with what was frozen and the findings that are counted with them.
  package var alertBytes: Int
  /// The most that the rules, lists and models of then may take.
  package var setupBytes: Int

  package init(
    span: TimeSpan, bytes: Int, alertBytes: Int = .max, setupBytes: Int = SetupStore.mostBytes
  ) {
    self.span = span
    self.bytes = bytes
    self.alertBytes = alertBytes
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

  package static let nothing = Left()

  package static func += (total: inout Left, step: Left) {
    total.blocks += step.blocks
    total.events += step.events
    total.alerts += step.alerts
    total.findings += step.findings
    total.setups += step.setups
    total.hasMore = step.hasMore
  }
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
      let alerts = try AlertStore.leavingAlerts(limits, before: before, database)
      var sealed: FindingSeals.State?
      if !alerts.ids.isEmpty {
        let ids = AlertFactRows.list(alerts.ids)
        let theirs = "alert IN (SELECT value FROM json_each(?))"
        // Those that are counted with an alert leave with it, by a trigger that counts nothing.
        left.findings =
          try Int.fetchOne(
            database, sql: "SELECT count(*) FROM suppressed WHERE \(theirs)", arguments: [ids]) ?? 0
        sealed = try FindingSeals.without(theirs, [ids], database)
        try database.execute(
          sql: "DELETE FROM alerts WHERE id IN (SELECT value FROM json_each(?))", arguments: [ids])
        left.alerts = database.changesCount
      }
      let lone = """
        finding IN (SELECT finding FROM suppressed WHERE written <> 0 AND written < ?
          AND (alert IS NULL OR alert NOT IN (SELECT id FROM alerts)) ORDER BY written LIMIT ?)
        """
      sealed = try FindingSeals.without(
        lone, [before, AlertStore.mostAlerts], from: sealed, database)
      try database.execute(
        sql: "DELETE FROM suppressed WHERE \(lone)", arguments: [before, AlertStore.mostAlerts])
      left.findings += database.changesCount
      if alerts.hasMore || database.changesCount == AlertStore.mostAlerts { left.hasMore = true }
      try FindingSeals.seal(sealed, force: true, pen, database)
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
            after: .object(
              [JSONValue.Member("written_before", .text(before))] + members + [
                JSONValue.Member("open_alerts", .integer(Int64(alerts.open))),
                JSONValue.Member("left", .list(alerts.ids.map(JSONValue.text))),
              ])), database)
      }
      try AlertStore.giveBack(database)
      return left
    }
  }

  /// What a kept finding takes, with its indexes, as measured on those of the demo.
  static let findingBytes = 420

  /// The oldest alerts that are older than the limits or beyond them, at most `mostAlerts`.
  private static func leavingAlerts(
    _ limits: KeepingLimits, before: Int64, _ database: GRDB.Database
  ) throws -> (ids: [String], open: Int, hasMore: Bool) {
    var total = try alertBytes(database)
    var leaving: (ids: [String], open: Int, hasMore: Bool) = ([], 0, false)
    let oldest = try Row.fetchCursor(
      database,
      sql: """
        SELECT id, written, size, status, joined FROM alerts WHERE written <> 0
        ORDER BY written, rowid LIMIT ?
        """, arguments: [mostAlerts + 1])
    while let row = try oldest.next() {
      let written: Int64 = row["written"]
      guard written < before || total > limits.alertBytes else { break }
      if leaving.ids.count == mostAlerts {
        leaving.hasMore = true
        break
      }
      let (size, joined): (Int, Int) = (row["size"], row["joined"])
      leaving.ids.append(row["id"])
      if row["status"] == StoredAlert.Status.open.rawValue { leaving.open += 1 }
      total -= size + joined * findingBytes
    }
    return leaving
  }

  /// What alerts take with what was frozen with them; findings by their number.
  static func alertBytes(_ database: GRDB.Database) throws -> Int {
    let alerts =
      try Int.fetchOne(
        database, sql: "SELECT CAST(total(size) AS INTEGER) FROM alerts WHERE written <> 0") ?? 0
    let findings = try Int.fetchOne(database, sql: "SELECT count(*) FROM suppressed") ?? 0
    return alerts + findings * findingBytes
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
