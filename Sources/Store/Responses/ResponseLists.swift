import Cases
import GRDB
package import Primitives

/// What people ask and decide about responses and their acts.
extension ResponseStore {
  /// Newest first.
  package func responses(
    state: StoredResponse.State? = nil, plugin: String? = nil, alert: String? = nil, limit: Int
  ) throws(Failure) -> [StoredResponse] {
    try database.read { database in
      let id = try alert.map { try AlertRows.only($0, database).alert.id }
      return try ResponseStore.fetch(
        """
        WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR plugin = ?2) AND (?3 IS NULL OR alert = ?3)
        ORDER BY id DESC LIMIT ?4
        """, [state?.rawValue, plugin, id, limit], database)
    }
  }

  /// The acts of a response, in order.
  package func acts(of response: Int64) throws(Failure) -> [StoredAct] {
    try database.read { database in
      _ = try ResponseStore.only(response, database)
      return try ActJournal.acts(
        "WHERE response = ? ORDER BY acts.begun, acts.rowid", [response], database)
    }
  }

  /// Newest first; with `dead`, those that nobody does any more and nobody has looked at.
  package func acts(dead: Bool, limit: Int) throws(Failure) -> [StoredAct] {
    try database.read { database in
      try ActJournal.acts(
        (dead ? "WHERE acts.state IN ('failed', 'unknown') " : "")
          + "ORDER BY acts.begun DESC, acts.rowid DESC LIMIT ?", [limit], database)
    }
  }

  /// How many there are of each state.
  package func counts() throws(Failure) -> (
    responses: [StoredResponse.State: Int], acts: [StoredAct.State: Int]
  ) {
    try database.read { database in
      func counts<State: RawRepresentable & Hashable>(
        _ table: String, _: State.Type
      ) throws -> [State: Int] where State.RawValue == String {
        var counts: [State: Int] = [:]
        let rows = try Row.fetchAll(
          database, sql: "SELECT state, count(*) AS n FROM \(table) GROUP BY state")
        for row in rows {
          if let state = State(rawValue: row["state"]) { counts[state] = row["n"] }
        }
        return counts
      }
      return (
        try counts("responses", StoredResponse.State.self), try counts("acts", StoredAct.State.self)
      )
    }
  }

  /// Has a dead act of an escalation done again by the service, by the plugin as it is then; acts that were done are not.
  package func retry(_ keyOrPrefix: String, note: String?) throws(Failure) -> StoredAct {
    try decide(keyOrPrefix, .waiting, "act-retry", note) { act, response in
      guard response.kind == .escalation else {
        throw Failure(
          .usage,
          "act \(act.key.prefix(10)) belongs to a playbook, which has undone what came before it",
          advice: "do by hand what is left, and moonwatch responses drop \(act.key.prefix(10))")
      }
    }
  }

  /// Says that a person has seen a dead act: it is off the list.
  package func drop(_ keyOrPrefix: String, note: String?) throws(Failure) -> StoredAct {
    try decide(keyOrPrefix, .dropped, "act-drop", note) { _, _ in }
  }

  private func decide(
    _ keyOrPrefix: String, _ state: StoredAct.State, _ word: String, _ note: String?,
    _ check: (StoredAct, StoredResponse) throws -> Void
  ) throws(Failure) -> StoredAct {
    try database.write { database in
      let act = try ResponseStore.onlyAct(keyOrPrefix, database)
      guard act.state == .failed || act.state == .unknown else {
        throw Failure(
          .usage, "act \(act.key.prefix(10)) is not dead: it is \(act.state.rawValue)",
          advice: "moonwatch responses acts --dead shows those that are")
      }
      try check(act, try ResponseStore.only(act.response, database))
      try database.execute(
        sql: "UPDATE acts SET state = ?, attempts = 0 WHERE key = ?",
        arguments: [state.rawValue, act.key])
      if state == .waiting {
        // Mending its file is what most retries come after.
        try database.execute(
          sql: """
            UPDATE responses SET state = 'running', reason = NULL, source = NULL, updated = ?
            WHERE id = ?
            """, arguments: [pen.now().microseconds, act.response])
      }
      try ActJournal.forgetAnswers(of: act.response, database)
      try journal.note(word, act.entry, note, database)
      return try ResponseStore.onlyAct(act.key, database)
    }
  }

  private static func onlyAct(_ prefix: String, _ database: GRDB.Database) throws -> StoredAct {
    let found = try ActJournal.acts(
      "WHERE substr(acts.key, 1, length(?1)) = ?1 LIMIT 2", [prefix], database)
    guard let first = found.first, !prefix.isEmpty else {
      throw Failure(
        .usage, "no act has a key that starts so", advice: "moonwatch responses acts shows them")
    }
    if found.count > 1 {
      throw Failure(.usage, "several acts have a key that starts so", advice: "give more of it")
    }
    return first
  }
}
