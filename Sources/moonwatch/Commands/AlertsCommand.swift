import ArgumentParser
import Cases
import Console
import Host
import Primitives
import Store

struct AlertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts",
    abstract: "List and show stored alerts, and say what became of them.",
    discussion: "Example: moonwatch alerts list --severity high",
    subcommands: [
      List.self, Show.self, Acknowledge.self, Assign.self, Start.self, Note.self, Close.self,
      Reopen.self, History.self, Export.self, Prove.self,
    ])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List alerts, newest first or by worth.",
      discussion: "Example: moonwatch alerts list --severity high --order worth --limit 20")

    @OptionGroup var filter: AlertFilterOptions
    @Option(help: "newest, or worth: as queue ranks the open ones, the closed ones behind.")
    var order = AlertListOrder.newest
    @OptionGroup var rows: RowOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let control = Control(settings: try shared.settings())
      var alerts = try control.list(
        try filter.filter(control), order: order, limit: rows.limit)
      // Text has no room for it.
      if rows.format != .text { alerts = try control.grouped(alerts) }
      AlertListView(alerts: alerts).print(to: screen, format: rows.format.style)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show one alert whole.",
      discussion: "Example: moonwatch alerts show 3f2a91c0")

    @Argument(help: "The alert's id, or the beginning of it.")
    var id: String
    @Option(
      parsing: .unconditional,
      help: "How many of the findings that were counted with it, newest first.")
    var findings = 10
    @Option(help: "What to print: text or json.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let control = Control(settings: try shared.settings())
      guard (0...100_000).contains(findings) else {
        throw Failure(.usage, "--findings is \(findings)", advice: "give 0 to 100000")
      }
      let (stored, frozen, _) = try control.alert(id)
      let view = AlertView(
        stored: stored, owners: try control.owners(),
        findings: try control.suppressed(with: stored, limit: findings), frozen: frozen)
      view.print(to: screen, format: format.style)
      if format == .text { RecurrenceSection.print(try control.recurrence(of: id), to: screen) }
    }
  }

  struct Close: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "close", abstract: "Close an alert and say what it was.",
      discussion:
        "Example: moonwatch alerts close 3f2a91c0 --as false-positive --note 'a known test'")

    @Argument(help: "The alert's id, or the beginning of it.")
    var id: String
    @Option(name: .customLong("as"), help: "true-positive, false-positive, benign or duplicate.")
    var disposition: String
    @Option(
      name: .customLong("of"),
      help: ArgumentHelp("The alert that a duplicate tells the same as.", valueName: "id"))
    var original: String?
    @OptionGroup var reason: ReasonOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let closed = try change.control(shared).close(
        id, disposition: disposition, of: original, note: reason.note)
      screen.note("closed \(closed) as \(disposition)\(original.map { " of \(safe($0))" } ?? "")")
    }
  }

  struct Reopen: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reopen", abstract: "Open a closed alert again; its note stays.",
      discussion: "Example: moonwatch alerts reopen 3f2a91c0")

    @Argument(help: "The alert's id, or the beginning of it.")
    var id: String
    @OptionGroup var reason: ReasonOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let opened = try change.control(shared).reopen(id, note: reason.given)
      screen.note("opened \(opened) again")
    }
  }
}

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what happened, why, so what, now what, whether before, how sure, what if not.",
    discussion: "Example: moonwatch explain 3f2a91c0")

  @Argument(help: "The alert's id, or the beginning of it.")
  var alert: String
  @Option(help: "What to print: text or json.")
  var format = StoryFormat.text
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    let control = Control(settings: try shared.settings())
    ExplainView(try control.explanation(alert)).print(to: screen, format: format.style)
  }
}

extension AlertListOrder: ExpressibleByArgument {}
