import ArgumentParser
import Console
import Host
import Learning
import Primitives

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn a model from labelled events, or from any table.",
    discussion: """
      Example: moonwatch train transactions.csv --source card-transactions --until 2018-07-24 \
      --model model.json --report report.json
      Example: moonwatch train --table table.csv --label y --model model.json --report report.json
      """)

  @Argument(
    help: ArgumentHelp("Files (csv, jsonl, .gz, .zst) or - for standard input.", valueName: "input")
  )
  var inputs: [String] = []

  @Option(help: ArgumentHelp("The source that says what the columns mean.", valueName: "id"))
  var source: String?

  @Option(help: ArgumentHelp("What is known to be true.", valueName: "file"))
  var labels: String?

  @Flag(help: "Plant the installed scenarios first, and learn them too.")
  var inject = false

  @Option(help: ArgumentHelp("Learn from events before this; test on the rest.", valueName: "time"))
  var until: TimeArgument?

  @Option(
    help: ArgumentHelp("A feature set of config/features (default: standard).", valueName: "name"))
  var features: String?

  @Option(
    help: ArgumentHelp(
      "Learn from this CSV instead of events; columns of texts are categories.", valueName: "file"))
  var table: String?

  @Option(help: ArgumentHelp("The table's column to predict.", valueName: "column"))
  var label: String?

  @Option(parsing: .unconditional, help: "Trees at most.")
  var rounds: Int?

  @Option(parsing: .unconditional, help: "Depth of a tree.")
  var depth = 6

  @Option(parsing: .unconditional, help: "Bins a column.")
  var bins = 256

  @Option(
    name: .customLong("learning-rate"), parsing: .unconditional, help: "How much one tree counts.")
  var learningRate = 0.1

  @Option(parsing: .unconditional, help: "The share of rows, the earliest ones, to learn from.")
  var split = 0.8

  @Option(parsing: .unconditional, help: "What all random draws start from.")
  var seed: UInt64 = 1

  @Option(parsing: .unconditional, help: "Worker threads.")
  var threads: Int?

  @Option(help: ArgumentHelp("Where to write the model.", valueName: "file"))
  var model: String

  @Option(help: ArgumentHelp("Where to write the report as JSON.", valueName: "file"))
  var report: String?

  @Option(
    name: .customLong("miss-cost"), parsing: .unconditional,
    help: ArgumentHelp(
      "What an incident costs that is missed; with --alarm-cost it sets the threshold.",
      valueName: "money"))
  var missCost: Double?

  @Option(
    name: .customLong("alarm-cost"), parsing: .unconditional,
    help: ArgumentHelp("What the work on one alarm costs, in the same money.", valueName: "money"))
  var alarmCost: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Try so many sets of hyper-parameters on blocks of time before the test, and take the best.",
      valueName: "trials"))
  var search: Int?

  @Option(parsing: .unconditional, help: "With --search: blocks of time to judge on (default: 3).")
  var folds: Int?

  @Flag(help: "Learn what is rare, without labels; done anyway where nothing is labelled.")
  var unsupervised = false

  @Flag(help: "Say what detectors that need no labels would find beside the model.")
  var compare = false

  @Option(
    help: ArgumentHelp(
      "Where to draw ROC, precision and recall, reliability and scores (HTML).", valueName: "file"))
  var charts: String?

  @OptionGroup(title: "Growing trees") var learner: LearnerOptions
  @OptionGroup(title: "With --table") var tableOptions: TableOptions
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if seed > UInt64(Int64.max) { throw ValidationError("--seed is between 0 and \(Int64.max)") }
    if table != nil {
      if label == nil { throw ValidationError("--table needs --label COLUMN") }
      if !inputs.isEmpty || source != nil {
        throw ValidationError(
          "--table learns from a table of numbers: leave out inputs and --source")
      }
      if charts != nil { throw ValidationError("--charts needs events with times, not --table") }
      if unsupervised {
        throw ValidationError("--unsupervised needs events with times, not --table")
      }
      if compare { throw ValidationError("--compare needs events with times, not --table") }
      let given = [
        ("--until", until != nil), ("--inject", inject), ("--labels", labels != nil),
        ("--features", features != nil),
      ]
      if let (name, _) = given.first(where: { $0.1 }) {
        throw ValidationError(
          "--table learns from a table of numbers in the order of its rows: leave out \(name)")
      }
    } else {
      if let name = tableOptions.given {
        throw ValidationError("\(name) is for --table only: leave it out")
      }
      if inputs.isEmpty { throw ValidationError("give files of events, or --table") }
      if source == nil { throw ValidationError("events need --source ID") }
    }
    if unsupervised {
      let given = [
        ("--compare", compare), ("--search", search != nil), ("--miss-cost", missCost != nil),
        ("--alarm-cost", alarmCost != nil), ("--rounds", rounds != nil), ("--depth", depth != 6),
        ("--bins", bins != 256), ("--learning-rate", learningRate != 0.1),
        ("--row-sample", learner.rowSample != nil),
        ("--column-sample", learner.columnSample != nil),
        ("what is said under 'Growing trees'", learner.boosting != BoostingOptions()),
      ]
      if let (name, _) = given.first(where: { $0.1 }) {
        throw ValidationError(
          "--unsupervised learns what is rare, without labels: leave out \(name)")
      }
    }
    if let search, !(2...1000).contains(search) {
      throw ValidationError("--search is between 2 and 1000")
    }
    if let folds {
      if search == nil { throw ValidationError("--folds needs --search") }
      if !(1...20).contains(folds) { throw ValidationError("--folds is between 1 and 20") }
    }
    if (missCost == nil) != (alarmCost == nil) {
      throw ValidationError("--miss-cost and --alarm-cost go together: give both")
    }
    for (name, cost) in [("--miss-cost", missCost), ("--alarm-cost", alarmCost)] {
      if let cost, !(cost > 0 && cost <= AlarmPrices.most) {
        throw ValidationError("\(name) is above 0, and at most \(Format.number(AlarmPrices.most))")
      }
    }
    if !(split > 0 && split < 1) { throw ValidationError("--split is between 0 and 1") }
    if !(2...256).contains(bins) { throw ValidationError("--bins is between 2 and 256") }
    if !(1...16).contains(depth) { throw ValidationError("--depth is between 1 and 16") }
    if let rounds, !(1...10_000).contains(rounds) {
      throw ValidationError("--rounds is between 1 and 10000")
    }
    if !(learningRate > 0 && learningRate <= 1) {
      throw ValidationError("--learning-rate is above 0 and at most 1")
    }
  }

  func run() throws {
    var settings = try shared.settings()
    if let threads { try settings.use(threads: threads) }
    if missCost != nil || alarmCost != nil {
      (settings.missCost, settings.alarmCost) = (missCost, alarmCost)
    }
    let screen = Screen(quiet: shared.quiet)
    var fitting = FittingOptions(
      rounds: rounds, depth: depth, bins: bins, learningRate: learningRate, split: split, seed: seed
    )
    fitting.learner = learner.boosting
    fitting.search = search.map { SearchPlan(trials: $0, folds: folds ?? 3) }
    fitting.rowSample = learner.rowSample
    fitting.columnSample = learner.columnSample
    if let table, let label {
      if tableOptions.loss == .squared { fitting.learner.objective = .squaredError }
      fitting.learner.earlyStoppingRounds = tableOptions.earlyStopping
      fitting.rises = tableOptions.rises
      fitting.falls = tableOptions.falls
      var extras = tableOptions.extras
      extras.prices = missCost == nil ? nil : try settings.alarmPrices()
      let outcome = try TableTrainingJob(
        settings: settings, table: table, label: label, fitting: fitting, extras: extras,
        model: model, report: report
      ).run(progress: screen)
      TrainView(report: outcome, model: model).print(to: screen)
    } else if let source {
      let outcome = try TrainJob(
        settings: settings, inputs: inputs, source: source, labels: labels, inject: inject,
        until: until?.time, features: features, fitting: fitting, model: model, report: report,
        comparesDetectors: compare, charts: charts, unsupervised: unsupervised
      ).run(progress: screen)
      TrainView(report: outcome, model: model).print(to: screen)
    }
  }
}
