import Cases
import GRDB
package import Primitives

/// One line of dispositions that somebody gives in bulk.
package struct FeedbackLine: Hashable, Sendable {
  package enum Target: Hashable, Sendable {
    /// An alert's id, or the beginning of it.
    case alert(String)
    /// An event: all alerts about it, and those that its findings joined.
    case event(String)
  }

  package var number: Int
  package var target: Target
  package var disposition: StoredAlert.Disposition
  package var note: String?

  package init(
    number: Int, target: Target, disposition: StoredAlert.Disposition, note: String? = nil
  ) {
    self.number = number
    self.target = target
    self.disposition = disposition
    self.note = note
  }
}

/// What became of dispositions given in bulk.
package struct FeedbackOutcome: Hashable, Sendable {
  /// Alerts that were closed.
  package var closed = 0
  /// Alerts that were closed so before.
  package var unchanged = 0
  /// Lines that led to nothing, and why.
  package var dead: [(line: Int, why: String)] = []

  package init() {}

  package static func == (a: FeedbackOutcome, b: FeedbackOutcome) -> Bool {
    a.closed == b.closed && a.unchanged == b.unchanged
      && a.dead.elementsEqual(b.dead) { $0 == $1 }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(closed)
    hasher.combine(unchanged)
    for line in dead { hasher.combine(line.line) }
  }
}

/// What people decided about one alert.
package struct Verdict: Hashable, Sendable {
  package var stored: StoredAlert
  /// Who closed it; missing where that was before there was an audit.
  package var by: String?
}

extension AlertStore {
  /// Closes alerts in bulk, in one transaction; a line that cannot be followed is told and the others are.
  package func give(
    _ lines: [FeedbackLine], at time: Timestamp
  ) throws(Failure) -> FeedbackOutcome {
    try database.write { database in
      var outcome = FeedbackOutcome()
      for line in lines {
        do {
          let all = try targets(line.target, database)
          // A line that cannot be followed for one of its alerts is followed for none.
          for found in all where found.disposition != line.disposition { try found.requireOpen() }
          for found in all {
            if found.disposition == line.disposition {
              outcome.unchanged += 1
              continue
            }
            try AlertStore.decide(found, "alert.close", note: line.note, pen, database) {
              (alert) throws(Failure) in
              try alert.requireOpen()
              alert.close(as: line.disposition, note: line.note, at: time)
            }
            outcome.closed += 1
          }
        } catch let failure as Failure where failure.kind == .usage {
          outcome.dead.append((line.number, failure.description))
        }
      }
      return outcome
    }
  }

  private func targets(
    _ target: FeedbackLine.Target, _ database: GRDB.Database
  ) throws -> [StoredAlert] {
    switch target {
    case .alert(let prefix): return [try AlertRows.only(prefix, database)]
    case .event(let event):
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM alerts WHERE event_id = ?1 OR id IN
            (SELECT alert FROM suppressed WHERE event_id = ?1 AND reason = 'joined')
          """, arguments: [AlertRows.column(event)])
      if rows.isEmpty {
        throw Failure(.usage, "no alert is about the event '\(AlertCard.shown(event))'")
      }
      return try rows.map(AlertRows.stored)
    }
  }

  /// What people decided, newest first.
  package func verdicts(
    since: Timestamp? = nil, disposition: StoredAlert.Disposition? = nil, limit: Int
  ) throws(Failure) -> [Verdict] {
    try database.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT *, (SELECT actor FROM audit WHERE kind = 'alert' AND subject = alerts.id
            AND action = 'alert.close' ORDER BY n DESC LIMIT 1) AS closed_by
          FROM alerts WHERE status = 'closed' AND closed >= ?1
            AND (?2 IS NULL OR disposition = ?2) ORDER BY closed DESC, id LIMIT ?3
          """,
        arguments: [since?.microseconds ?? .min, disposition?.rawValue, max(0, limit)]
      ).map { Verdict(stored: try AlertRows.stored($0), by: $0["closed_by"]) }
    }
  }
}
