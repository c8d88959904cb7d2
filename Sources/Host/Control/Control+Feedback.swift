import Cases
import Ingest
package import Primitives
package import Store

extension FeedbackOutcome {
  private static let mostTold = 100

  /// Every line that led to nothing, one below the other; missing where there is none.
  package func failure(of file: String) -> Failure? {
    if dead.isEmpty { return nil }
    var lines = dead.prefix(FeedbackOutcome.mostTold).map { "\(file):\($0.line): \($0.why)" }
    let rest = dead.count - lines.count
    if rest > 0 { lines.append("\(file): \(rest) more lines led to nothing") }
    return Failure(.unmet, lines.joined(separator: "\nmoonwatch: "))
  }
}

extension Control {
  private static let alertColumns = ["alert", "alert_id", "id"]
  private static let eventColumns = ["event_id", "event"]

  /// Closes alerts as a CSV says: `alert` (an id or its beginning) or `event_id`, `disposition`, and `note` where there is one.
  package func giveFeedback(file: String) throws(Failure) -> FeedbackOutcome {
    let table = try CSVTable.read(file)
    func column(_ names: [String]) -> Int? {
      table.columns.firstIndex { names.contains($0.lowercased()) }
    }
    let alert = column(Control.alertColumns)
    let event = column(Control.eventColumns)
    guard let disposition = column(["disposition"]), alert != nil || event != nil else {
      throw Failure(
        .input, "\(AlertCard.shown(file)):1: these are no dispositions",
        advice:
          "name the columns 'alert' or 'event_id', 'disposition' and, if there are any, 'note'")
    }
    let note = column(["note"])
    let words = StoredAlert.Disposition.allCases.map(\.word)
    var lines: [FeedbackLine] = []
    var dead: [(line: Int, why: String)] = []
    for row in table.rows {
      do throws(Failure) {
        let text = row.fields[disposition].lowercased()
        guard
          let known = try word(
            text, "disposition",
            { StoredAlert.Disposition(rawValue: $0.replacing("-", with: "_")) }, words)
        else { continue }
        let named = alert.map { row.fields[$0] } ?? ""
        let about = event.map { row.fields[$0] } ?? ""
        if named.isEmpty && about.isEmpty {
          throw Failure(.usage, "it names neither an alert nor an event")
        }
        let why = try checked(note.map { row.fields[$0] })
        lines.append(
          FeedbackLine(
            number: row.line, target: named.isEmpty ? .event(about) : .alert(named),
            disposition: known, note: why))
      } catch {
        dead.append((row.line, error.description))
      }
    }
    var outcome =
      lines.isEmpty ? FeedbackOutcome() : try store(.change).give(lines, at: pen.now())
    outcome.dead = (outcome.dead + dead).sorted { $0.line < $1.line }
    return outcome
  }

  /// What people decided about alerts, newest first.
  package func feedback(
    since: Timestamp? = nil, disposition: String? = nil, limit: Int
  ) throws(Failure) -> [Verdict] {
    guard limit > 0 else { throw Failure(.usage, "--limit is \(limit)", advice: "give 1 or more") }
    let known = try word(
      disposition, "disposition",
      { StoredAlert.Disposition(rawValue: $0.replacing("-", with: "_")) },
      StoredAlert.Disposition.allCases.map(\.word))
    return try store(.readOnly).verdicts(since: since, disposition: known, limit: limit)
  }
}
