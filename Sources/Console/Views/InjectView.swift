package import Host
import Primitives
import Synthetic

/// What `inject` prints: how many attacks of each scenario were planted, and what could not be.
package struct InjectView {
  private let summary: InjectSummary

  package init(summary: InjectSummary) { self.summary = summary }

  package func print(to screen: Screen) {
    let planting = summary.planting
    var counts: [String: (incidents: Int, events: Int)] = [:]
    for incident in planting.incidents {
      counts[incident.scenario, default: (0, 0)].incidents += 1
      counts[incident.scenario, default: (0, 0)].events += incident.events.count
    }
    var table = TextTable([
      .init("Scenario"), .init("Attacks", .trailing), .init("Events", .trailing),
    ])
    for (scenario, count) in counts.sorted(by: { $0.key < $1.key }) {
      table.append([
        .init(scenario), .init(Format.count(count.incidents)), .init(Format.count(count.events)),
      ])
    }
    if !counts.isEmpty {
      screen.print(
        table.rendered(width: screen.output.width, paint: screen.paint), terminator: "")
    }
    for shortfall in planting.shortfalls { screen.note(safe(shortfall.description)) }
    screen.note(
      "planted among \(named(summary.events, "event")) · wrote \(safe(summary.out)) and"
        + " \(safe(summary.labels))")
    if let truth = summary.truth {
      screen.note("the source's own labels are in \(safe(truth))")
    }
  }
}
