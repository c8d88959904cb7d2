import Foundation
import GRDB
package import Primitives

/// Events that were judged, in blocks as their keeper packed them; the database knows when and how many, not what they are.
package struct KeptBlock: Hashable, Sendable {
  /// Of its first event: how many events of the stream were judged before it.
  package var start: Int
  package var events: Int
  /// The earliest and the latest time of an event.
  package var first: Timestamp
  package var last: Timestamp
  /// Says which texts it cannot hold.
  package var filter: [UInt8]
  package var body: [UInt8]
  /// Blocks that it takes the place of: those of the same events when there were fewer of them.
  package var replaces: [Int64]

  package init(
    start: Int, events: Int, first: Timestamp, last: Timestamp, filter: [UInt8], body: [UInt8],
    replaces: [Int64] = []
  ) {
    self.start = start
    self.events = events
    self.first = first
    self.last = last
    self.filter = filter
    self.body = body
    self.replaces = replaces
  }
}

/// Blocks on their way into the database, with the stream that they continue.
package struct KeptEvents: Sendable {
  package var source: String
  /// What was read; the service's streams have none, since they go on for ever.
  package var input: String
  /// The names and types of the fields, as one text.
  package var fields: String
  /// The model that judged, as a path; missing for rules alone.
  package var model: String?
  /// Events before this filled windows only; missing where all were judged.
  package var judgedFrom: Timestamp?
  /// Whether what an earlier run kept of the same input leaves.
  package var replacesEarlier: Bool
  package var blocks: [KeptBlock]

  package init(
    source: String, input: String, fields: String, model: String? = nil,
    judgedFrom: Timestamp? = nil, replacesEarlier: Bool, blocks: [KeptBlock]
  ) {
    self.model = model
    self.judgedFrom = judgedFrom
    self.source = source
    self.input = input
    self.fields = fields
    self.replacesEarlier = replacesEarlier
    self.blocks = blocks
  }
}

/// Kept events that were judged one after the other, and what is known of them without unpacking.
package struct KeptStream: Hashable, Sendable {
  package var id: Int64
  package var source: String
  /// What was read; empty for the service.
  package var input: String
  package var fields: String
  /// As in `KeptEvents`.
  package var model: String?
  package var judgedFrom: Timestamp?
  /// The run that wrote last.
  package var run: Int64
  package var events: Int
  package var bytes: Int
  package var first: Timestamp
  package var last: Timestamp
  /// When the oldest block was written.
  package var written: Timestamp
}

/// A block's place and what is known of it without unpacking.
package struct KeptPlace: Hashable, Sendable {
  package var id: Int64
  package var stream: Int64
  package var start: Int
  package var events: Int
  package var first: Timestamp
  package var last: Timestamp
}

/// Kept events as rows, inside a transaction of the caller.
enum KeptRows {
  static let tables = """
    CREATE TABLE event_streams (
      id INTEGER PRIMARY KEY,
      source TEXT NOT NULL,
      input TEXT NOT NULL,
      fields TEXT NOT NULL,
      model TEXT,
      judged_from INTEGER,
      run INTEGER NOT NULL REFERENCES runs (id),
      UNIQUE (source, input)
    ) STRICT;

    CREATE TABLE event_blocks (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      stream INTEGER NOT NULL REFERENCES event_streams (id),
      start INTEGER NOT NULL,
      events INTEGER NOT NULL,
      first_time INTEGER NOT NULL,
      last_time INTEGER NOT NULL,
      written INTEGER NOT NULL,
      size INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX event_blocks_by_stream ON event_blocks (stream, id);
    CREATE INDEX event_blocks_by_age ON event_blocks (written, size);

    CREATE TABLE event_bytes (
      block INTEGER PRIMARY KEY REFERENCES event_blocks (id) ON DELETE CASCADE,
      filter BLOB NOT NULL,
      body BLOB NOT NULL
    ) STRICT;

    ALTER TABLE alerts ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
    UPDATE alerts SET written = (SELECT started FROM runs WHERE runs.id = alerts.run);
    CREATE INDEX alerts_unwritten ON alerts (id) WHERE written = 0;
    CREATE INDEX alerts_by_age ON alerts (written) WHERE written <> 0;
    """

  /// What an alert takes with what was frozen with it, so that their sum is read from an index alone.
  static let sizes = """
    ALTER TABLE alerts ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
    UPDATE alerts SET size = length(CAST(json AS BLOB))
      + ifnull((SELECT length(CAST(json AS BLOB)) FROM features WHERE alert = alerts.id), 0);
    DROP INDEX alerts_by_age;
    CREATE INDEX alerts_by_age ON alerts (written, size) WHERE written <> 0;
    """

  /// Gives the number of the last block; missing where there was none.
  static func write(
    _ kept: KeptEvents, run: Int64, at now: Timestamp, _ database: GRDB.Database
  ) throws -> Int64? {
    if kept.blocks.isEmpty { return nil }
    let stream = try stream(kept, run: run, database)
    let insert = try database.makeStatement(
      sql: """
        INSERT INTO event_blocks (stream, start, events, first_time, last_time, written, size)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    let fill = try database.makeStatement(
      sql: "INSERT INTO event_bytes (block, filter, body) VALUES (?, ?, ?)")
    let remove = try database.makeStatement(sql: "DELETE FROM event_blocks WHERE id = ?")
    var last: Int64?
    for block in kept.blocks {
      for old in block.replaces { try remove.execute(arguments: [old]) }
      try insert.execute(arguments: [
        stream, block.start, block.events, block.first.microseconds, block.last.microseconds,
        now.microseconds, block.filter.count + block.body.count,
      ])
      let id = database.lastInsertedRowID
      try fill.execute(arguments: [id, KeptRows.blob(block.filter), KeptRows.blob(block.body)])
      last = id
    }
    return last
  }

  private static func blob(_ bytes: [UInt8]) -> DatabaseValue {
    Data(bytes).databaseValue
  }

  private static func stream(
    _ kept: KeptEvents, run: Int64, _ database: GRDB.Database
  ) throws -> Int64 {
    let (source, input) = (AlertRows.column(kept.source), AlertRows.column(kept.input))
    if let known = try Row.fetchOne(
      database, sql: "SELECT id, run FROM event_streams WHERE source = ? AND input = ?",
      arguments: [source, input])
    {
      let id: Int64 = known["id"]
      let before: Int64 = known["run"]
      if kept.replacesEarlier && before != run {
        try database.execute(sql: "DELETE FROM event_blocks WHERE stream = ?", arguments: [id])
      }
      try database.execute(
        sql: """
          UPDATE event_streams SET run = ?, fields = ?, model = ?, judged_from = ? WHERE id = ?
          """,
        arguments: [
          run, kept.fields, kept.model.map(AlertRows.column), kept.judgedFrom?.microseconds, id,
        ])
      return id
    }
    try database.execute(
      sql: """
        INSERT INTO event_streams (source, input, fields, model, judged_from, run)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        source, input, kept.fields, kept.model.map(AlertRows.column),
        kept.judgedFrom?.microseconds, run,
      ])
    return database.lastInsertedRowID
  }
}
