package import Cases
import GRDB
package import Primitives

/// What people decide about an alert. Each decision is one transaction with its audit record.
extension AlertStore {
  /// Somebody has seen it.
  @discardableResult
  package func acknowledge(_ idOrPrefix: String, note: String? = nil) throws(Failure) -> StoredAlert
  {
    try decide(idOrPrefix, "alert.ack", note: note) { (alert) throws(Failure) in
      try alert.requireOpen()
      guard alert.state == .new else { throw alert.refused("already \(alert.state.phrase)") }
      alert.state = .acknowledged
    }
  }

  /// Somebody works on it: the one who says so, where it is nobody's yet.
  @discardableResult
  package func start(_ idOrPrefix: String, note: String? = nil) throws(Failure) -> StoredAlert {
    let name = pen.actor.name
    return try decide(idOrPrefix, "alert.start", note: note) { (alert) throws(Failure) in
      try alert.requireOpen()
      guard alert.state != .inProgress else { throw alert.refused("already in progress") }
      alert.state = .inProgress
      alert.assignee = alert.assignee ?? name
    }
  }

  /// Gives it to somebody, or to nobody.
  @discardableResult
  package func assign(
    _ idOrPrefix: String, to name: String?, note: String? = nil
  ) throws(Failure) -> StoredAlert {
    try decide(idOrPrefix, "alert.assign", note: note) { (alert) throws(Failure) in
      try alert.requireOpen()
      if alert.assignee == name {
        throw alert.refused(name.map { "already \($0)'s" } ?? "nobody's already")
      }
      alert.assignee = name
    }
  }

  /// Adds a note to its history, open or closed.
  @discardableResult
  package func note(_ idOrPrefix: String, _ text: String) throws(Failure) -> StoredAlert {
    try decide(idOrPrefix, "alert.note", note: text) { (_) throws(Failure) in }
  }

  /// Closes an open alert, named by id or unique prefix, with what it turned out to be.
  ///
  /// - Parameter other: which alert tells the same, in the same way; of duplicates alone.
  @discardableResult
  package func close(
    _ idOrPrefix: String, _ disposition: StoredAlert.Disposition, of other: String? = nil,
    note: String? = nil, at time: Timestamp
  ) throws(Failure) -> StoredAlert {
    try database.write { database in
      let found = try AlertRows.only(idOrPrefix, database)
      let original = try other.map { try AlertStore.original($0, of: found, database) }
      try AlertStore.decide(found, "alert.close", note: note, pen, database) {
        (alert) throws(Failure) in
        try alert.requireOpen()
        alert.close(as: disposition, note: note, at: time)
        alert.duplicateOf = original
      }
      return try AlertRows.only(found.alert.id, database)
    }
  }

  /// The alert that another is a duplicate of: the first of those that are duplicates of each other.
  private static func original(
    _ idOrPrefix: String, of duplicate: StoredAlert, _ database: GRDB.Database
  ) throws -> String {
    var original = try AlertRows.only(idOrPrefix, database)
    var seen: Set<String> = [duplicate.alert.id]
    while seen.insert(original.alert.id).inserted {
      guard let next = original.duplicateOf,
        let row = try Row.fetchOne(
          database, sql: "SELECT * FROM alerts WHERE id = ?", arguments: [next])
      else { return original.alert.id }
      original = try AlertRows.stored(row)
    }
    throw Failure(
      .usage, "alert \(duplicate.alert.id) would be a duplicate of itself",
      advice: "name the alert that stays open")
  }

  /// Makes a closed alert open again; its note stays.
  @discardableResult
  package func reopen(_ idOrPrefix: String, note: String? = nil) throws(Failure) -> StoredAlert {
    try decide(idOrPrefix, "alert.reopen", note: note) { (alert) throws(Failure) in
      guard alert.status == .closed else {
        throw alert.refused("open (\(alert.state.phrase)): there is nothing to open again")
      }
      alert.status = .open
      alert.state = .acknowledged
      alert.disposition = nil
      alert.duplicateOf = nil
      alert.closedAt = nil
    }
  }

