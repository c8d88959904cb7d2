import Cases
import Detection
package import Host
import Plugins
import Primitives

/// What a pass over events prints: the alerts, and what came of the events.
package struct DetectView {
  /// Cards are for reading: more than this and the rest is left to `alerts list` and `--alerts`.
  private static let shown = 10

  private let outcome: DetectOutcome
  private let flags: String

  package init(outcome: DetectOutcome, dataDirectory: String = "var") {
    self.outcome = outcome
    flags = dataDirectoryFlag(dataDirectory)
  }

  package func print(to screen: Screen, format style: RowStyle) {
    switch style {
    case .json: screen.print(outcome.report.json.serialized(.indented))
    case .csv:
      let alerts = outcome.alerts.map(\.alert)
      screen.print(AlertRows.listing(alerts).rendered(.csv, screen), terminator: "")
    case .text: printText(to: screen)
    }
  }

  private func printText(to screen: Screen) {
    let report = outcome.report
    let worst = outcome.alerts.enumerated()
      .sorted { ($1.element.alert.severity, $0.offset) < ($0.element.alert.severity, $1.offset) }
      .prefix(DetectView.shown).sorted { $0.offset < $1.offset }.map(\.element)
    if !worst.isEmpty {
      let cards = AlertCards(alerts: worst, owners: outcome.owners, flags: flags)
      screen.print(cards.text(paint: screen.paint) + "\n")
    }
    let rest = outcome.alerts.count - worst.count
    if rest > 0 {
      let advice = outcome.stored ? ": moonwatch alerts list\(flags)" : ""
      screen.print("and \(Format.count(rest)) more\(advice)\n")
    }
    if let quality = report.quality, !quality.detection.scenarios.isEmpty {
      screen.print(ScenarioTable(scenarios: quality.detection.scenarios).text(screen))
    }
    screen.print(summary(report))
    for aside in report.setAside {
      screen.print("rule \(safe(aside.rule)) was set aside: \(safe(aside.description))")
    }
  }

  private func summary(_ report: DetectReport) -> String {
    var parts = [named(report.alerts, "alert"), "\(named(report.events, "event")) read"]
    let joined = report.suppressed - report.muted
    if joined > 0 { parts[0] += " (\(named(joined, "more finding")) joined them)" }
    if report.muted > 0 { parts.append("\(named(report.muted, "finding")) muted") }
    if report.duplicates > 0 { parts.append(named(report.duplicates, "duplicate")) }
    if report.late > 0 { parts.append("\(Format.count(report.late)) too late") }
    let unreadable = report.deadLetters - report.late
    if unreadable > 0 {
      let place = outcome.deadLetterFile.map { " in \(safe($0))" } ?? ""
      parts.append("\(Format.count(unreadable)) could not be read\(place)")
    }
    parts.append(Format.rate(report.eventsPerSecond).replacing("/s", with: " events/s"))
    return parts.joined(separator: " · ")
  }
}

/// `1 alert`, `2 alerts`.
func named(_ count: Int, _ noun: String) -> String {
  "\(Format.count(count)) \(noun)\(count == 1 ? "" : "s")"
}
