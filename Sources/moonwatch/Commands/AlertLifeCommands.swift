import ArgumentParser
import Cases
import Console
import Host
import Primitives
import Store

/// What people do with an alert between its raising and its closing.
extension AlertsCommand {
  struct Acknowledge: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ack", abstract: "Say that somebody has seen a new alert.",
      discussion: "Example: moonwatch alerts ack 3f2a91c0")

    @Argument(help: "The alert's id, or the beginning of it.")
    var id: String
    @OptionGroup var reason: ReasonOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let alert = try change.control(shared).acknowledge(id, note: reason.given)
      Screen(quiet: shared.quiet).note("acknowledged \(alert.alert.id)")
    }
  }

  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "start",
      abstract: "Begin to work on an alert; it becomes yours where it is nobody's.",
      discussion: "Example: moonwatch alerts start 3f2a91c0 --as-user ana")

    @Argument(help: "The alert's id, or the beginning of it.")
    var id: String
    @OptionGroup var reason: ReasonOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let alert = try change.control(shared).start(id, note: reason.given)
      Screen(quiet: shared.quiet).note(
        "\(alert.alert.id) is in progress with \(safe(alert.assignee ?? "nobody"))")
    }
  }

  struct Assign: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "assign", abstract: "Give an open alert to somebody, or to nobody.",
      discussion: "Example: moonwatch alerts assign 3f2a91c0 --to ben --note 'knows the card team'")

    @Argument(help: "The alert's id, or the beginning of it.")
    var id: String
    @OptionGroup var reason: ReasonOption
    @Option(help: ArgumentHelp("Whose it is from now on.", valueName: "name"))
    var to: String?
    @Flag(help: "It is nobody's any more.")
    var toNobody = false
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
      if (to == nil) != toNobody { throw ValidationError("give --to NAME or --to-nobody") }
    }

    func run() throws {
      let alert = try change.control(shared).assign(id, to: to, note: reason.given)
      Screen(quiet: shared.quiet).note(
        "\(alert.alert.id) is \(safe(to.map { "\($0)'s" } ?? "nobody's"))")
    }
  }

  struct Note: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "note", abstract: "Add a note to an alert's history.",
      discussion: "Example: moonwatch alerts note 3f2a91c0 'the customer confirms the payment'")

    @Argument(help: "The alert's id, or the beginning of it.")
    var id: String
    @Argument(help: "What there is to know.")
    var text: String
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let alert = try change.control(shared).note(id, text)
      Screen(quiet: shared.quiet).note("noted on \(alert.alert.id)")
    }
  }

  struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "history", abstract: "Say what was done with an alert, when and by whom.",
      discussion: "Example: moonwatch alerts history 3f2a91c0")

    @Argument(help: "The alert's id, or the beginning of it.")
    var id: String
    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let history = try Control(settings: try shared.settings()).history(id)
      AlertHistoryView(history: history).print(
        to: Screen(quiet: shared.quiet), format: format.style)
    }
  }
}
