package import Primitives

/// How many sets of hyper-parameters are tried, and on how many blocks of time.
package struct SearchPlan: Sendable, Equatable {
  package var trials: Int
  package var folds: Int

  package init(trials: Int, folds: Int = 3) {
    self.trials = trials
    self.folds = folds
  }

  package func validate() throws(Failure) {
    guard (2...1000).contains(trials) else {
      throw Failure(.usage, "search is \(trials)", advice: "give 2 to 1000 trials")
    }
    guard (1...20).contains(folds) else {
      throw Failure(.usage, "folds is \(folds)", advice: "give 1 to 20")
    }
  }
}

/// What a search tried and what came of it.
package struct SearchReport: Sendable, Encodable {
  package struct Rung: Sendable, Encodable {
    /// Of the harmless rows learned from.
    package var share: Double
    /// Of each fold.
    package var scores: [Double]
    /// Their mean.
    package var score: Double
    /// Trees at the best round, the median of the folds.
    package var rounds: Int
  }

  package struct Trial: Sendable, Encodable {
    package var number: Int
    package var parameters: [String: Double]
    package var growth: String
    /// As far as it came: each rung keeps the better half.
    package var rungs: [Rung]
    package var options: BoostingOptions

    private enum CodingKeys: String, CodingKey { case number, parameters, growth, rungs }
  }

  package struct FoldRows: Sendable, Encodable {
    package var trainRows: Int
    package var validationRows: Int

    private enum CodingKeys: String, CodingKey {
      case trainRows = "train_rows"
      case validationRows = "validation_rows"
    }
  }

  /// `average_precision`, or `negative_rmse` where labels are numbers; the higher, the better.
  package var measure: String
  package var folds: [FoldRows]
  /// All of them; number 0 is what was asked for without a search.
  package var trials: [Trial]
  package var chosen: Int
  package var seed: UInt64

  package var best: Trial { trials[chosen] }
}

extension BoostingOptions {
  /// The options with what a search found. Where nothing stops the growth early, the trees are as many as were best in it.
  package func adopting(_ search: SearchReport) -> BoostingOptions {
    var found = search.best.options
    found.earlyStoppingRounds = earlyStoppingRounds
    if earlyStoppingRounds == 0 { found.rounds = search.best.rungs.last?.rounds ?? rounds }
    return found
  }
}
