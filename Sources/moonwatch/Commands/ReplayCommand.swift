import ArgumentParser
import Console
import Host
import Primitives

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract:
      "Read events again and print one digest of all alerts: the same for any number of threads.",
    discussion: "Example: moonwatch replay events.jsonl --source generic-jsonl --digest --threads 4"
  )

  @OptionGroup var input: InputOptions

  @Flag(help: "Print the digest, which replay always does.")
  var digest = false

  @Option(help: ArgumentHelp("The model to score with, or none.", valueName: "file"))
  var model: String?

  @Option(
    help: ArgumentHelp("A folder of plugins instead of the configured ones.", valueName: "folder"))
  var plugins: [String] = []

  @Option(parsing: .unconditional, help: "Worker threads.")
  var threads: Int?

  @OptionGroup var shared: SharedOptions

  func run() throws {
    var settings = try shared.settings()
    if let threads { try settings.use(threads: threads) }
    let screen = Screen(quiet: shared.quiet)
    let job = DetectJob(
      settings: settings,
      options: DetectOptions(
        inputs: input.inputs, source: input.source, model: model, plugins: plugins,
        keepsAlerts: false))
    print(try job.run(progress: screen).report.digest)
  }
}
