import ArgumentParser
import Console
import Host
import Primitives

struct RehearseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rehearse",
    abstract:
      "Print what a playbook or an escalation would do about a stored alert, without doing it.",
    discussion: """
      Questions get the answers that you give, and otherwise those that hold where nobody answers in time. What the
      settings do not grant is refused, as it would be for real.

      Example: moonwatch rehearse contain-account 3f2a91c0 --answer "was it you?=yes"
      """)

  @Argument(help: "The id of a playbook or an escalation.")
  var playbook: String
  @Argument(help: "The alert's id, or the beginning of it.")
  var alert: String
  @Option(
    name: .customLong("answer"),
    help: ArgumentHelp("What a person answers.", valueName: "step=answer"))
  var answers: [String] = []
  @Flag(help: "As if everything that it asks for were granted and set.")
  var asGranted = false
  @Option(
    help: ArgumentHelp("A folder of plugins instead of the configured ones.", valueName: "dir"))
  var plugins: [String] = []
  @Option(help: "What to print: text or json.")
  var format = RowFormat.text
  @OptionGroup var shared: SharedOptions

  func run() throws {
    var given: [String: String] = [:]
    for answer in answers {
      guard let sign = answer.lastIndex(of: "=") else {
        throw Failure(
          .usage, "--answer is '\(answer)'", advice: "write the step, = and the answer")
      }
      given[String(answer[..<sign])] = String(answer[answer.index(after: sign)...])
    }
    let rehearsal = try RehearseJob(
      settings: try shared.settings(), folders: plugins, playbook: playbook, alert: alert,
      answers: given, asGranted: asGranted
    ).run()
    RehearsalView(rehearsal: rehearsal).print(
      to: Screen(quiet: shared.quiet), isJSON: format.style == .json)
  }
}
