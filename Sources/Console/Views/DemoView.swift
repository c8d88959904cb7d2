import Cases
package import Host
import Primitives

/// What the demo prints: the worst alerts, what was caught at what price, and where to look further.
package struct DemoView {
  private let outcome: DemoOutcome

  package init(outcome: DemoOutcome) { self.outcome = outcome }

  package func print(to screen: Screen) {
    let flags = dataDirectoryFlag(outcome.dataDirectory)
    screen.print(heading(screen.paint))
    if outcome.worst.isEmpty {
      screen.print("No alert was raised.\n")
    } else {
      let count = outcome.worst.count
      let title = count == 1 ? "The one alert" : "The \(count) worst alerts"
      screen.print(screen.paint(title, .bold) + "\n")
      let cards = AlertCards(alerts: outcome.worst, owners: outcome.owners, flags: flags)
      screen.print(cards.text(paint: screen.paint) + "\n")
    }
    if let quality = outcome.detect.quality {
      screen.print(screen.paint("What was planted, and what was caught", .bold) + "\n")
      screen.print(ScenarioTable(scenarios: quality.detection.scenarios).text(screen))
      screen.print(figures(quality))
    }
    screen.print(cost())
    screen.print(further(flags, screen.paint))
  }

  private func heading(_ paint: Paint) -> String {
    let text =
      "\(Format.count(outcome.events)) events of \(outcome.days) days, seed \(outcome.seed)."
      + " Learned from the days before \(outcome.testStart), judged the"
      + " \(Format.decimal(outcome.testDays, 1)) days after.\n"
    return text
  }

  private func figures(_ quality: DetectReport.Quality) -> String {
    let precision = quality.detection.precision.map { Format.percent($0) } ?? Format.missing
    let average = quality.averagePrecision.map { Format.decimal($0, 3) } ?? Format.missing
    let area = quality.rocAUC.map { Format.decimal($0, 3) } ?? Format.missing
    return """
      Alerts a day       \(Format.decimal(outcome.alertsPerDay, 1)), of them \
      \(Format.decimal(outcome.falseAlertsPerDay, 1)) false (precision \(precision))
      Model by itself    average precision \(average) at a base rate of \
      \(Format.percent(quality.baseRate, 2)), ROC-AUC \(area)
      """
  }

  private func cost() -> String {
    let span = TimeSpan(seconds: outcome.wallSeconds).map(Format.span) ?? Format.missing
    return "Took               \(span) and \(Format.bytes(outcome.peakMemory)) of memory\n"
  }

  private func further(_ flags: String, _ paint: Paint) -> String {
    var lines = [paint("Look further", .bold), "  moonwatch alerts list\(flags)"]
    if let first = outcome.worst.first {
      lines.append("  moonwatch alerts show \(ShortID.of(first.alert))\(flags)")
      lines.append("  moonwatch explain \(ShortID.of(first.alert))\(flags)")
    }
    return lines.joined(separator: "\n")
  }
}
