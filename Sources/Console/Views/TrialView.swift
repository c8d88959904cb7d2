import Cases
import Detection
package import Host
import Primitives

/// What `try` and `backtest` print: what a rule would have caught and hidden, and what it would have cost.
package struct TrialView {
  private let report: TrialReport
  private static let most = 10

  package init(report: TrialReport) { self.report = report }

  package func print(to screen: Screen, isJSON: Bool) {
    if isJSON { return screen.print(report.json.serialized(.indented)) }
    guard let first = report.first, let last = report.last else {
      return screen.print("No kept event is of that time, or none has what the rule looks at.")
    }
    screen.print(
      screen.paint(
        safe("\(report.title) on \(Format.count(report.events)) kept events"), .bold)
        + ", \(Format.minute(first)) to \(Format.minute(last))")
    screen.print(
      "  \(named(report.findings, "finding")): \(named(report.alerts.count, "alert")) "
        + "(\(Format.decimal(Double(report.alerts.count) / report.days, 1)) a day), "
        + "\(Format.count(report.joined)) counted with one that was open")
    if !report.alerts.isEmpty {
      screen.print(
        "  \(Format.count(report.known)) of the alerts are on events that an alert is kept about")
    }
    caught(screen)
    cost(screen)
    if let failure = report.lastFailure {
      screen.print("  failed \(Format.count(report.failures)) times, last: \(safe(failure))")
    }
    for alert in report.alerts.prefix(TrialView.most) {
      let entity = alert.entity.map { " \($0.field)=\($0.value)" } ?? ""
      screen.print(
        truncated(
          safe("  \(Format.minute(alert.time))  \(alert.severity.word)\(entity)  \(alert.message)"),
          to: screen.output.width ?? 160))
    }
    if report.alerts.count > TrialView.most {
      screen.print("  … and \(Format.count(report.alerts.count - TrialView.most)) more alerts")
    }
  }

  private func caught(_ screen: Screen) {
    guard let falseAlerts = report.falseAlerts else {
      screen.print("  no labels say what was an attack, so that right and wrong are not known")
      return
    }
    let hit = report.scenarios.filter { $0.caught > 0 }
    let missed = report.scenarios.filter { $0.caught == 0 }.count
    for scenario in hit {
      screen.print(
        "  caught \(scenario.caught) of \(scenario.planted) planted \(safe(scenario.id))")
    }
    if missed > 0 { screen.print("  caught none of \(named(missed, "other planted scenario"))") }
    screen.print("  \(named(falseAlerts, "alert")) on no planted attack")
  }

  private func cost(_ screen: Screen) {
    var words = "  to look at the alerts costs \(Format.money(report.labour.dollars))"
    if let friction = report.friction {
      words += ", the false ones cost those they are about \(Format.money(friction.dollars))"
    }
    screen.print(words)
    if report.events > 0 {
      let each = report.ruleSeconds / Double(report.events) * 1e6
      screen.print(
        "  the rule took \(Format.decimal(report.ruleSeconds, 2)) s, \(Format.decimal(each, 2)) µs an event"
      )
    }
  }
}
