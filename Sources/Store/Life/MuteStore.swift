package import Cases
import GRDB
package import Primitives

/// A mute with who made it, why, and what it kept quiet.
package struct StoredMute: Hashable, Sendable {
  package var mute: Mute
  package var reason: String
  package var made: Timestamp
  package var madeBy: String
  /// When and by whom it was ended before its time.
  package var ended: Timestamp?
  package var endedBy: String?
  /// Findings that it kept quiet, and the time of the newest.
  package var hidden: Int
  package var lastHidden: Timestamp?
}

extension AlertStore {
  @discardableResult
  package func addMute(
    entity: Entity, rule: String?, from: Timestamp, until: Timestamp, reason: String
  ) throws(Failure) -> StoredMute {
    try database.write { database in
      let number =
        try Int64.fetchOne(
          database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'mutes'") ?? 0
      let record = try pen.record(
        Change(
          "mute.add", "mute", "\(number + 1)",
          after: [
            "entity": .text("\(entity.field)=\(entity.value)"),
            "rule": rule.map(JSONValue.text) ?? .null, "from": .text(from.description),
            "until": .text(until.description),
          ], note: reason), database)
      try database.execute(
        sql: """
          INSERT INTO mutes (id, entity_field, entity, rule, start, until, reason, made, made_by, audit)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          number + 1, AlertRows.column(entity.field), AlertRows.column(entity.value),
          rule.map(AlertRows.column), from.microseconds, until.microseconds,
          AlertRows.column(reason), pen.now().microseconds, AlertRows.column(pen.actor.name),
          record,
        ])
      return try AlertStore.mute(number + 1, database)
    }
  }

  /// Ends a mute at a time of the events; where that is before its beginning, it never was.
  @discardableResult
  package func endMute(
    _ number: Int64, at time: Timestamp, note: String? = nil
  ) throws(Failure) -> StoredMute {
    try database.write { database in
      let found = try AlertStore.mute(number, database)
      guard time < found.mute.until else {
        throw Failure(
          .usage, "mute \(number) was over at \(found.mute.until)",
          advice: "give --at with an earlier time of the events to end it there")
      }
      let until = max(time, found.mute.from)
      let record = try pen.record(
        Change(
          "mute.end", "mute", "\(number)", before: ["until": .text(found.mute.until.description)],
          after: ["until": .text(until.description)], note: note), database)
      try database.execute(
        sql: "UPDATE mutes SET until = ?, ended = ?, ended_by = ?, audit = ? WHERE id = ?",
        arguments: [
          until.microseconds, pen.now().microseconds, AlertRows.column(pen.actor.name), record,
          number,
        ])
      return try AlertStore.mute(number, database)
    }
  }

  /// Newest first.
  package func mutes() throws(Failure) -> [StoredMute] {
    try database.read { database in
      try Row.fetchAll(database, sql: "\(AlertStore.mutesQuery) ORDER BY id DESC").map(
        AlertStore.mute)
    }
  }

  private static let mutesQuery = """
    SELECT *, (SELECT count(*) FROM suppressed WHERE mute = mutes.id) AS hidden,
      (SELECT max(time) FROM suppressed WHERE mute = mutes.id) AS last_hidden FROM mutes
    """

  private static func mute(_ number: Int64, _ database: GRDB.Database) throws -> StoredMute {
    guard
      let row = try Row.fetchOne(
        database, sql: "\(mutesQuery) WHERE id = ?", arguments: [number])
    else {
      throw Failure(
        .usage, "there is no mute \(number)", advice: "moonwatch mutes list shows them")
    }
    return mute(row)
  }

  private static func mute(_ row: Row) -> StoredMute {
    func time(_ column: String) -> Timestamp? {
      (row[column] as Int64?).map(Timestamp.init(microseconds:))
    }
    return StoredMute(
      mute: Mute(
        number: row["id"], entity: Entity(field: row["entity_field"], value: row["entity"]),
        rule: row["rule"], from: Timestamp(microseconds: row["start"]),
        until: Timestamp(microseconds: row["until"])),
      reason: row["reason"], made: Timestamp(microseconds: row["made"]), madeBy: row["made_by"],
      ended: time("ended"), endedBy: row["ended_by"], hidden: row["hidden"],
      lastHidden: time("last_hidden"))
  }
}
