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

  /// The id, where an alert has it.
  package func existing(_ id: String) throws(Failure) -> String? {
    try database.read {
      try String.fetchOne($0, sql: "SELECT id FROM alerts WHERE id = ?", arguments: [id])
    }
  }
}
