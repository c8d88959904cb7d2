import ArgumentParser
import Console
import Host
import Primitives
import Store

struct FeedbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feedback",
    abstract: "Say in bulk what alerts turned out to be, and list what was said.",
    discussion: """
      With a CSV alone it is 'feedback give': 'moonwatch help feedback give' says what columns it has.

      Example: moonwatch feedback dispositions.csv
      """,
    subcommands: [Give.self, List.self], defaultSubcommand: Give.self)

  struct Give: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "give", abstract: "Close the alerts that a CSV names.",
      discussion: """
        Columns: 'alert' (an id or its beginning) or 'event_id' (all alerts about it, and those that its findings joined), \
        'disposition' (true-positive, false-positive, benign or duplicate) and, if there are any, 'note'. A line that cannot \
        be followed is told, the others are done, and the status is 1. A line with another number of columns than the first \
        ends it before anything is done.

        Example: moonwatch feedback give dispositions.csv --as-user ana
        """)

    @Argument(help: ArgumentHelp("The CSV.", valueName: "file"))
    var file: String
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let outcome = try change.control(shared).giveFeedback(file: file)
      FeedbackOutcomeView(outcome: outcome).print(to: Screen(quiet: shared.quiet))
      if let failure = outcome.failure(of: file) { throw failure }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List what alerts turned out to be, newest decision first.",
      discussion: "Example: moonwatch feedback list --as false-positive")

    @Option(help: ArgumentHelp("Decided at this time or later.", valueName: "time"))
    var since: TimeArgument?
    @Option(name: .customLong("as"), help: "true-positive, false-positive, benign or duplicate.")
    var disposition: String?
    @OptionGroup var rows: RowOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let verdicts = try Control(settings: try shared.settings()).feedback(
        since: since?.time, disposition: disposition, limit: rows.limit)
      FeedbackListView(verdicts: verdicts).print(
        to: Screen(quiet: shared.quiet), format: rows.format.style)
    }
  }
}
