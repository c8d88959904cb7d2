import Cases
import GRDB
package import Primitives

/// Which escalations and playbooks are owed, begun and done.
package struct ResponseStore: Sendable {
  let database: Database
  let pen: AuditPen

  package init(_ database: Database, pen: AuditPen) {
    self.database = database
    self.pen = pen
  }

  package var journal: ActJournal { ActJournal(database, pen: pen) }

  /// Writes down what alerts set off, in the transaction of the alerts. What is there stays as it is, unless it was
  /// withheld and is now to be done.
  static func write(
    _ owed: [OwedResponse], at now: Timestamp, _ database: GRDB.Database
  ) throws {
    if owed.isEmpty { return }
    let insert = try database.cachedStatement(
      sql: """
        INSERT INTO responses (plugin, kind, alert, state, due, reason, limited_by, input, updated)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (plugin, alert) DO UPDATE SET state = excluded.state, due = excluded.due,
          reason = excluded.reason, input = excluded.input, updated = excluded.updated
          WHERE state = 'withheld' AND begun IS NULL AND excluded.state = 'due'
        """)
    for one in owed {
      let state = one.withheld == nil ? StoredResponse.State.due : .withheld
      try insert.execute(arguments: [
        one.plugin, one.kind.rawValue, one.alert, state.rawValue, one.due.microseconds,
        one.withheld.map(AlertRows.column), AlertRows.column(one.limitedBy),
        AlertRows.column(one.input),
        now.microseconds,
      ])
    }
  }

  /// What is to be done at ?1: what is due, what was begun, and questions whose time is over. First as the index says it.
  private static let isDue = """
    \(ResponseSchema.isOpen) AND (state = 'running' OR (state = 'due' AND due <= ?1)
      OR (state = 'asking' AND until <= ?1))
    """

  /// The plugins, also those that are gone, of which something is to be done now.
  package func waiting(at now: Timestamp) throws(Failure) -> [String] {
    try database.read { database in
      // From one name to the next, however many rows each has.
      try String.fetchAll(
        database,
        sql: """
          WITH RECURSIVE names (name) AS (
            SELECT min(plugin) FROM responses WHERE \(ResponseSchema.isOpen)
            UNION ALL
            SELECT (SELECT min(plugin) FROM responses WHERE \(ResponseSchema.isOpen) AND plugin > name)
            FROM names WHERE name IS NOT NULL)
          SELECT name FROM names
          WHERE EXISTS (SELECT 1 FROM responses WHERE plugin = name AND \(ResponseStore.isDue))
          """, arguments: [now.microseconds])
    }
  }

  /// What of a plugin is to be done now, in order of time.
  package func due(
    of plugin: String, at now: Timestamp, limit: Int
  ) throws(Failure) -> [StoredResponse] {
    try database.read { database in
      try ResponseStore.fetch(
        "WHERE plugin = ?2 AND \(ResponseStore.isDue) ORDER BY due, id LIMIT ?3",
        [now.microseconds, plugin, limit], database)
    }
  }

  /// As it is now; nothing where its alert has left.
  package func response(_ id: Int64) throws(Failure) -> StoredResponse? {
    try database.read { try ResponseStore.fetch("WHERE id = ?", [id], $0).first }
  }

  /// Begins an owed response, or withholds it where somebody has taken the alert on or its limit is reached.
  ///
  /// - Parameters:
  ///   - source: the digest of the plugin's text.
  ///   - limit: at most so many begun within a time, by what it is counted for.
  ///   - stopsWhenClaimed: whether it is for alerts only that nobody has taken on.
  /// - Returns: whether it is to be done.
  package func begin(
    _ response: StoredResponse, source: String, limit: (count: Int, every: TimeSpan)?,
    stopsWhenClaimed: Bool
  ) throws(Failure) -> Bool {
    try database.write { database in
      let now = pen.now()
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT responses.state, limited_by, alerts.status, alerts.state AS stands, assignee
          FROM responses JOIN alerts ON alerts.id = alert WHERE responses.id = ?
          """, arguments: [response.id])
      guard let row, row["state"] == "due" else { return false }
      if stopsWhenClaimed,
        row["status"] != "open" || row["stands"] != "new" || (row["assignee"] as String?) != nil
      {
        try settle(response, .withheld, "somebody has taken the alert on", database)
        return false
      }
      if let limit {
        let done =
          try Int.fetchOne(
            database,
            sql:
              "SELECT count(*) FROM responses WHERE plugin = ? AND limited_by = ? AND begun > ?",
            arguments: [
              response.plugin, row["limited_by"] as String,
              (now - limit.every).microseconds,
            ]) ?? 0
        if done >= limit.count {
          try settle(
            response, .withheld, "its limit of \(limit.count) in this time is reached", database)
          return false
        }
      }
      try database.execute(
        sql:
          "UPDATE responses SET state = 'running', source = ?, begun = ?, updated = ? WHERE id = ?",
        arguments: [source, now.microseconds, now.microseconds, response.id])
      return true
    }
  }

  /// Writes down that a response ended, with the reason where it did not as it should.
  package func settle(
    _ response: StoredResponse, _ state: StoredResponse.State, _ reason: String? = nil
  ) throws(Failure) {
    try database.write { try settle(response, state, reason, $0) }
  }

  private func settle(
    _ response: StoredResponse, _ state: StoredResponse.State, _ reason: String?,
    _ database: GRDB.Database
  ) throws {
    try database.execute(
      sql: """
        UPDATE responses SET state = ?, reason = ?, step = NULL, question = NULL, choices = NULL,
          until = NULL, updated = ? WHERE id = ?
        """,
      arguments: [
        state.rawValue, reason.map(AlertRows.column), pen.now().microseconds, response.id,
      ])
    // Nobody comes back for them but a person.
    for act in try ActJournal.acts(
      "WHERE response = ? AND acts.state = 'waiting'", [response.id], database)
    {
      try journal.end(act.entry, .failed(reason ?? "it was not asked for again"), database)
    }
    try ActJournal.forgetAnswers(of: response.id, database)
    try ActJournal.record(
      "response-\(state.rawValue)", response.plugin, response.alert, [],
      "\(response.plugin): \(state.rawValue)" + (reason.map { ": \($0)" } ?? ""), pen, database)
  }

  /// Writes down with which text of its plugin a response goes on.
  package func goOn(_ response: StoredResponse, source: String) throws(Failure) {
    try database.write { database in
      try database.execute(
        sql: "UPDATE responses SET source = ? WHERE id = ?", arguments: [source, response.id])
    }
  }

  /// Asks a person, until a time.
  package func ask(
    _ response: StoredResponse, _ question: StoredResponse.Question
  ) throws(Failure) {
    try database.write { database in
      try database.execute(
        sql: """
          UPDATE responses SET state = 'asking', step = ?, question = ?, choices = ?, until = ?,
            updated = ? WHERE id = ?
          """,
        arguments: [
          AlertRows.column(question.step), AlertRows.column(question.text),
          JSONValue.list(question.choices.map(JSONValue.text)).serialized(),
          question.until.microseconds, pen.now().microseconds, response.id,
        ])
      try ActJournal.record(
        "response-asks", response.plugin, response.alert, [],
        "\(response.plugin): \(question.text)", pen, database)
    }
  }

  /// Takes an answer to the open question; a person's where the pen is one's.
  ///
  /// - Parameter choice: one of the choices; the one that holds otherwise where nobody answered.
  package func answer(
    _ id: Int64, _ choice: String, nobody: Bool = false
  ) throws(Failure) -> StoredResponse {
    try database.write { database in
      let found = try ResponseStore.only(id, database)
      guard found.state == .asking, let question = found.question else {
        throw Failure(
          .usage, "response \(id) asks nothing now: it is \(found.state.rawValue)",
          advice: "moonwatch responses list --state asking shows what is asked")
      }
      guard question.choices.contains(choice) else {
        throw Failure(
          .usage, "'\(choice)' is no answer to '\(question.text)'",
          advice: "one of \(question.choices.joined(separator: ", "))")
      }
      let answer = StoredResponse.Answer(
        step: question.step, choice: choice, by: nobody ? nil : pen.actor.name, time: pen.now())
      try database.execute(
        sql: """
          UPDATE responses SET state = 'running', answers = ?, step = NULL, question = NULL,
            choices = NULL, until = NULL, updated = ? WHERE id = ?
          """,
        arguments: [
          ResponseStore.json(found.answers + [answer]), pen.now().microseconds, id,
        ])
      try ActJournal.record(
        "response-answer", found.plugin, found.alert, [.init("choice", .text(choice))],
        "\(found.plugin): \(question.text) \(choice)\(nobody ? " (nobody answered)" : "")", pen,
        database)
      return try ResponseStore.only(id, database)
    }
  }

  // MARK: rows

  static func only(_ id: Int64, _ database: GRDB.Database) throws -> StoredResponse {
    guard let found = try fetch("WHERE id = ?", [id], database).first else {
      throw Failure(
        .usage, "there is no response \(id)", advice: "moonwatch responses list shows them")
    }
    return found
  }

  static func fetch(
    _ condition: String, _ arguments: StatementArguments, _ database: GRDB.Database
  ) throws -> [StoredResponse] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM responses \(condition)", arguments: arguments
    ).map { row in
      let (begun, until): (Int64?, Int64?) = (row["begun"], row["until"])
      let (step, text, choices): (String?, String?, String?) =
        (row["step"], row["question"], row["choices"])
      var question: StoredResponse.Question?
      if let step, let text, let choices, let until {
        question = StoredResponse.Question(
          step: step, text: text, choices: list(choices).compactMap(\.text),
          until: Timestamp(microseconds: until))
      }
      return StoredResponse(
        id: row["id"], plugin: row["plugin"],
        kind: StoredResponse.Kind(rawValue: row["kind"]) ?? .escalation, alert: row["alert"],
        state: StoredResponse.State(rawValue: row["state"]) ?? .failed,
        due: Timestamp(microseconds: row["due"]), reason: row["reason"], source: row["source"],
        begun: begun.map(Timestamp.init(microseconds:)), question: question,
        answers: list(row["answers"]).compactMap(answer), input: row["input"],
        updated: Timestamp(microseconds: row["updated"]))
    }
  }

  /// A cell that somebody tampered with holds nothing.
  private static func list(_ json: String) -> [JSONValue] {
    do { return try JSONValue.parse(json).list ?? [] } catch { return [] }
  }

  private static func answer(_ value: JSONValue) -> StoredResponse.Answer? {
    guard let step = value["step"]?.text, let choice = value["choice"]?.text,
      let time = value["time"]?.integer
    else { return nil }
    return StoredResponse.Answer(
      step: step, choice: choice, by: value["by"]?.text, time: Timestamp(microseconds: time))
  }

  private static func json(_ answers: [StoredResponse.Answer]) -> String {
    JSONValue.list(
      answers.map { answer in
        [
          "step": .text(answer.step), "choice": .text(answer.choice),
          "by": answer.by.map(JSONValue.text) ?? .null, "time": .integer(answer.time.microseconds),
        ]
      }
    ).serialized()
  }
}
