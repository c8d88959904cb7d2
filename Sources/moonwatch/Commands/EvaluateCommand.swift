import ArgumentParser
import Console
import Host
import Primitives

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model on labelled events.",
    discussion: """
      Example: moonwatch evaluate later.csv --source card-transactions --model model.json \
      --report report.json
      """)

  @OptionGroup var input: InputOptions

  @Option(
    help: ArgumentHelp(
      "What is known to be true (default: the source's own labels).", valueName: "file"))
  var labels: String?

  @Option(help: ArgumentHelp("The model.", valueName: "file"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "Count events from this time on; earlier ones only fill the windows.", valueName: "time"))
  var from: TimeArgument?

  @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
  var report: String?

  @Option(parsing: .unconditional, help: "Worker threads.")
  var threads: Int?

  @OptionGroup var shared: SharedOptions

  func run() throws {
    var settings = try shared.settings()
    if let threads { try settings.use(threads: threads) }
    let screen = Screen(quiet: shared.quiet)
    let outcome = try EvaluateJob(
      settings: settings, inputs: input.inputs, source: input.source, labels: labels,
      model: model, from: from?.time, report: report
    ).run(progress: screen)
    EvaluateView(report: outcome).print(to: screen)
  }
}
