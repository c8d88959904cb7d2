package import Cases
import GRDB
package import Primitives

extension AlertStore {
  /// Alerts about an event, the earliest first.
  package func alerts(ofEvent id: String) throws(Failure) -> [Alert] {
    try database.read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM alerts WHERE event_id = ? ORDER BY time, id",
        arguments: [AlertRows.column(id)]
      ).map { try AlertRows.stored($0).alert }
    }
  }

  /// Those of some events that an alert is kept about.
  package func eventsWithAlerts(among ids: Set<String>) throws(Failure) -> Set<String> {
    let columns = Dictionary(grouping: ids, by: AlertRows.column)
    let list = JSONValue.list(columns.keys.map(JSONValue.text)).serialized()
    return try database.read { database in
      let known = try String.fetchAll(
        database,
        sql: """
          SELECT value FROM json_each(?)
          WHERE EXISTS (SELECT 1 FROM alerts WHERE event_id = value)
          """, arguments: [list])
      return Set(known.flatMap { columns[$0] ?? [] })
    }
  }

  /// Alerts about an entity, the earliest first, without their reasons.
  package func alerts(
    about entity: Entity
  ) throws(Failure) -> [Alert] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT \(BriefRows.columns) FROM alerts
          WHERE entity = ? AND entity_field = ? ORDER BY time, id
          """,
        arguments: [AlertRows.column(entity.value), AlertRows.column(entity.field)]
      ).map { try BriefRows.stored($0).alert }
    }
  }

  /// Columns that say otherwise than the alert that they stand beside, with what each says.
  package func changedColumns(
    of id: String
  ) throws(Failure) -> [(column: String, kept: String, alert: String)] {
    try database.read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM alerts WHERE id = ?", arguments: [id])
        .map(AlertRows.differences) ?? []
    }
  }

  /// Whether a rule ever raised so many alerts that further ones were kept back.
  package func hasFloods() throws(Failure) -> Bool {
    try database.read { database in
      try Bool.fetchOne(
        database,
        sql: "SELECT EXISTS (SELECT 1 FROM suppressed WHERE reason = 'flood')") ?? false
    }
  }

  /// The id, where an alert has it.
  package func existing(_ id: String) throws(Failure) -> String? {
    try database.read {
      try String.fetchOne($0, sql: "SELECT id FROM alerts WHERE id = ?", arguments: [id])
    }
  }
}
