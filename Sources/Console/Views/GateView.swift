package import Host
import Primitives

/// What `gate` prints: how each scenario fares, what alerts come and go, and whether the plugins may go live.
package struct GateView {
  private static let mostDifferences = 5
  private let report: GateReport

  package init(report: GateReport) { self.report = report }

  package func print(to screen: Screen, format style: RowStyle) {
    if style == .json {
      screen.print(report.json.serialized(.indented))
      return
    }
    var listing = Listing([
      .init("id", "Scenario", importance: 9),
      .init("injected", "Injected", .trailing, importance: 7),
      .init("before", "Before", .trailing, importance: 8),
      .init("after", "After", .trailing, importance: 8),
      .init("interval", "95 % interval", .trailing, importance: 4),
      .init("caught_by", "Caught by", importance: 5), .init("file", "File", importance: 1),
    ])
    // A person reads of what could not be planted in one line below.
    for scenario in report.scenarios where style != .text || scenario.injected > 0 {
      let interval = scenario.after.interval
      listing.append([
        .text(scenario.id), .integer(Int64(scenario.injected)),
        scenario.before.map { .integer(Int64($0.caught)) } ?? .null,
        .integer(Int64(scenario.after.caught)),
        scenario.injected == 0
          ? .null : .text("\(Format.decimal(interval.low)) – \(Format.decimal(interval.high))"),
        .text(caughtBy(scenario)), .text(scenario.file),
      ])
    }
    screen.print(
      listing.rendered(
        style, name: "scenarios", empty: "No scenarios are installed.", terminal: screen.output),
      terminator: "")
    if style == .text { printRest(to: screen) }
  }

  private func caughtBy(_ scenario: GateReport.Scenario) -> String {
    if scenario.injected == 0 { return "not planted" }
    let finders = scenario.after.caughtBy.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return finders.isEmpty
      ? "nobody" : finders.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  private func printRest(to screen: Screen) {
    let unplanted = report.scenarios.filter { $0.injected == 0 }.map(\.id)
    if !unplanted.isEmpty {
      screen.print(
        "Not planted, since these events have nothing to plant it into: "
          + safe(unplanted.joined(separator: ", ")))
    }
    screen.print("")
    for (title, side) in [("before", report.before), ("after", report.after)] {
      guard let side else { continue }
      screen.print(
        "\(title): \(named(side.alerts, "alert")), \(Format.decimal(side.alertsPerDay, 1)) a day, "
          + "\(Format.decimal(side.falseAlertsPerDay, 1)) of them false; "
          + "\(Format.decimal(side.microsecondsPerEvent, 2)) µs an event for the rules")
    }
    show(report.gained, "gained", screen)
    show(report.lost, "lost", screen)
    screen.print("")
    if report.passed {
      screen.print(
        report.before == nil
          ? "These plugins may go live; there was nothing to hold them against."
          : "These plugins may go live.")
    } else {
      screen.print(
        report.isAccepted
          ? "Later plugins are held against these, though they must not go live:"
          : "These plugins must not go live:")
      for reason in report.refusals { screen.print("  \(safe(reason))") }
      if !report.isAccepted {
        screen.print(
          "Where that is meant, moonwatch gate --accept takes them as what later ones are held against."
        )
      }
    }
  }

  private func show(_ alerts: [GateReport.Difference], _ title: String, _ screen: Screen) {
    if report.before == nil { return }
    let wrong = alerts.count(where: \.isFalse)
    screen.print("\(title): \(named(alerts.count, "alert")), \(wrong) of them false")
    for alert in alerts.prefix(GateView.mostDifferences) {
      screen.print(
        "  \(alert.time)  \(safe(alert.rule))  \(safe(alert.entity))  \(safe(alert.title))")
    }
    let rest = alerts.count - GateView.mostDifferences
    if rest > 0 { screen.print("  and \(rest) more (--format json lists them)") }
  }
}
