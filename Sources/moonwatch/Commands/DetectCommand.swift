import ArgumentParser
import Console
import Host
import Primitives

struct DetectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect",
    abstract: "Read events once and write the alerts that rules and model raise.",
    discussion: """
      Example: moonwatch detect auth.log --source sshd-auth --model none --alerts alerts.jsonl
      """)

  @OptionGroup var input: InputOptions

  @Option(help: ArgumentHelp("The model to score with, or none.", valueName: "file"))
  var model: String?

  @Option(
    help: ArgumentHelp("A folder of plugins instead of the configured ones.", valueName: "folder"))
  var plugins: [String] = []

  @Option(help: ArgumentHelp("What is known to be true, to compare with.", valueName: "file"))
  var labels: String?

  @Option(help: ArgumentHelp("Write the alerts, one JSON object a line.", valueName: "file"))
  var alerts: String?

  @Option(help: ArgumentHelp("Write a score for every event as CSV.", valueName: "file"))
  var scores: String?

  @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
  var report: String?

  @Option(parsing: .unconditional, help: "Worker threads.")
  var threads: Int?

  @Flag(help: "Stop at the first record that cannot be read.")
  var strict = false

  @Flag(help: "Judge with plugins that are saved while it reads, from then on.")
  var reload = false

  @Flag(
    name: .customLong("no-restart"), help: "Do not start again where a plugin ends the process.")
  var staysDown = false

  @Option(help: "What to print: text, json or csv.")
  var format = RowFormat.text

  @OptionGroup var shared: SharedOptions

  func run() throws {
    if !staysDown && !Supervisor.isSupervised {
      let supervisor = try Supervisor(readsInput: input.inputs.contains("-"))
      throw SupervisedEnd(status: try supervisor.run())
    }
    var settings = try shared.settings()
    if let threads { try settings.use(threads: threads) }
    let screen = Screen(quiet: shared.quiet)
    let job = DetectJob(
      settings: settings,
      options: DetectOptions(
        inputs: input.inputs, source: input.source, model: model, plugins: plugins,
        labels: labels, alerts: alerts, scores: scores, report: report, strict: strict,
        reloads: reload))
    let outcome = try job.run(progress: screen)
    DetectView(outcome: outcome, dataDirectory: settings.dataDirectory).print(
      to: screen, format: format.style)
  }
}

extension RowFormat {
  var style: RowStyle { RowStyle(rawValue: rawValue) ?? .text }
}
