package import Primitives

/// What a forest is trained to predict.
package enum Objective: String, Sendable, CaseIterable {
  /// The log-odds of label 1 against label 0.
  case logistic = "binary:logistic"
  /// The label itself, by squared error.
  case squaredError = "reg:squarederror"
}

/// In which order the leaves of a tree are split.
package enum TreeGrowth: String, Sendable, CaseIterable {
  /// All leaves of a level before those of the next.
  case levels
  /// The leaf whose split gains most, wherever it is.
  case leaves
}

/// Which way a margin may move when one feature rises and all else stays.
package enum Monotony: Int8, Sendable {
  case falling = -1
  case free = 0
  case rising = 1
}

/// How a forest is grown. The names and their meaning are those of the field (XGBoost's parameters).
package struct BoostingOptions: Sendable, Equatable {
  package var objective = Objective.logistic
  /// Trees at most.
  package var rounds = 200
  /// Splits on the longest way through a tree.
  package var depth = 6
  package var growth = TreeGrowth.levels
  /// Leaves of a tree at most; 0 leaves it to the depth.
  package var leaves = 0
  /// How much of each tree's correction is taken.
  package var learningRate = 0.1
  /// Squared penalty on leaf values.
  package var lambda = 1.0
  /// Absolute penalty on leaf values.
  package var alpha = 0.0
  /// The squared penalty that splits on categories are judged with besides `lambda`, so that the many ways to part them do
  /// not fit noise.
  package var categoryPenalty = 10.0
  /// The least gain of a split.
  package var gamma = 0.0
  /// The least sum of second derivatives in a child.
  package var minChildWeight = 1.0
  /// The share of rows that each tree sees.
  package var rowSample = 1.0
  /// The share of features that each tree sees.
  package var columnSample = 1.0
  /// The weight of a row with label 1.
  package var positiveWeight = 1.0
  /// With the logistic objective: how little rows that are already right count (γ of the focal loss); 0 is log loss.
  package var focus = 0.0
  /// By feature; empty where all are free.
  package var monotony: [Monotony] = []
  /// Bins of a feature, the one for missing included.
  package var bins = 256
  package var seed: UInt64 = 7
  /// Stop after this many rounds without a better validation loss; 0 never stops.
  package var earlyStoppingRounds = 0
  /// 0 means one a core. The forest is the same for any number.
  package var threads = 0

  package init() {}

  /// Refuses what cannot be trained with, naming the option as the command line does.
  package func validate() throws(Failure) {
    func check(_ holds: Bool, _ option: String, _ value: some Any, _ advice: String) throws(Failure)
    {
      if !holds { throw Failure(.usage, "\(option) is \(value)", advice: "give \(advice)") }
    }
    try check((1...10_000).contains(rounds), "rounds", rounds, "1 to 10000")
    try check((1...12).contains(depth), "depth", depth, "1 to 12")
    try check(
      leaves == 0 || (2...4096).contains(leaves), "leaves", leaves, "2 to 4096, or 0 for no limit")
    try check(focus >= 0 && focus <= 10, "focus", focus, "0 to 10")
    try check(
      focus == 0 || objective == .logistic, "focus", focus, "0 where labels are numbers")
    try check((3...256).contains(bins), "bins", bins, "3 to 256")
    try check(
      learningRate > 0 && learningRate <= 1, "learning rate", learningRate, "above 0, at most 1")
    for (name, value) in [
      ("lambda", lambda), ("alpha", alpha), ("gamma", gamma), ("category penalty", categoryPenalty),
    ] {
      try check(value >= 0 && value.isFinite, name, value, "0 or more")
    }
    try check(
      minChildWeight >= 0 && minChildWeight.isFinite, "minimum child weight", minChildWeight,
      "0 or more")
    try check(rowSample > 0 && rowSample <= 1, "row sample", rowSample, "above 0, at most 1")
    try check(
      columnSample > 0 && columnSample <= 1, "column sample", columnSample, "above 0, at most 1")
    try check(
      positiveWeight > 0 && positiveWeight.isFinite, "positive weight", positiveWeight, "above 0")
    try check(earlyStoppingRounds >= 0, "early stopping", earlyStoppingRounds, "0 or more rounds")
    try check((0...256).contains(threads), "threads", threads, "0 to 256")
  }
}
