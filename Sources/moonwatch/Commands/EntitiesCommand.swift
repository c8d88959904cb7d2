import ArgumentParser
import Console
import Host

struct EntitiesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "entities",
    abstract: "Show how much trouble users, devices, cards and terminals are in.",
    discussion: "Example: moonwatch entities list --field user",
    subcommands: [List.self, Show.self, Set.self, Clear.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List entities by risk, the highest first.",
      discussion: "Example: moonwatch entities list --field card --band red")

    @Option(help: "Of this field only, such as user or card.")
    var field: String?
    @Option(help: "In this band only: green, amber or red.")
    var band: String?
    @OptionGroup var moment: MomentOption
    @OptionGroup var rows: RowOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let found = try Control(settings: try shared.settings()).entities(
        at: moment.moment, field: field, band: band, limit: rows.limit)
      EntityListView(at: found.at, risks: found.risks).print(to: screen, format: rows.format.style)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show the risk of one entity, what makes it up and what would make it green.",
      discussion: "Example: moonwatch entities show user=ana --at '2026-03-01 14:00'")

    @Argument(help: ArgumentHelp("The entity, such as user=ana.", valueName: "field=value"))
    var entity: String
    @OptionGroup var moment: MomentOption
    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let story = try Control(settings: try shared.settings()).entity(
        named: entity, at: moment.moment)
      EntityView(story: story).print(to: screen, format: format.style)
    }
  }

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Set a risk by hand for a time.",
      discussion:
        "Example: moonwatch entities set user=ana --score 0 --for '7 days' --note 'a known test'")

    @Argument(help: ArgumentHelp("The entity, such as user=ana.", valueName: "field=value"))
    var entity: String
    @Option(parsing: .unconditional, help: "The risk in points.")
    var score: Double
    @Option(name: .customLong("for"), help: "How long it holds, such as '7 days'.")
    var span: String
    @OptionGroup var reason: ReasonOption
    @Option(
      help: ArgumentHelp(
        "From when on; now for the clock (default: the newest alert's time).", valueName: "time"))
    var at: MomentArgument?
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let set = try change.control(shared).setRisk(
        of: entity, score: score, for: span, note: reason.note, at: at?.moment ?? .newestAlert)
      screen.note(EntityNote.set(set))
    }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "clear", abstract: "Take back a risk that was set by hand.",
      discussion: "Example: moonwatch entities clear user=ana")

    @Argument(help: ArgumentHelp("The entity, such as user=ana.", valueName: "field=value"))
    var entity: String
    @Option(
      help: ArgumentHelp(
        "From when on; now for the clock (default: the newest alert's time).", valueName: "time"))
    var at: MomentArgument?
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      try change.control(shared).clearRisk(
        of: entity, at: at?.moment ?? .newestAlert)
      screen.note(EntityNote.cleared(entity))
    }
  }
}

/// The moment that a question is about.
struct MomentOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "As it was at this time; now for the clock (default: the newest alert's).",
      valueName: "time"))
  var at: MomentArgument?

  var moment: Moment { at?.moment ?? .newestAlert }
}

/// `now` or a point in time.
struct MomentArgument: ExpressibleByArgument {
  var moment: Moment

  init?(argument: String) {
    guard let moment = Moment(argument) else { return nil }
    self.moment = moment
  }
}
