import ArgumentParser
import Console
import Host
import Primitives

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast a part of the program works on this machine.",
    discussion: """
      Every report names the machine and the command and holds all raw samples.
      Example: moonwatch bench fit --rows 100000 --columns 30 --format json
      """,
    subcommands: [
      Decode.self, Features.self, Fit.self, Score.self, Lua.self, EndToEnd.self, Judge.self,
      Alerts.self,
    ])

  /// What every benchmark understands.
  struct Options: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("How often each measure is taken.", valueName: "count"))
    var samples = 5
    @Option(parsing: .unconditional, help: "Worker threads.")
    var threads: Int?
    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    /// Measures and prints the report.
    func present(_ measure: (Settings, Screen) throws -> BenchReport) throws {
      let screen = Screen(quiet: shared.quiet)
      var settings = try shared.settings()
      if let threads { try settings.use(threads: threads) }
      BenchView(report: try measure(settings, screen)).print(to: screen, format: format.style)
    }

    func validate() throws {
      if !(1...1000).contains(samples) {
        throw ValidationError("--samples is between 1 and 1000")
      }
    }
  }

  /// The table that the learner's benchmarks work on.
  struct Table: ParsableArguments {
    @Option(
      help: ArgumentHelp("A CSV of numbers; without it a table is made.", valueName: "file"))
    var table: String?
    @Option(help: ArgumentHelp("The table's column to predict.", valueName: "column"))
    var label: String?
    @Option(parsing: .unconditional, help: "Rows of the table that is made.")
    var rows = 100_000
    @Option(parsing: .unconditional, help: "Columns of the table that is made.")
    var columns = 30
    @Option(parsing: .unconditional, help: "Trees.")
    var rounds = 200
    @Option(parsing: .unconditional, help: "Depth of a tree.")
    var depth = 6
    @Option(parsing: .unconditional, help: "Bins a column.")
    var bins = 256

    func validate() throws {
      if table != nil && label == nil { throw ValidationError("--table needs --label COLUMN") }
      if table == nil && label != nil { throw ValidationError("--label needs --table FILE") }
      if !(1000...100_000_000).contains(rows) {
        throw ValidationError("--rows is between 1000 and 100000000")
      }
      if !(1...10_000).contains(columns) {
        throw ValidationError("--columns is between 1 and 10000")
      }
      if !(1...10_000).contains(rounds) {
        throw ValidationError("--rounds is between 1 and 10000")
      }
    }

    var source: BenchTable {
      if let table, let label { return .file(table, label: label) }
      return .made(rows: rows, columns: columns, seed: 1)
    }
    var fitting: FittingOptions { FittingOptions(rounds: rounds, depth: depth, bins: bins) }
  }
}
