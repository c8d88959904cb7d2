import ArgumentParser
import Console
import Host
import Primitives

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Score a table with a model, ours or one saved by XGBoost or LightGBM.",
    discussion: "Example: moonwatch score --table table.csv --model model.json --out scores.csv")

  @Option(help: ArgumentHelp("A CSV with the model's columns.", valueName: "file"))
  var table: String

  @Option(help: ArgumentHelp("The model.", valueName: "file"))
  var model: String

  @Option(help: ArgumentHelp("Where to write the scores as CSV.", valueName: "file"))
  var out: String

  @Flag(help: "Write margins (log-odds) instead of probabilities.")
  var margin = false

  @Flag(help: "Write what each column adds to the margin.")
  var contributions = false

  @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
  var report: String?

  @Option(parsing: .unconditional, help: "Worker threads.")
  var threads: Int?

  @OptionGroup var shared: SharedOptions

  func run() throws {
    var settings = try shared.settings()
    if let threads { try settings.use(threads: threads) }
    let screen = Screen(quiet: shared.quiet)
    let outcome = try ScoreJob(
      settings: settings, table: table, model: model, out: out, margin: margin,
      contributions: contributions, report: report
    ).run(progress: screen)
    ScoreView(report: outcome, out: out).print(to: screen)
  }
}
