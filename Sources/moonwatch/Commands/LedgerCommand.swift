import ArgumentParser
import Console
import Host

struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Say what each rule and the model earned and cost, and what to retire.",
    discussion: "Example: moonwatch ledger --since 2026-03-01")

  @Option(help: ArgumentHelp("Alerts of this time or later.", valueName: "time"))
  var since: TimeArgument?
  @Option(help: ArgumentHelp("Alerts before this time.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: "What to print: text, json or csv.")
  var format = RowFormat.text
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    let control = Control(settings: try shared.settings())
    let ledger = try control.ledger(since: since?.time, until: until?.time)
    LedgerView(ledger: ledger, leftBefore: try control.decisionsLeftBefore()).print(
      to: screen, format: format.style)
  }
}
