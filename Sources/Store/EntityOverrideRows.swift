package import Cases
import GRDB
package import Primitives

extension AlertStore {
  /// What people set risks to, in the order in which they did; of one entity or of all.
  package func overrides(of entity: Entity? = nil) throws(Failure) -> [RiskOverride] {
    try database.read { database in
      let rows =
        try entity.map {
          try Row.fetchAll(
            database,
            sql: "SELECT * FROM entity_overrides WHERE field = ? AND value = ? ORDER BY id",
            arguments: [AlertRows.column($0.field), AlertRows.column($0.value)])
        } ?? Row.fetchAll(database, sql: "SELECT * FROM entity_overrides ORDER BY id")
      return rows.map { row in
        let cleared: Int64? = row["cleared"]
        return RiskOverride(
          entity: Entity(field: row["field"], value: row["value"]), hundredths: row["hundredths"],
          since: Timestamp(microseconds: row["since"]),
          until: Timestamp(microseconds: row["until"]),
          cleared: cleared.map(Timestamp.init(microseconds:)), note: row["note"])
      }
    }
  }

  /// Keeps a risk that a person set; those before it stay as history.
  package func add(_ override: RiskOverride) throws(Failure) {
    try database.write {
      try $0.execute(
        sql: """
          INSERT INTO entity_overrides (field, value, hundredths, since, until, note)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          AlertRows.column(override.entity.field), AlertRows.column(override.entity.value),
          override.hundredths, override.since.microseconds, override.until.microseconds,
          AlertRows.column(override.note),
        ])
      try pen.record(
        Change(
          "entity.set", "entity", "\(override.entity.field)=\(override.entity.value)",
          after: [
            "hundredths": .integer(Int64(override.hundredths)),
            "until": .text(override.until.description),
          ], note: override.note), $0)
    }
  }

  /// Ends all that holds for an entity at a moment; gives how many that were. Where nothing does, nothing is changed and
  /// nothing is recorded.
  package func clearOverrides(of entity: Entity, at moment: Timestamp) throws(Failure) -> Int {
    try database.write { database in
      let held = try Int.fetchAll(
        database,
        sql: """
          SELECT hundredths FROM entity_overrides
          WHERE field = ?2 AND value = ?3 AND since <= ?1 AND until > ?1 AND cleared IS NULL ORDER BY id
          """,
        arguments: [
          moment.microseconds, AlertRows.column(entity.field), AlertRows.column(entity.value),
        ])
      if held.isEmpty { return 0 }
      try database.execute(
        sql: """
          UPDATE entity_overrides SET cleared = ?1
          WHERE field = ?2 AND value = ?3 AND since <= ?1 AND until > ?1 AND cleared IS NULL
          """,
        arguments: [
          moment.microseconds, AlertRows.column(entity.field), AlertRows.column(entity.value),
        ])
      let ended = database.changesCount
      try pen.record(
        Change(
          "entity.clear", "entity", "\(entity.field)=\(entity.value)",
          before: ["hundredths": .list(held.map { .integer(Int64($0)) })],
          after: ["ended": .integer(Int64(ended))]), database)
      return ended
    }
  }
}
