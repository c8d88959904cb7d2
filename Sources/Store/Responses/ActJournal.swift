import Cases
import GRDB
package import Primitives

/// The acts of a data directory: each is written down before it is done and after, with a record in the audit.
package struct ActJournal: Sendable {
  let database: Database
  let pen: AuditPen

  package init(_ database: Database, pen: AuditPen) {
    self.database = database
    self.pen = pen
  }

  package enum Standing: Hashable, Sendable {
    /// It is the caller's to do, for the time of this number.
    case go(attempt: Int)
    /// It was done before, with this answer.
    case done(String)
    /// It is not done: why.
    case refused(String)
  }

  /// Writes down that an act is about to be done, and says whether it may be.
  package func begin(_ entry: ActEntry) throws(Failure) -> Standing {
    try database.write { try begin(entry, $0) }
  }

  private func begin(_ entry: ActEntry, _ database: GRDB.Database) throws -> Standing {
    let row = try Row.fetchOne(
      database, sql: "SELECT state, attempts, answer, reason FROM acts WHERE key = ?",
      arguments: [entry.key])
    guard let row else {
      try insert(entry, database)
      try note("act-begin", entry, nil, database)
      return .go(attempt: 1)
    }
    let reason: String? = row["reason"]
    switch StoredAct.State(rawValue: row["state"]) {
    case .done: return .done(row["answer"] ?? "null")
    case .waiting:
      let attempt = (row["attempts"] as Int) + 1
      // Between two tries somebody may have mended a setting.
      try database.execute(
        sql: """
          UPDATE acts SET state = 'begun', attempts = ?, arguments = ?, ended = NULL WHERE key = ?
          """, arguments: [attempt, AlertRows.column(entry.arguments), entry.key])
      try note("act-begin", entry, "try \(attempt)", database)
      return .go(attempt: attempt)
    case .begun:
      // What a kill left was told at the start.
      try end(entry, .unknown(ActJournal.unwritten), database)
      return .refused(ActJournal.unwritten)
    case .failed, .unknown, .dropped, nil: return .refused(reason ?? "it failed before")
    }
  }

  static let lost = "the program ended while it was done, and whether it was is not known"
  static let unwritten = "its end could not be written down, and whether it was done is not known"

  package enum End: Hashable, Sendable {
    /// JSON, without secrets.
    case done(String)
    /// It is tried again later.
    case again(String)
    case failed(String)
    /// Whether it was done, nobody here knows.
    case unknown(String)
  }

  /// Writes down how an act that was begun ended.
  package func end(_ entry: ActEntry, _ end: End) throws(Failure) {
    try database.write { try self.end(entry, end, $0) }
  }

  func end(_ entry: ActEntry, _ end: End, _ database: GRDB.Database) throws {
    let values: (state: StoredAct.State, answer: String?, reason: String?, word: String)
    switch end {
    case .done(let answer): values = (.done, answer, nil, "act-done")
    case .again(let reason): values = (.waiting, nil, reason, "act-again")
    case .failed(let reason): values = (.failed, nil, reason, "act-failed")
    case .unknown(let reason): values = (.unknown, nil, reason, "act-unknown")
    }
    try database.execute(
      sql: "UPDATE acts SET state = ?, answer = ?, reason = ?, ended = ? WHERE key = ?",
      arguments: [
        values.state.rawValue, values.answer.map(AlertRows.column),
        values.reason.map(AlertRows.column), pen.now().microseconds, entry.key,
      ])
    try note(values.word, entry, values.reason, database)
  }

  /// Writes a line beneath an alert: the one act that is done in the transaction that says so, and so exactly once.
  package func comment(
    _ entry: ActEntry, on alert: String, _ text: String
  ) throws(Failure) -> Standing {
    try database.write { database in
      let standing = try begin(entry, database)
      guard case .go = standing else { return standing }
      let found = try AlertRows.only(alert, database)
      try AlertStore.decide(found, "alert.note", note: text, pen, database) { (_) throws(Failure) in
      }
      let answer = #"{"ok":true}"#
      try end(entry, .done(answer), database)
      return .done(answer)
    }
  }

  /// After a start: what was under way when the program ended is done by nobody again. Returns those acts.
  package func recover() throws(Failure) -> [StoredAct] {
    try database.write { database in
      let lost = try ActJournal.acts("WHERE acts.state = 'begun' ORDER BY acts.begun", [], database)
      for act in lost { try end(act.entry, .unknown(ActJournal.lost), database) }
      return lost
    }
  }

  /// What the other side said goes where nothing walks the acts again; that it answered stays.
  ///
  /// An escalation that ended is walked again while a person may have one of its acts tried again.
  static func forgetAnswers(of response: Int64, _ database: GRDB.Database) throws {
    try database.execute(
      sql: """
        UPDATE acts SET answer = json_remove(answer, '$.body')
        WHERE response = ?1 AND json_valid(answer) AND EXISTS (
          SELECT 1 FROM responses WHERE id = ?1 AND state IN ('done', 'failed') AND (
            kind = 'playbook' OR NOT EXISTS (
              SELECT 1 FROM acts WHERE response = ?1 AND state IN ('failed', 'unknown'))))
        """, arguments: [response])
  }

  private func insert(_ entry: ActEntry, _ database: GRDB.Database) throws {
    try database.execute(
      sql: """
        INSERT INTO acts (key, response, step, undo, act, arguments, state, attempts, begun)
        VALUES (?, ?, ?, ?, ?, ?, 'begun', 1, ?)
        """,
      arguments: [
        entry.key, entry.response, AlertRows.column(entry.step), entry.isUndo, entry.act,
        AlertRows.column(entry.arguments), pen.now().microseconds,
      ])
  }

  /// A record about the alert, so that it stands in the alert's own history.
  func note(
    _ word: String, _ entry: ActEntry, _ reason: String?, _ database: GRDB.Database
  ) throws {
    try ActJournal.record(
      word, entry.plugin, entry.alert,
      [.init("act", .text(entry.act)), .init("key", .text(entry.key))],
      "\(entry.plugin): \(entry.isUndo ? "undo " : "")\(entry.act)"
        + (reason.map { ": \($0)" } ?? ""), pen, database)
  }

  static func record(
    _ word: String, _ plugin: String, _ alert: String, _ members: [JSONValue.Member],
    _ note: String, _ pen: AuditPen, _ database: GRDB.Database
  ) throws {
    let number = try pen.record(
      Change(
        "alert.\(word)", "alert", alert,
        after: .object([.init("plugin", .text(plugin))] + members), note: note), database)
    try database.execute(
      sql: "UPDATE alerts SET audit = ? WHERE id = ?", arguments: [number, alert])
  }

  static func acts(
    _ condition: String, _ arguments: StatementArguments, _ database: GRDB.Database
  ) throws -> [StoredAct] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT acts.*, responses.plugin, responses.alert FROM acts
        JOIN responses ON responses.id = acts.response \(condition)
        """, arguments: arguments
    ).map { row in
      let ended: Int64? = row["ended"]
      return StoredAct(
        key: row["key"], response: row["response"], plugin: row["plugin"], alert: row["alert"],
        step: row["step"], isUndo: row["undo"], act: row["act"], arguments: row["arguments"],
        state: StoredAct.State(rawValue: row["state"]) ?? .unknown, attempts: row["attempts"],
        answer: row["answer"], reason: row["reason"],
        begun: Timestamp(microseconds: row["begun"]),
        ended: ended.map(Timestamp.init(microseconds:)))
    }
  }
}

extension StoredAct {
  var entry: ActEntry {
    ActEntry(
      key: key, response: response, plugin: plugin, alert: alert, step: step, isUndo: isUndo,
      act: act, arguments: arguments)
  }
}
