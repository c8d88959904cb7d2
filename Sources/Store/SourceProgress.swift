package import Cases
import GRDB
package import Primitives

/// How far the service has come with a source: everything before it is judged and its alerts are kept.
package struct SourceProgress: Hashable, Sendable {
  package var source: String
  /// Events read since the source was first read.
  package var read: Int
  /// Of them, those that were judged: repeated ones were not.
  package var events: Int
  /// Where the next one stands; only the reader of the source reads it.
  package var position: String
  /// When it was written.
  package var updated: Timestamp

  package init(
    source: String, read: Int, events: Int, position: String, updated: Timestamp
  ) {
    self.source = source
    self.read = read
    self.events = events
    self.position = position
    self.updated = updated
  }
}

/// Consecutive events of one file of a source. Files that grow at the same time are read in turns, and windows depend on
/// the order: whoever reads again takes the same turns.
package struct SourceTurn: Hashable, Sendable {
  /// How many events of the source were read before.
  package var start: Int
  /// Names the file whatever it is called now.
  package var file: String
  package var events: Int

  package init(start: Int, file: String, events: Int) {
    self.start = start
    self.file = file
    self.events = events
  }
}

extension AlertStore {
  /// Writes alerts and how far their source has come in one transaction: both are there afterwards, or neither.
  ///
  /// - Parameters:
  ///   - turns: how the source was read since the last time; one that was begun then may have grown.
  ///   - kept: the events of the source that were judged since.
  /// - Returns: the number of the last block that was written.
  @discardableResult
  package func write(
    _ alerts: [NewAlert], joined: [Joined], suppressed: [SuppressedFinding] = [],
    owed: [OwedResponse] = [], run: Int64, progress: SourceProgress, turns: [SourceTurn],
    kept: KeptEvents? = nil
  ) throws(Failure) -> Int64? {
    try database.write { database in
      let block = try AlertStore.write(
        alerts, joined, suppressed, kept, owed, run: run, at: progress.updated, pen, database)
      try database.execute(
        sql: """
          INSERT INTO sources (id, read, events, position, updated) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET read = excluded.read, events = excluded.events,
            position = excluded.position, updated = excluded.updated
          """,
        arguments: [
          progress.source, progress.read, progress.events, progress.position,
          progress.updated.microseconds,
        ])
      let insert = try database.makeStatement(
        sql: """
          INSERT INTO turns (source, start, file, events) VALUES (?, ?, ?, ?)
          ON CONFLICT (source, start) DO UPDATE SET file = excluded.file, events = excluded.events
          """)
      for turn in turns {
        try insert.execute(arguments: [progress.source, turn.start, turn.file, turn.events])
      }
      return block
    }
  }

  package func progress(of source: String) throws(Failure) -> SourceProgress? {
    try database.read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM sources WHERE id = ?", arguments: [source])
        .map {
          SourceProgress(
            source: source, read: $0["read"], events: $0["events"], position: $0["position"],
            updated: Timestamp(microseconds: $0["updated"]))
        }
    }
  }

  /// The turns in which a source was read from an event on, in order; the first may begin before it.
  package func turns(of source: String, from event: Int) throws(Failure) -> [SourceTurn] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM turns WHERE source = ? AND start + events > ? ORDER BY start",
        arguments: [source, event]
      ).map { SourceTurn(start: $0["start"], file: $0["file"], events: $0["events"]) }
    }
  }

  /// Forgets turns that end before an event: nobody will read them again.
  package func forgetTurns(of source: String, before event: Int) throws(Failure) {
    try database.write {
      try $0.execute(
        sql: "DELETE FROM turns WHERE source = ? AND start + events <= ?",
        arguments: [source, event])
    }
  }
}
