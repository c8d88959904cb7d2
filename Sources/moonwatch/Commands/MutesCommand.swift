import ArgumentParser
import Cases
import Console
import Host
import Primitives
import Store

struct MutesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutes",
    abstract: "Keep quiet about one entity for a while; what is found is kept and counted.",
    discussion: "Example: moonwatch mutes list",
    subcommands: [Add.self, List.self, End.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "add",
      abstract: "Raise no alerts about an entity for a while.",
      discussion: """
        Says first which alerts that proved true and which planted attacks it would have hidden; where there are any, it is \
        made with --yes only. What it keeps quiet is kept as evidence and counted. The time of the events decides.

        Example: moonwatch mutes add --entity user=ana --rule auth.login-burst --for 7d --reason 'penetration test, ticket 12'
        """)

    @Option(help: ArgumentHelp("Whom it is about.", valueName: "field=value"))
    var entity: String
    @Option(help: "Only findings of this rule (default: all, the model's too).")
    var rule: String?
    @Option(
      name: .customLong("for"),
      help: ArgumentHelp("How long, such as 7d or '12 hours'.", valueName: "duration"))
    var span: String
    @Option(
      help: ArgumentHelp("From which time of the events on (default: now).", valueName: "time"))
    var from: TimeArgument?
    @Option(help: "Why nothing has to be told.")
    var reason: String
    @Option(
      help: ArgumentHelp(
        "Labels of planted attacks (default: those of the demo in the data directory).",
        valueName: "file"))
    var labels: String?
    @Flag(help: "Make it although it would have hidden true alerts or planted attacks.")
    var yes = false
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let control = try change.control(shared)
      let request = MuteRequest(
        entity: entity, rule: rule, span: span, from: from?.time, reason: reason, labels: labels)
      let impact = try control.impact(of: request)
      MuteImpactView(impact: impact).print(to: screen)
      guard yes || impact.hidesNothingTrue else {
        throw Failure(
          .unmet, "nothing is muted: it would have hidden what proved true",
          advice: "narrow it with --rule, or add --yes to mute all the same")
      }
      let stored = try control.addMute(request)
      let mute = stored.mute
      let what = mute.rule.map { "rule \($0)" } ?? "all rules and the model"
      screen.note(
        "mute \(mute.number): \(safe(entity)) for \(safe(what)) from \(mute.from) to \(mute.until)")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List mutes, newest first, with what each kept quiet.",
      discussion: "Example: moonwatch mutes list --format json")

    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let (mutes, now) = try Control(settings: try shared.settings()).mutes()
      MuteListView(mutes: mutes, now: now).print(
        to: Screen(quiet: shared.quiet), format: format.style)
    }
  }

  struct End: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "end", abstract: "End a mute before its time.",
      discussion: "Example: moonwatch mutes end 3")

    @Argument(help: "The mute's number.")
    var mute: Int
    @Option(help: ArgumentHelp("At which time of the events (default: now).", valueName: "time"))
    var at: TimeArgument?
    @OptionGroup var reason: ReasonOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let ended = try change.control(shared).endMute(
        Int64(mute), at: at?.time, note: reason.given)
      Screen(quiet: shared.quiet).note("mute \(mute) ends at \(ended.mute.until)")
    }
  }
}
