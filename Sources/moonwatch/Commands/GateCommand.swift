import ArgumentParser
import Console
import Host
import Primitives

struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Hold edited plugins against those that run, before they go live.",
    discussion: """
      Both judge the same events with every installed scenario planted: the files given, else the newest events that the \
      data directory keeps, else a made-up month. Alerts on events in which nothing was planted count as false. The plugins \
      are refused, with status 1, where a scenario is caught less often than chance explains, where there are more \
      false alerts than the budget allows, and where a file has errors or a rule is set aside. Where a scenario lost some \
      and that may be chance, more attacks of it are planted. Plugins that pass are copied into the data directory, \
      and the next ones are held against them and against the best of those before. With --accept they are \
      taken whatever they lose: status 0.

      Example: moonwatch gate --report gate.json
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files of events, with --source (default: events that are kept, or a made-up month).",
      valueName: "file"))
  var events: [String] = []
  @Option(help: ArgumentHelp("The source of the files.", valueName: "id"))
  var source: String?
  @Flag(help: "Make up a month, even where events are kept.")
  var madeUp = false
  @Option(
    help: ArgumentHelp(
      "A folder of the plugins that run (default: those that passed last).", valueName: "folder"))
  var against: [String] = []
  @Option(help: ArgumentHelp("A model to judge with, or none.", valueName: "file"))
  var model: String?
  @Option(parsing: .unconditional, help: "Attacks of each scenario.")
  var count = 20
  @Option(parsing: .unconditional, help: "What all random draws start from.")
  var seed: UInt64 = 7
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "False alerts a day that are allowed (default: gate.false_alerts_per_day of the settings).",
      valueName: "number"))
  var budget: Double?
  @Flag(help: "Hold later plugins against these, though they are refused.")
  var accept = false
  @Option(help: ArgumentHelp("Where to write the report.", valueName: "file"))
  var report: String?
  @Option(help: "What to print: text, json or csv.")
  var format = RowFormat.text
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if events.isEmpty != (source == nil) {
      throw ValidationError("--events needs --source ID, and --source needs --events")
    }
    if madeUp && !events.isEmpty {
      throw ValidationError("--made-up and --events do not go together")
    }
    if accept && !against.isEmpty {
      throw ValidationError("--accept is for what passed last: leave out --against")
    }
    if seed > UInt64(Int64.max) { throw ValidationError("--seed is between 0 and \(Int64.max)") }
    if !(1...10_000).contains(count) { throw ValidationError("--count is between 1 and 10000") }
    if let budget, !(budget >= 0 && budget.isFinite) {
      throw ValidationError("--budget is a number of at least 0")
    }
  }

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    var options = GateOptions(
      events: source.map { (events, $0) }, against: against, model: model, count: count,
      seed: seed, budget: budget, report: report)
    options.makesUp = madeUp
    options.accepts = accept
    let report = try GateJob(settings: try shared.settings(), options: options).run(
      progress: screen)
    GateView(report: report).print(to: screen, format: format.style)
    if !report.passed && !report.isAccepted { throw SilentFailure(kind: .unmet) }
  }
}
