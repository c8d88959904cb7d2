import Foundation
import GRDB
package import Primitives

extension AlertStore {
  /// Streams of kept events, the one that was written last first.
  package func keptStreams() throws(Failure) -> [KeptStream] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT s.*, sum(b.events) AS events, sum(b.size) AS bytes, min(b.first_time) AS first,
            max(b.last_time) AS last, min(b.written) AS written
          FROM event_streams s JOIN event_blocks b ON b.stream = s.id
          GROUP BY s.id ORDER BY max(b.id) DESC
          """
      ).map { row in
        let judgedFrom: Int64? = row["judged_from"]
        return KeptStream(
          id: row["id"], source: row["source"], input: row["input"], fields: row["fields"],
          model: row["model"], judgedFrom: judgedFrom.map(Timestamp.init(microseconds:)),
          run: row["run"], events: row["events"], bytes: row["bytes"],
          first: Timestamp(microseconds: row["first"]),
          last: Timestamp(microseconds: row["last"]),
          written: Timestamp(microseconds: row["written"]))
      }
    }
  }

  /// The fields of a stream as they were written last; missing where it was never written.
  package func keptFields(source: String, input: String) throws(Failure) -> String? {
    try database.read { database in
      try String.fetchOne(
        database, sql: "SELECT fields FROM event_streams WHERE source = ? AND input = ?",
        arguments: [AlertRows.column(source), AlertRows.column(input)])
    }
  }

  /// The blocks of a stream in the order in which their events were judged.
  package func keptPlaces(
    stream: Int64, since: Timestamp = .distantPast, until: Timestamp = .distantFuture
  ) throws(Failure) -> [KeptPlace] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM event_blocks WHERE stream = ? AND last_time >= ? AND first_time <= ?
          ORDER BY id
          """, arguments: [stream, since.microseconds, until.microseconds]
      ).map(AlertStore.place)
    }
  }

  /// The blocks of a stream as `keptPlaces`, and the bytes of the last of them, of one moment: a service beside puts the
  /// newest blocks together, and takes away what they were put together from.
  package func keptPlaces(
    stream: Int64, since: Timestamp = .distantPast, until: Timestamp = .distantFuture, tail: Int
  ) throws(Failure) -> (places: [KeptPlace], bodies: [Int64: [UInt8]]) {
    try database.read { database in
      let places = try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM event_blocks WHERE stream = ? AND last_time >= ? AND first_time <= ?
          ORDER BY id
          """, arguments: [stream, since.microseconds, until.microseconds]
      ).map(AlertStore.place)
      var bodies: [Int64: [UInt8]] = [:]
      for place in places.suffix(tail) {
        bodies[place.id] = try Data.fetchOne(
          database, sql: "SELECT body FROM event_bytes WHERE block = ?", arguments: [place.id]
        ).map { [UInt8]($0) }
      }
      return (places, bodies)
    }
  }

  /// The blocks that may hold what `mayHold` says of their filters, the newest first; of one stream or of all.
  package func keptPlaces(
    stream: Int64? = nil, where mayHold: ([UInt8]) -> Bool
  ) throws(Failure) -> [KeptPlace] {
    try database.read { database in
      var sql = """
        SELECT b.*, y.filter AS filter FROM event_blocks b JOIN event_bytes y ON y.block = b.id
        """
      if stream != nil { sql += " WHERE b.stream = ?" }
      let rows = try Row.fetchCursor(
        database, sql: sql + " ORDER BY b.id DESC",
        arguments: stream.map { [$0] } ?? StatementArguments())
      var places: [KeptPlace] = []
      while let row = try rows.next() {
        let filter: Data = row["filter"]
        if mayHold([UInt8](filter)) { places.append(AlertStore.place(row)) }
      }
      return places
    }
  }

  /// The bytes of a block; missing where it has left meanwhile.
  package func keptBody(_ block: Int64) throws(Failure) -> [UInt8]? {
    try database.read { database in
      try Data.fetchOne(
        database, sql: "SELECT body FROM event_bytes WHERE block = ?", arguments: [block]
      ).map { [UInt8]($0) }
    }
  }

  private static func place(_ row: Row) -> KeptPlace {
    KeptPlace(
      id: row["id"], stream: row["stream"], start: row["start"], events: row["events"],
      first: Timestamp(microseconds: row["first_time"]),
      last: Timestamp(microseconds: row["last_time"]))
  }
}
