import Cases
import GRDB
package import Primitives

extension AlertStore {
  /// The settings that a run decided by; missing where it was one of an earlier version.
  package func settings(ofRun number: Int64) throws(Failure) -> JSONValue? {
    try database.read { try AlertStore.settings($0, "id = ?", number) }
  }

  /// The same of the run that kept a finding from raising an alert.
  package func settings(ofFinding id: String) throws(Failure) -> JSONValue? {
    try database.read {
      try AlertStore.settings($0, "id = (SELECT run FROM suppressed WHERE finding = ?)", id)
    }
  }

  /// The same of the run that wrote an alert last.
  package func settings(ofAlert id: String) throws(Failure) -> JSONValue? {
    try database.read {
      try AlertStore.settings($0, "id = (SELECT run FROM alerts WHERE id = ?)", id)
    }
  }

  private static func settings(
    _ database: GRDB.Database, _ condition: String, _ argument: any DatabaseValueConvertible
  ) throws -> JSONValue? {
    let text = try String.fetchOne(
      database, sql: "SELECT settings FROM runs WHERE \(condition)", arguments: [argument])
    guard let text else { return nil }
    do throws(JSONProblem) {
      return try JSONValue.parse(Array(text.utf8))
    } catch {
      throw Failure(.internal, "the settings kept with a run are no JSON: \(error.message)")
    }
  }

  /// Until when alerts were written that retention let go of, as a time in words; missing where it never let go of any.
  package func alertsLeftBefore() throws(Failure) -> String? {
    try database.read { database in
      try String.fetchOne(
        database,
        sql: """
          SELECT after ->> '$.written_before' FROM audit WHERE action = 'retention.leave'
            AND json_valid(after) AND after ->> '$.alerts' > 0 ORDER BY n DESC LIMIT 1
          """)
    }
  }
}
