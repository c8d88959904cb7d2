import ArgumentParser
import Console
import Host
import Primitives

extension BenchCommand {
  struct Fit: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "fit", abstract: "Measure how long it takes to learn a table.",
      discussion: "Example: moonwatch bench fit --table table.csv --label y --format json")
    @OptionGroup var table: Table
    @OptionGroup var options: Options

    func run() throws {
      try options.present { settings, screen in
        try FitBenchJob(
          settings: settings, table: table.source, fitting: table.fitting,
          repeats: options.samples, command: CommandLine.arguments
        ).run(progress: screen)
      }
    }
  }

  struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "score", abstract: "Measure how fast a model scores and explains rows.",
      discussion: "Example: moonwatch bench score --table table.csv --label y --model model.json")
    @Option(help: ArgumentHelp("A model; without it one is learned first.", valueName: "file"))
    var model: String?
    @OptionGroup var table: Table
    @OptionGroup var options: Options

    func run() throws {
      try options.present { settings, screen in
        try ScoreBenchJob(
          settings: settings, table: table.source, model: model,
          fitting: table.fitting, repeats: options.samples, command: CommandLine.arguments
        ).run(progress: screen)
      }
    }
  }
}
