import ArgumentParser
import Console
import Host
import Primitives

struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Write the features of every event, as they were when it arrived.",
    discussion: """
      Example: moonwatch features transactions.csv --source card-transactions --out features.csv
      """)

  @OptionGroup var input: InputOptions

  @Option(
    help: ArgumentHelp("A feature set of config/features (default: standard).", valueName: "name"))
  var features: String?

  @Option(
    help: ArgumentHelp(
      "Labels that features of labels may read, each from when it is known (default: the source's own).",
      valueName: "file"))
  var labels: String?

  @Option(help: ArgumentHelp("Where to write the CSV, - for standard output.", valueName: "file"))
  var out: String

  @Option(parsing: .unconditional, help: "Worker threads.")
  var threads: Int?

  @Flag(help: "Stop at the first record that cannot be read.")
  var strict = false

  @OptionGroup var shared: SharedOptions

  func run() throws {
    var settings = try shared.settings()
    if let threads { try settings.use(threads: threads) }
    let screen = Screen(quiet: shared.quiet)
    let summary = try FeaturesJob(
      settings: settings, inputs: input.inputs, source: input.source, features: features,
      out: out, labels: labels, strict: strict
    ).run(progress: screen)
    screen.note(
      "\(Format.count(summary.events)) rows of \(summary.features) features written to \(out)")
  }
}
