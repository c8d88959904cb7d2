import ArgumentParser
import Console
import Host

struct IncidentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incidents",
    abstract: "Alerts that belong together: list, show, merge and split them.",
    discussion: "Example: moonwatch incidents list --alerts 2",
    subcommands: [List.self, Show.self, Merge.self, Split.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List incidents, the newest first.",
      discussion: "Example: moonwatch incidents list --severity high --open")

    @Option(help: ArgumentHelp("With an alert of this time or later.", valueName: "time"))
    var since: TimeArgument?
    @Option(help: "At least this severe: info, low, medium, high or critical.")
    var severity: String?
    @Option(help: ArgumentHelp("That name this entity.", valueName: "field=value"))
    var entity: String?
    @Flag(inversion: .prefixedNo, help: "With an open alert, or without one.")
    var open: Bool?
    @Option(parsing: .unconditional, help: "With at least this many alerts.")
    var alerts = 1
    @OptionGroup var rows: RowOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let incidents = try Control(settings: try shared.settings()).incidents(
        since: since?.time, severity: severity, entity: entity, isOpen: open, atLeast: alerts,
        limit: rows.limit)
      IncidentListView(incidents: incidents).print(to: screen, format: rows.format.style)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show one incident: how bad, how it went on, every alert; the graph as JSON.",
      discussion: "Example: moonwatch incidents show inc-3f2a91c0")

    @Argument(help: "The incident's id, or that of one of its alerts, or the beginning of it.")
    var id: String
    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let incident = try Control(settings: try shared.settings()).incident(id)
      IncidentView(incident: incident).print(to: screen, format: format.style)
    }
  }

  struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "merge", abstract: "Make one incident of several.",
      discussion: "Example: moonwatch incidents merge inc-3f2a91c0 inc-77b0 --note 'one address'")

    @Argument(help: "The incidents' ids, or the beginnings of them.")
    var ids: [String]
    @OptionGroup var reason: ReasonOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let incident = try change.control(shared).merge(ids, note: reason.note)
      screen.note(IncidentNote.changed(incident))
    }
  }

  struct Split: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "split", abstract: "Take alerts out of an incident into one of their own.",
      discussion: "Example: moonwatch incidents split inc-3f2a91c0 77b0 --note 'another person'")

    @Argument(help: "The incident's id, or the beginning of it.")
    var id: String
    @Argument(help: "The alerts' ids, or the beginnings of them.")
    var alerts: [String]
    @OptionGroup var reason: ReasonOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let incident = try change.control(shared).split(
        id, alerts: alerts, note: reason.note)
      screen.note(IncidentNote.changed(incident))
    }
  }
}
