package import Host
import Primitives

/// What `bench` prints: a line a measure, or the whole report as JSON.
package struct BenchView {
  private let report: BenchReport

  package init(report: BenchReport) { self.report = report }

  package func print(to screen: Screen, format style: RowStyle) {
    if style == .json {
      screen.print(report.json.serialized(.indented))
      return
    }
    var listing = Listing([
      .init("measure", "Measure"), .init("median", "Median", .trailing),
      .init("lowest", "Lowest", .trailing), .init("highest", "Highest", .trailing),
      .init("unit", "Unit"), .init("samples", "Samples", .trailing),
    ])
    for measure in report.measures {
      let numbers = [measure.median, measure.samples.min(), measure.samples.max()]
      listing.append(
        [.text(measure.name)] + numbers.map { $0.map { .number($0) } ?? .null } + [
          .text(measure.unit), .integer(Int64(measure.samples.count)),
        ],
        shown: Dictionary(
          uniqueKeysWithValues: zip(["median", "lowest", "highest"], numbers).compactMap {
            key, number in number.map { (key, TextTable.Cell(shown($0))) }
          }))
    }
    screen.print(
      listing.rendered(style, name: "measures", empty: "", terminal: screen.output),
      terminator: "")
    if style == .csv { return }
    for result in report.results {
      screen.print("\(result.key)  \(safe(plain(result.value)))")
    }
    let machine = report.machine
    screen.note(
      "on \(safe(machine.processor)), \(named(machine.cores, "core"))"
        + (machine.load.map { ", load \(Format.decimal($0))" } ?? ""))
  }

  /// Rates are large and times are small: three digits either way.
  private func shown(_ number: Double) -> String {
    abs(number) >= 1000 ? Format.short(number) : Format.decimal(number, abs(number) < 10 ? 3 : 1)
  }

  private func plain(_ value: JSONValue) -> String {
    switch value {
    case .text(let text): text
    case .number(let number): Format.decimal(number, 4)
    case .null: Format.missing
    default: value.serialized()
    }
  }
}
