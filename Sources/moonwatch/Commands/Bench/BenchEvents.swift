import ArgumentParser
import Console
import Host
import Primitives

extension BenchCommand {
  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "decode", abstract: "Measure how fast one core reads events into columns.",
      discussion: "Example: moonwatch bench decode --events 1000000 --format json")
    @Argument(
      help: ArgumentHelp("Files to read; without them payments are made.", valueName: "input"))
    var inputs: [String] = []
    @Option(help: ArgumentHelp("The source of the files.", valueName: "id"))
    var source: String?
    @Option(parsing: .unconditional, help: "Payments that are made.")
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
      try options.present { settings, screen in
        try DecodeBenchJob(
          settings: settings, inputs: inputs, source: source, events: events,
          repeats: options.samples, command: CommandLine.arguments
        ).run(progress: screen)
      }
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
    @Option(parsing: .unconditional, help: "Events of the stream that is made.")
    var events = 1_000_000
    @Option(parsing: .unconditional, help: "Entities of the stream that is made.")
    var entities = 5000
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Events a day of each of them.", valueName: "number"))
    var perDay = 3.0
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("The share of all events that one entity has.", valueName: "share"))
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
      try options.present { settings, screen in
        try FeatureBenchJob(
          settings: settings, input: input, repeats: options.samples,
          command: CommandLine.arguments
        ).run(progress: screen)
      }
    }
  }

  struct Judge: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "judge",
      abstract:
        "Measure what an alert costs: explanation, mapping, and what would have cleared it.",
      discussion: "Example: moonwatch bench judge --events 60000 --format json")
    @Option(parsing: .unconditional, help: "Events of the demo's stream.")
    var events = 60_000
    @OptionGroup var options: Options

    func validate() throws {
      if !(1000...10_000_000).contains(events) {
        throw ValidationError("--events is between 1000 and 10000000")
      }
    }

    func run() throws {
      try options.present { settings, screen in
        try JudgeBenchJob(
          settings: settings, events: events, repeats: options.samples,
          command: CommandLine.arguments
        ).run(progress: screen)
      }
    }
  }

  struct EndToEnd: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "end-to-end",
      abstract: "Measure the whole way of payments, from bytes to alerts in the database.",
      discussion: "Example: moonwatch bench end-to-end --events 2000000 --format json")
    @Option(parsing: .unconditional, help: "Payments that are made for the run at full speed.")
    var events = 200_000
    @Option(
      help: ArgumentHelp("A model to score with; without it the rules alone.", valueName: "file"))
    var model: String?
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Events a second of the steady pace.", valueName: "count"))
    var pace = 50_000
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("How long it lasts; 0 for none.", valueName: "count"))
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
      try options.present { settings, screen in
        try EndToEndBenchJob(
          settings: settings, events: events, model: model, rate: Double(pace),
          seconds: Double(seconds), repeats: options.samples, command: CommandLine.arguments
        ).run(progress: screen)
      }
    }
  }

  struct Alerts: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "alerts",
      abstract: "Measure what the questions of an analyst take over many alerts.",
      discussion: "Example: moonwatch bench alerts --alerts 100000 --format json")
    @Option(parsing: .unconditional, help: "Alerts that are made.")
    var alerts = 100_000
    @Option(help: ArgumentHelp("A data directory to make and leave.", valueName: "folder"))
    var keep: String?
    @OptionGroup var options: Options

    func validate() throws {
      if !(1...10_000_000).contains(alerts) {
        throw ValidationError("--alerts is between 1 and 10000000")
      }
    }

    func run() throws {
      try options.present { settings, screen in
        try AlertBenchJob(
          settings: settings, alerts: alerts, repeats: options.samples, folder: keep,
          command: CommandLine.arguments
        ).run(progress: screen)
      }
    }
  }
}
