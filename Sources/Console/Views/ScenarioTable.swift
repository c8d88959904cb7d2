import Cases
import Primitives

/// How each planted or labelled kind of incident was caught.
struct ScenarioTable {
  var scenarios: [DetectionReport.Scenario]

  func text(_ screen: Screen) -> String {
    let asksMapping = scenarios.contains { $0.mappedRight != nil }
    var columns: [TextTable.Column] = [
      .init("Scenario", importance: 9), .init("Injected", .trailing, importance: 7),
      .init("Caught", .trailing), .init("Recall", .trailing),
      .init("95 % interval", .trailing, importance: 6),
      .init("At event", .trailing, importance: 3), .init("After", .trailing, importance: 4),
    ]
    if asksMapping { columns.append(.init("Mapped right", .trailing, importance: 5)) }
    var table = TextTable(columns)
    for scenario in scenarios {
      var row: [TextTable.Cell] = [
        .init(scenario.name), .init(Format.count(scenario.injected)),
        .init(Format.count(scenario.caught)),
        .init(scenario.recall.map { Format.decimal($0) } ?? Format.missing),
        .init(
          "\(Format.decimal(scenario.interval.low)) – \(Format.decimal(scenario.interval.high))"),
        .init(scenario.firstEvent.map(event) ?? Format.missing),
        .init(scenario.secondsToDetect.map(span) ?? Format.missing),
      ]
      if asksMapping {
        row.append(
          .init(scenario.mappedRight.map { "\($0) of \(scenario.caught)" } ?? Format.missing))
      }
      table.append(row)
    }
    return table.rendered(width: screen.output.width, paint: screen.paint)
  }

  /// A median of whole numbers: `3` or `3.5`.
  private func event(_ number: Double) -> String {
    Format.decimal(number, number == number.rounded() ? 0 : 1)
  }

  private func span(_ seconds: Double) -> String {
    if seconds == 0 { return "0 s" }
    return TimeSpan(seconds: seconds).map(Format.span) ?? Format.missing
  }
}
