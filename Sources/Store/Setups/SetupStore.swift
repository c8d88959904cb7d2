import Foundation
import GRDB
package import Primitives

/// The rules, lists and models that judged, and from when on each did.
package struct SetupStore: Sendable {
  /// Most that all of them may take, packed; what is in force stays whatever it takes.
  package static let mostBytes = 64 << 20

  private let database: Database

  package init(_ database: Database) { self.database = database }

  /// A content as it is written: its packed bytes are missing where it is too large to keep.
  package struct Content: Sendable {
    package var bytes: Int
    package var body: [UInt8]?

    package init(bytes: Int, body: [UInt8]?) {
      self.bytes = bytes
      self.body = body
    }
  }

  // MARK: writing

  /// Writes down that a setup judges a stream from a time on, in one transaction.
  ///
  /// Where the service goes on with what judged before, that stands already.
  ///
  /// - Parameter contents: by digest; those that the database has need not be given.
  /// - Returns: digests of contents that are neither here nor given: nothing was written then.
  package func record(
    _ setup: NewSetup, contents: [String: Content] = [:], source: String, input: String,
    run: Int64, first: Timestamp, at now: Timestamp
  ) throws(Failure) -> [String] {
    try database.write { database in
      let (source, input) = (AlertRows.column(source), AlertRows.column(input))
      let known = try Int64.fetchOne(
        database, sql: "SELECT id FROM setups WHERE digest = ?", arguments: [setup.digest])
      if let known, input.isEmpty,
        try Int64.fetchOne(
          database,
          sql: """
            SELECT setup FROM setups_in_force WHERE source = ? AND input = '' ORDER BY id DESC LIMIT 1
            """, arguments: [source]) == known
      {
        return []
      }
      var number = known
      if number == nil {
        let missing = try SetupStore.missing(setup, contents, database)
        if !missing.isEmpty { return missing }
        number = try SetupStore.insert(setup, contents, database)
      }
      try database.execute(
        sql: """
          INSERT INTO setups_in_force (source, input, run, first_time, written, setup)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [source, input, run, first.microseconds, now.microseconds, number])
      return []
    }
  }

  private static func missing(
    _ setup: NewSetup, _ contents: [String: Content], _ database: GRDB.Database
  ) throws -> [String] {
    let known = try database.makeStatement(sql: "SELECT 1 FROM setup_contents WHERE digest = ?")
    var missing: [String] = []
    var asked: Set<String> = []
    for part in setup.parts where contents[part.digest] == nil {
      guard asked.insert(part.digest).inserted else { continue }
      if try Int.fetchOne(known, arguments: [part.digest]) == nil { missing.append(part.digest) }
    }
    return missing
  }

  private static func insert(
    _ setup: NewSetup, _ contents: [String: Content], _ database: GRDB.Database
  ) throws -> Int64 {
    let fill = try database.makeStatement(
      sql: """
        INSERT INTO setup_contents (digest, bytes, stored, body) VALUES (?, ?, ?, ?)
        ON CONFLICT (digest) DO NOTHING
        """)
    for (digest, content) in contents {
      try fill.execute(arguments: [
        digest, content.bytes, content.body?.count ?? 0, content.body.map { Data($0) },
      ])
    }
    try database.execute(
      sql: "INSERT INTO setups (digest, plugins_digest, size) VALUES (?, ?, ?)",
      arguments: [
        setup.digest, setup.pluginsDigest, SetupSchema.rowSize * (setup.parts.count + 1),
      ])
    let number = database.lastInsertedRowID
    let add = try database.makeStatement(
      sql: """
        INSERT INTO setup_parts (setup, place, kind, name, detail, content)
        SELECT ?, ?, ?, ?, ?, id FROM setup_contents WHERE digest = ?
        """)
    for (place, part) in setup.parts.enumerated() {
      try add.execute(arguments: [
        number, place, part.kind.rawValue, AlertRows.column(part.name),
        AlertRows.column(part.detail.serialized()), part.digest,
      ])
    }
    return number
  }

  // MARK: reading

  /// What judged each stream at a time of its events, the one that began last first: of a stream that was judged several
  /// times by the last run that had begun by then.
  package func inForce(at time: Timestamp) throws(Failure) -> [SetupInForce] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: """
          WITH begun AS (
            SELECT source, input, max(run) AS run FROM setups_in_force
            WHERE first_time <= :time GROUP BY source, input),
          newest AS (
            SELECT max(f.id) AS id FROM setups_in_force f JOIN begun b
              ON f.source = b.source AND f.input = b.input AND f.run = b.run
            WHERE f.first_time <= :time GROUP BY f.source, f.input)
          SELECT f.*, s.plugins_digest,
            (SELECT max(b.last_time) FROM event_blocks b JOIN event_streams e ON e.id = b.stream
              WHERE e.source = f.source AND e.input = f.input) AS last_event
          FROM setups_in_force f JOIN newest USING (id) JOIN setups s ON s.id = f.setup
          ORDER BY f.first_time DESC, f.id DESC
          """, arguments: ["time": time.microseconds]
      ).map { row in
        let last: Int64? = row["last_event"]
        return SetupInForce(
          setup: row["setup"], source: row["source"], input: row["input"],
          first: Timestamp(microseconds: row["first_time"]),
          written: Timestamp(microseconds: row["written"]), pluginsDigest: row["plugins_digest"],
          lastEvent: last.map(Timestamp.init(microseconds:)))
      }
    }
  }

  /// The earliest time of which it is known what judged, and when that was written; missing where nothing is known.
  ///
  /// - Parameter source: of one source; of any where missing.
  package func knownSince(
    source: String? = nil
  ) throws(Failure) -> (first: Timestamp, written: Timestamp)? {
    try database.read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT first_time, written FROM setups_in_force WHERE source = ifnull(?, source)
          ORDER BY first_time, id LIMIT 1
          """, arguments: [source.map(AlertRows.column)]
      ).map {
        (Timestamp(microseconds: $0["first_time"]), Timestamp(microseconds: $0["written"]))
      }
    }
  }

  /// The parts of a setup in the order in which they were given; none where it has left meanwhile.
  package func parts(of setup: Int64) throws(Failure) -> [SetupPart] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT p.kind, p.name, p.detail, c.digest, c.bytes, c.body IS NOT NULL AS kept
          FROM setup_parts p JOIN setup_contents c ON c.id = p.content
          WHERE p.setup = ? ORDER BY p.place
          """, arguments: [setup]
      ).map { row in
        guard let kind = SetupPart.Kind(rawValue: row["kind"]) else { throw SetupStore.damage }
        let detail: String = row["detail"]
        do {
          return SetupPart(
            kind, row["name"], digest: row["digest"], bytes: row["bytes"], isKept: row["kept"],
            detail: try JSONValue.parse(Array(detail.utf8)))
        } catch {
          throw SetupStore.damage
        }
      }
    }
  }

  private static let damage = Failure(
    .internal, "what is written down of the rules and lists of then cannot be read",
    advice: "put a copy of the database back")

  /// The packed bytes of a content; missing where it was not kept or has left.
  package func body(_ digest: String) throws(Failure) -> [UInt8]? {
    try database.read { database in
      try Data.fetchOne(
        database, sql: "SELECT body FROM setup_contents WHERE digest = ? AND body IS NOT NULL",
        arguments: [digest]
      ).map { [UInt8]($0) }
    }
  }

  /// Missing where there is none.
  package func sizes() throws(Failure) -> SetupSizes? {
    try database.read { database in
      let row = try Row.fetchOne(
        database, sql: "SELECT count(*) AS changes, min(written) AS oldest FROM setups_in_force")
      guard let row, let oldest: Int64 = row["oldest"] else { return nil }
      return SetupSizes(
        changes: row["changes"], bytes: try SetupRows.size(database),
        oldest: Timestamp(microseconds: oldest))
    }
  }
}