  /// What was done with it, oldest first.
  package func history(_ idOrPrefix: String) throws(Failure) -> AlertHistory {
    try database.read { database in
      let stored = try AlertRows.only(idOrPrefix, database)
      let id = stored.alert.id
      let run = try Row.fetchOne(
        database,
        sql:
          "SELECT runs.id, command, started FROM runs JOIN alerts ON run = runs.id WHERE alerts.id = ?",
        arguments: [id])
      let records = try Row.fetchAll(
        database, sql: "SELECT * FROM audit WHERE kind = 'alert' AND subject = ? ORDER BY n",
        arguments: [id]
      ).map(AuditLog.record)
      return AlertHistory(
        stored: stored, run: run.map { "run \($0["id"] as Int64) (\($0["command"] as String))" },
        records: records)
    }
  }

  func decide(
    _ idOrPrefix: String, _ action: String, note: String?,
    _ change: (inout StoredAlert) throws(Failure) -> Void
  ) throws(Failure) -> StoredAlert {
    try database.write { database in
      let found = try AlertRows.only(idOrPrefix, database)
      try AlertStore.decide(found, action, note: note, pen, database, change)
      return try AlertRows.only(found.alert.id, database)
    }
  }

  /// Within the caller's transaction.
  static func decide(
    _ found: StoredAlert, _ action: String, note: String?, _ pen: AuditPen,
    _ database: GRDB.Database, _ change: (inout StoredAlert) throws(Failure) -> Void
  ) throws {
    var alert = found
    try change(&alert)
    let (before, after) = (found.standing, alert.standing)
    let changed = zip(before, after).filter { $0.0 != $0.1 }
    let record = try pen.record(
      Change(
        action, "alert", alert.alert.id,
        before: changed.isEmpty ? nil : .object(changed.map { $0.0 }),
        after: changed.isEmpty ? nil : .object(changed.map { $0.1 }), note: note), database)
    try database.execute(
      sql: """
        UPDATE alerts SET status = ?, state = ?, assignee = ?, disposition = ?, note = ?, closed = ?,
          audit = ?, duplicate_of = ? WHERE id = ?
        """,
      arguments: [
        alert.status.rawValue, alert.state.rawValue, alert.assignee.map(AlertRows.column),
        alert.disposition?.rawValue, alert.note.map(AlertRows.column),
        alert.closedAt?.microseconds, record, alert.duplicateOf, alert.alert.id,
      ])
  }
}

/// An alert's life so far.
package struct AlertHistory: Sendable {
  package var stored: StoredAlert
  /// Which run wrote it last.
  package var run: String?
  /// What people did, oldest first.
  package var records: [AuditRecord]
}

extension StoredAlert {
  /// What decisions change, for the audit.
  fileprivate var standing: [JSONValue.Member] {
    [
      .init("status", .text(status.rawValue)), .init("state", .text(state.rawValue)),
      .init("assignee", assignee.map(JSONValue.text) ?? .null),
      .init("disposition", disposition.map { .text($0.rawValue) } ?? .null),
      .init("duplicate_of", duplicateOf.map(JSONValue.text) ?? .null),
    ]
  }

  func refused(_ why: String) -> Failure {
    Failure(
      .usage, "alert \(alert.id) is \(AlertCard.shown(why))",
      advice: "moonwatch alerts show \(alert.id.prefix(10)) tells where it stands")
  }

  func requireOpen() throws(Failure) {
    guard let disposition else { return }
    throw Failure(
      .usage, "alert \(alert.id) is already closed as \(disposition.word)",
      advice: "moonwatch alerts reopen opens it again")
  }

  mutating func close(as disposition: Disposition, note: String?, at time: Timestamp) {
    status = .closed
    state = .resolved
    self.disposition = disposition
    if let note { self.note = note }
    closedAt = time
  }
}
