package import Cases
import GRDB
package import Primitives

extension AlertStore {
  /// What people merged and split, in the order in which they did.
  package func incidentEdits() throws(Failure) -> [IncidentEdit] {
    try database.read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM incident_edits ORDER BY id").map { row in
        let json: String = row["alerts"]
        let word: String = row["word"]
        let ids = try AlertFactRows.texts(json)
        return IncidentEdit(
          word == "merge" ? .merge(ids) : .split(ids), time: Timestamp(microseconds: row["time"]),
          note: row["note"])
      }
    }
  }

  package func add(_ edit: IncidentEdit) throws(Failure) {
    let (word, ids) =
      switch edit.change {
      case .merge(let ids): ("merge", ids)
      case .split(let ids): ("split", ids)
      }
    try database.write {
      try $0.execute(
        sql: "INSERT INTO incident_edits (time, word, alerts, note) VALUES (?, ?, ?, ?)",
        arguments: [
          edit.time.microseconds, word, AlertFactRows.list(ids), AlertRows.column(edit.note),
        ])
      try pen.record(
        Change(
          "incident.\(word)", "incident", ids.sorted().first ?? "",
          after: ["alerts": .list(ids.map(JSONValue.text))], note: edit.note), $0)
    }
  }
}
