import ArgumentParser
import Console
import Host
import Primitives
import Store

struct ResponsesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "responses",
    abstract:
      "Say what escalations and playbooks did, answer what they ask, and look after what failed.",
    discussion: """
      'run' carries out what is granted; 'detect' only writes down what would be done.
      Example: moonwatch responses list --state asking
      """,
    subcommands: [List.self, Acts.self, Answer.self, Retry.self, Drop.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List what alerts have set off, newest first.",
      discussion: "Example: moonwatch responses list --alert 3f2a91c0")

    @Option(help: "Of this state: due, running, asking, done, failed or withheld.")
    var state: String?
    @Option(help: "Of this escalation or playbook.")
    var plugin: String?
    @Option(help: ArgumentHelp("On this alert, or the beginning of its id.", valueName: "id"))
    var alert: String?
    @OptionGroup var rows: RowOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let found = try Control(settings: try shared.settings()).responses(
        state: state, plugin: plugin, alert: alert, limit: rows.limit)
      ResponseListView(responses: found).print(
        to: Screen(quiet: shared.quiet), format: rows.format.style)
    }
  }

  struct Acts: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "acts", abstract: "List acts: what was done, tried and given up.",
      discussion: "Example: moonwatch responses acts --dead")

    @Argument(help: "Of this response only, in order.")
    var response: Int64?
    @Flag(help: "Those that failed for good or whose end is not known.")
    var dead = false
    @OptionGroup var rows: RowOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
      if response != nil && dead { throw ValidationError("give a response or --dead") }
    }

    func run() throws {
      let found = try Control(settings: try shared.settings()).acts(
        of: response, dead: dead, limit: rows.limit)
      ActListView(acts: found, dead: dead).print(
        to: Screen(quiet: shared.quiet), format: rows.format.style)
    }
  }

  struct Answer: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "answer", abstract: "Answer what a playbook asks; the service goes on with it.",
      discussion: "Example: moonwatch responses answer 12 yes --as-user ana")

    @Argument(help: "The response's id.")
    var response: Int64
    @Argument(help: "One of the choices.")
    var choice: String
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let answered = try change.control(shared).answer(response, choice)
      Screen(quiet: shared.quiet).note("answered \(safe(answered.plugin)): \(safe(choice))")
    }
  }

  struct Retry: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "retry", abstract: "Have a dead act of an escalation done again by the service.",
      discussion: """
        What of the escalation was done is not done again. Where the act's end is not known, it may then be done twice.
        Example: moonwatch responses retry 5f0c9a1b --note 'the pager was down'
        """)

    @Argument(help: "The act's key, or the beginning of it.")
    var key: String
    @OptionGroup var reason: ReasonOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let act = try change.control(shared).retryAct(key, note: reason.given)
      Screen(quiet: shared.quiet).note("\(act.key) is done again")
    }
  }

  struct Drop: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "drop", abstract: "Say that a dead act was looked after; it leaves the list.",
      discussion: "Example: moonwatch responses drop 5f0c9a1b --note 'paged by hand'")

    @Argument(help: "The act's key, or the beginning of it.")
    var key: String
    @OptionGroup var reason: ReasonOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let act = try change.control(shared).dropAct(key, note: reason.given)
      Screen(quiet: shared.quiet).note("dropped \(act.key)")
    }
  }
}
