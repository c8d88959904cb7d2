import ArgumentParser
import Console
import Host

struct RetentionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention",
    abstract: "Say what is kept and how much it may take, or let go of what is due now.",
    discussion: "Example: moonwatch retention apply",
    subcommands: [Show.self, Apply.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Say what is kept, since when, and within what limits.",
      discussion: "Example: moonwatch retention show --format json")

    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let state = try Control(settings: try shared.settings()).retention()
      RetentionView(state: state).print(to: screen, format: format.style)
    }
  }

  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "apply",
      abstract: "Let go of what is too old or too much, the oldest first.",
      discussion: """
        What leaves is an audit record, and its space goes back to the disk. To keep it elsewhere, export it before: \
        moonwatch alerts export.

        Example: moonwatch retention apply --as-user ana
        """)

    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let outcome = try change.control(shared).applyRetention()
      RetentionOutcomeView(outcome: outcome).print(to: screen, format: format.style)
    }
  }
}
