import Cases
import GRDB
package import Primitives

/// One alert as the health of rules looks at it.
package struct Firing: Hashable, Sendable {
  package var source: String
  package var time: Timestamp
  /// Everybody who found it.
  package var finders: [String]
}

extension AlertStore {
  /// Who found what when, from a time on, in order.
  package func firings(since: Timestamp) throws(Failure) -> [Firing] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT a.source, a.time, a.rule, f.finders FROM alerts a
          LEFT JOIN alert_facts f ON f.alert = a.id WHERE a.time >= ? ORDER BY a.time, a.id
          """, arguments: [since.microseconds]
      ).map { row in
        let finders = try AlertFactRows.texts(row[3])
        let rule: String? = row[2]
        return Firing(
          source: row[0], time: Timestamp(microseconds: row[1]),
          finders: finders.isEmpty ? [rule ?? AlertFact.model] : finders)
      }
    }
  }
}
