import ArgumentParser
import Console
import Host
import Primitives

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast a part of the program works on this machine.",
    discussion: """
      Every report names the machine and the command and holds all raw samples.
      Example: moonwatch bench fit --rows 100000 --columns 30 --format json
      """,
    subcommands: [
      Decode.self, Features.self, Fit.self, Score.self, Lua.self, EndToEnd.self,
    ])

  /// What every benchmark understands.
  struct Options: ParsableArguments {
    @Option(help: ArgumentHelp("How often each measure is taken.", valueName: "count"))
    var samples = 5
    @Option(help: "Worker threads.")
    var threads: Int?
    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    var screen: Screen { Screen(quiet: shared.quiet) }

    func settings() throws -> Settings {
      var settings = try shared.settings()
      if let threads { try settings.use(threads: threads) }
      return settings
    }

    func validate() throws {
      if !(1...1000).contains(samples) {
        throw ValidationError("--samples is between 1 and 1000")
      }
    }
  }

  /// The table that the learner's benchmarks work on.
  struct Table: ParsableArguments {
    @Option(
      help: ArgumentHelp("A CSV of numbers; without it a table is made.", valueName: "file"))
    var table: String?
    @Option(help: ArgumentHelp("The table's column to predict.", valueName: "column"))
    var label: String?
    @Option(help: "Rows of the table that is made.")
    var rows = 100_000
    @Option(help: "Columns of the table that is made.")
    var columns = 30
    @Option(help: "Trees.")
    var rounds = 200
    @Option(help: "Depth of a tree.")
    var depth = 6
    @Option(help: "Bins a column.")
    var bins = 256

    func validate() throws {
      if table != nil && label == nil { throw ValidationError("--table needs --label COLUMN") }
      if table == nil && label != nil { throw ValidationError("--label needs --table FILE") }
      if !(1000...100_000_000).contains(rows) {
        throw ValidationError("--rows is between 1000 and 100000000")
      }
      if !(1...10_000).contains(columns) {
        throw ValidationError("--columns is between 1 and 10000")
      }
      if !(1...10_000).contains(rounds) {
        throw ValidationError("--rounds is between 1 and 10000")
      }
    }

    var source: BenchTable {
      if let table, let label { return .file(table, label: label) }
      return .made(rows: rows, columns: columns, seed: 1)
    }
    var fitting: FittingOptions { FittingOptions(rounds: rounds, depth: depth, bins: bins) }
  }

  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "decode", abstract: "Measure how fast one core reads events into columns.",
      discussion: "Example: moonwatch bench decode --events 1000000 --format json")
    @Argument(
      help: ArgumentHelp("Files to read; without them payments are made.", valueName: "input"))
    var inputs: [String] = []
    @Option(help: ArgumentHelp("The source of the files.", valueName: "id"))
    var source: String?
    @Option(help: "Payments that are made.")
    var events = 1_000_000
    @OptionGroup var options: Options

    func validate() throws {
      if inputs.isEmpty != (source == nil) {
        throw ValidationError("files and --source go together")
      }
      if !(1...100_000_000).contains(events) {
        throw ValidationError("--events is between 1 and 100000000")
      }
    }

    func run() throws {
      let screen = options.screen
      let report = try DecodeBenchJob(
        settings: try options.settings(), inputs: inputs, source: source, events: events,
        repeats: options.samples, command: CommandLine.arguments
      ).run(progress: screen)
      BenchView(report: report).print(to: screen, format: options.format.style)
    }
  }

  struct Features: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "features", abstract: "Measure how many events a second the windows take.",
      discussion: "Example: moonwatch bench features cards.csv --source card-transactions")
    @Argument(
      help: ArgumentHelp("Files of events; without them a stream is made.", valueName: "input"))
    var inputs: [String] = []
    @Option(help: ArgumentHelp("The source of the files.", valueName: "id"))
    var source: String?
    @Option(
      help: ArgumentHelp(
        "A feature set of config/features (default: the standard features of the first entity).",
        valueName: "name"))
    var features: String?
    @Option(help: "Events of the stream that is made.")
    var events = 1_000_000
    @Option(help: "Entities of the stream that is made.")
    var entities = 5000
    @Option(help: ArgumentHelp("Events a day of each of them.", valueName: "number"))
    var perDay = 3.0
    @Option(help: ArgumentHelp("The share of all events that one entity has.", valueName: "share"))
    var hot = 0.0
    @Flag(help: "A table of what features, windows, entities and a hot entity cost.")
    var costs = false
    @OptionGroup var options: Options

    func validate() throws {
      if inputs.isEmpty != (source == nil) {
        throw ValidationError("files need --source ID, and --source needs files")
      }
      if costs && !inputs.isEmpty { throw ValidationError("--costs makes its own streams") }
      if features != nil && inputs.isEmpty { throw ValidationError("--features needs files") }
      if !(1000...1_000_000_000).contains(events) {
        throw ValidationError("--events is between 1000 and 1000000000")
      }
      if !(1...10_000_000).contains(entities) {
        throw ValidationError("--entities is between 1 and 10000000")
      }
      if !(0.001...86_400).contains(perDay) {
        throw ValidationError("--per-day is between 0.001 and 86400")
      }
      if !(0...1).contains(hot) { throw ValidationError("--hot is between 0 and 1") }
    }

    private var input: FeatureBenchJob.Input {
      if let source { return .source(inputs: inputs, source: source, features: features) }
      if costs { return .costs(events: events) }
      return .made(
        BenchStream.Recipe(events: events, entities: entities, perDay: perDay, hotShare: hot))
    }

    func run() throws {
      let screen = options.screen
      let report = try FeatureBenchJob(
        settings: try options.settings(), input: input, repeats: options.samples,
        command: CommandLine.arguments
      ).run(progress: screen)
      BenchView(report: report).print(to: screen, format: options.format.style)
    }
  }

  struct EndToEnd: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "end-to-end",
      abstract: "Measure the whole way of payments, from bytes to alerts in the database.",
      discussion: "Example: moonwatch bench end-to-end --events 2000000 --format json")
    @Option(help: "Payments that are made for the run at full speed.")
    var events = 200_000
    @Option(
      help: ArgumentHelp("A model to score with; without it the rules alone.", valueName: "file"))
    var model: String?
    @Option(help: ArgumentHelp("Events a second of the steady pace.", valueName: "count"))
    var pace = 50_000
    @Option(help: ArgumentHelp("How long it lasts; 0 for none.", valueName: "count"))
    var seconds = 10
    @OptionGroup var options: Options

    func validate() throws {
      if !(1000...100_000_000).contains(events) {
        throw ValidationError("--events is between 1000 and 100000000")
      }
      if !(1...10_000_000).contains(pace) {
        throw ValidationError("--pace is between 1 and 10000000")
      }
      if !(0...3600).contains(seconds) { throw ValidationError("--seconds is between 0 and 3600") }
    }

    func run() throws {
      let screen = options.screen
      let report = try EndToEndBenchJob(
        settings: try options.settings(), events: events, model: model, rate: Double(pace),
        seconds: Double(seconds), repeats: options.samples, command: CommandLine.arguments
      ).run(progress: screen)
      BenchView(report: report).print(to: screen, format: options.format.style)
    }
  }

  struct Fit: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "fit", abstract: "Measure how long it takes to learn a table.",
      discussion: "Example: moonwatch bench fit --table table.csv --label y --format json")
    @OptionGroup var table: Table
    @OptionGroup var options: Options

    func run() throws {
      let screen = options.screen
      let report = try FitBenchJob(
        settings: try options.settings(), table: table.source, fitting: table.fitting,
        repeats: options.samples, command: CommandLine.arguments
      ).run(progress: screen)
      BenchView(report: report).print(to: screen, format: options.format.style)
    }
  }

  struct Lua: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "lua", abstract: "Measure what plugins cost: a call, installed rules, a check.",
      discussion: "Example: moonwatch bench lua --rules 200 --format json")
    @Option(help: "Rules that are installed together; each holds on two events of a hundred.")
    var rules = 200
    @Option(help: "Files in the folder that is checked.")
    var files = 1000
    @OptionGroup var options: Options

    func validate() throws {
      if !(1...10_000).contains(rules) { throw ValidationError("--rules is between 1 and 10000") }
      if !(1...10_000).contains(files) { throw ValidationError("--files is between 1 and 10000") }
    }

    func run() throws {
      let screen = options.screen
      let report = try LuaBenchJob(
        rules: rules, files: files, repeats: options.samples, command: CommandLine.arguments
      ).run(progress: screen)
      BenchView(report: report).print(to: screen, format: options.format.style)
    }
  }

  struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "score", abstract: "Measure how fast a model scores and explains rows.",
      discussion: "Example: moonwatch bench score --table table.csv --label y --model model.json")
    @Option(help: ArgumentHelp("A model; without it one is learned first.", valueName: "file"))
    var model: String?
    @OptionGroup var table: Table
    @OptionGroup var options: Options

    func run() throws {
      let screen = options.screen
      let report = try ScoreBenchJob(
        settings: try options.settings(), table: table.source, model: model,
        fitting: table.fitting, repeats: options.samples, command: CommandLine.arguments
      ).run(progress: screen)
      BenchView(report: report).print(to: screen, format: options.format.style)
    }
  }
}
