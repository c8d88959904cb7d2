import ArgumentParser
import Host
import Learning

/// How trees are grown, beyond their number and depth. The names are those of the field.
struct LearnerOptions: ParsableArguments {
  @Option(
    help: "Which leaf is split next: levels (all of a level) or leaves (the most useful one).")
  var growth = TreeGrowth.levels

  @Option(parsing: .unconditional, help: "Leaves of a tree at most; 0 leaves it to the depth.")
  var leaves = 0

  @Option(
    name: .customLong("min-child-weight"), parsing: .unconditional,
    help: "The least weight of a leaf.")
  var minChildWeight = 1.0

  @Option(parsing: .unconditional, help: "The least gain of a split.")
  var gamma = 0.0

  @Option(parsing: .unconditional, help: "The squared penalty on leaf values.")
  var lambda = 1.0

  @Option(
    name: .customLong("category-penalty"), parsing: .unconditional,
    help: "What splits on categories are judged with besides lambda.")
  var categoryPenalty = 10.0

  @Option(parsing: .unconditional, help: "The absolute penalty on leaf values.")
  var alpha = 0.0

  @Option(
    name: .customLong("row-sample"), parsing: .unconditional,
    help: "The share of rows that a tree sees (default: 0.9, with --table 1).")
  var rowSample: Double?

  @Option(
    name: .customLong("column-sample"), parsing: .unconditional,
    help: "The share of columns that a tree sees (default: 0.8, with --table 1).")
  var columnSample: Double?

  @Option(
    name: .customLong("positive-weight"), parsing: .unconditional,
    help: "The weight of a row with label 1.")
  var positiveWeight = 1.0

  @Option(
    parsing: .unconditional,
    help: "How little rows that are already right count (focal loss); 0 is log loss.")
  var focus = 0.0

  var boosting: BoostingOptions {
    var options = BoostingOptions()
    options.growth = growth
    options.leaves = leaves
    options.minChildWeight = minChildWeight
    options.gamma = gamma
    options.lambda = lambda
    options.categoryPenalty = categoryPenalty
    options.alpha = alpha
    options.positiveWeight = positiveWeight
    options.focus = focus
    return options
  }
}

extension TreeGrowth: ExpressibleByArgument {}

/// What is learned from a table besides its columns.
struct TableOptions: ParsableArguments {
  @Option(help: "What the label is: logistic (0 or 1) or squared (a number).")
  var loss = Loss.logistic

  @Option(help: ArgumentHelp("A column with each row's weight.", valueName: "column"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Columns, with commas between them, whose numbers are names of categories, as texts are.",
      valueName: "columns"))
  var categorical: String?

  @Option(
    help: ArgumentHelp(
      "Columns, with commas between them, that are not learned from.", valueName: "columns"))
  var without: String?

  @Option(help: ArgumentHelp("A column with which the score may only rise.", valueName: "column"))
  var rises: [String] = []

  @Option(help: ArgumentHelp("A column with which the score may only fall.", valueName: "column"))
  var falls: [String] = []

  @Option(
    parsing: .unconditional,
    help: "The last share of the training rows, to calibrate and to stop early by.")
  var validation = 0.0

  @Option(
    name: .customLong("early-stopping"),
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after this many trees without a better validation loss.", valueName: "trees"))
  var earlyStopping = 0

  @Option(help: ArgumentHelp("A model to go on with.", valueName: "file"))
  var from: String?

  @Flag(help: "Keep the splits of --from and set only its leaves anew.")
  var refit = false

  @Option(
    parsing: .unconditional,
    help: "How much of the leaves of --from is kept, 0 to 1 (default: 1, with --refit 0.9).")
  var decay: Double?

  enum Loss: String, ExpressibleByArgument, CaseIterable { case logistic, squared }

  /// The first option that was given.
  var given: String? {
    [
      ("--loss", loss != .logistic), ("--weights", weights != nil), ("--rises", !rises.isEmpty),
      ("--falls", !falls.isEmpty), ("--categorical", categorical != nil),
      ("--without", without != nil), ("--validation", validation != 0),
      ("--early-stopping", earlyStopping != 0), ("--from", from != nil), ("--refit", refit),
      ("--decay", decay != nil),
    ].first { $0.1 }?.0
  }

  var extras: TableTrainingJob.Extras {
    var extras = TableTrainingJob.Extras()
    extras.weights = weights
    extras.categorical = TableOptions.names(categorical)
    extras.without = TableOptions.names(without)
    extras.validation = validation
    if let from {
      extras.start = (from, Continuing(refit ? .refit : .add, decay: decay ?? (refit ? 0.9 : 1)))
    }
    return extras
  }

  private static func names(_ list: String?) -> [String] {
    list?.split(separator: ",").map(String.init) ?? []
  }

  func validate() throws {
    if from == nil && (refit || decay != nil) {
      throw ValidationError("--refit and --decay need --from MODEL")
    }
  }
}
