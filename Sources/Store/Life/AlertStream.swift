package import Cases
import GRDB
package import Primitives

extension AlertStore {
  /// Hands over all alerts that the filter lets through, oldest first, one at a time: however many there are, one is in
  /// memory. They are those of one moment, whatever is written meanwhile.
  ///
  /// - Returns: how many there were.
  package func forEachAlert(
    _ filter: AlertFilter, _ body: (StoredAlert) throws(Failure) -> Void
  ) throws(Failure) -> Int {
    try database.read { database in
      let (condition, arguments) = AlertRows.condition(filter)
      let rows = try Row.fetchCursor(
        database, sql: "SELECT * FROM alerts \(condition) ORDER BY time, id", arguments: arguments)
      var count = 0
      while let row = try rows.next() {
        try body(try AlertRows.stored(row))
        count += 1
      }
      return count
    }
  }
}

extension StoredAlert {
  /// As other systems are told of it.
  package var exported: ExportedAlert {
    ExportedAlert(
      alert: alert, state: state, disposition: disposition?.rawValue, assignee: assignee,
      note: note, closedAt: closedAt, joined: joined, highestSeverity: highestSeverity,
      highestScore: highestScore, duplicateOf: duplicateOf)
  }
}
