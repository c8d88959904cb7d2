import Cases
package import Host
import Primitives

/// What `whatif` over the last days prints: alerts, planted attacks and money as they were and as they would be.
package struct EstateView {
  private let report: EstateReport
  private static let most = 8

  package init(report: EstateReport) { self.report = report }

  package func print(to screen: Screen, isJSON: Bool) {
    if isJSON { return screen.print(report.json.serialized(.indented)) }
    guard let first = report.first, let last = report.last else {
      return screen.print("No kept event is of that time.")
    }
    screen.print(
      screen.paint(
        safe("What if, \(report.change.words)"), .bold)
        + ": \(Format.count(report.events)) kept events, \(Format.minute(first)) to \(Format.minute(last))\n"
    )
    var table = Listing([
      .init("what", "", importance: 9), .init("before", "As it was", .trailing, importance: 9),
      .init("after", "As it would be", .trailing, importance: 9),
      .init("change", "Change", .trailing, importance: 8),
    ])
    func add(_ what: String, _ before: Int?, _ after: Int?, _ words: (Int) -> String) {
      guard let before, let after else { return }
      table.append(
        [.text(what), .null, .null, .null],
        shown: [
          "before": .init(words(before)), "after": .init(words(after)),
          "change": .init(signed(after - before, words)),
        ])
    }
    func add(_ what: String, _ before: Int?, _ after: Int?) {
      add(what, before, after) { Format.count($0) }
    }
    func add(_ what: String, _ before: Cents?, _ after: Cents?) {
      add(what, before?.count, after?.count) { Format.money(Cents($0).dollars) }
    }
    let (before, after) = (report.before, report.after)
    add("alerts", before.alerts, after.alerts)
    add("counted with an open alert", before.joined, after.joined)
    add("alerts on no planted attack", before.falseAlerts, after.falseAlerts)
    for scenario in report.scenarios {
      add(
        safe("caught of \(scenario.planted) \(scenario.id)"), scenario.before, scenario.after)
    }
    add("loss stopped", before.stopped, after.stopped)
    add("analysts' time", before.labour, after.labour)
    add("friction", before.friction, after.friction)
    add("net", before.net, after.net)
    screen.print(
      table.rendered(.text, name: "rows", empty: "", terminal: screen.output), terminator: "")
    if before.falseAlerts == nil {
      screen.print("No labels say what was an attack: recall and loss are not known.")
    }
    tell("Lost", report.lost, screen)
    tell("Gained", report.gained, screen)
    let rate = report.seconds > 0 ? Double(report.replayed) / report.seconds : 0
    screen.print(
      screen.paint(
        "\n\(Format.count(report.replayed)) events judged again in \(Format.decimal(report.seconds, 1)) s, "
          + "\(Format.count(Int(rate))) a second", .dim))
  }

  private func tell(_ title: String, _ all: [EstateReport.Difference], _ screen: Screen) {
    if all.isEmpty { return }
    screen.print("\n\(screen.paint("\(title): \(named(all.count, "alert"))", .bold))")
    for one in all.prefix(EstateView.most) {
      screen.print(
        truncated(
          safe("  \(Format.minute(one.time))  \(one.rule)  \(one.entity)  \(one.title)"),
          to: screen.output.width ?? 160))
    }
    if all.count > EstateView.most {
      screen.print("  … and \(Format.count(all.count - EstateView.most)) more")
    }
  }

  private func signed(_ change: Int, _ words: (Int) -> String) -> String {
    if change == 0 { return "–" }
    return (change > 0 ? "+" : "−") + words(abs(change))
  }
}
