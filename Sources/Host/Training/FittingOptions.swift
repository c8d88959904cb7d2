import Learning
import Primitives

/// How a model is fitted, as the command line says it.
package struct FittingOptions: Sendable {
  /// Trees at most; where nobody says, 400 with early stopping.
  package var rounds: Int?
  package var depth: Int
  package var bins: Int
  package var learningRate: Double
  /// The share of rows, the earliest, that is learned from.
  package var split: Double
  package var seed: UInt64

  package init(
    rounds: Int? = nil, depth: Int = 6, bins: Int = 256, learningRate: Double = 0.1,
    split: Double = 0.8, seed: UInt64 = 1
  ) {
    self.rounds = rounds
    self.depth = depth
    self.bins = bins
    self.learningRate = learningRate
    self.split = split
    self.seed = seed
  }

  func boosting(threads: Int) -> BoostingOptions {
    var options = BoostingOptions()
    options.rounds = rounds ?? 400
    options.depth = depth
    options.bins = bins
    options.learningRate = learningRate
    options.seed = seed
    options.threads = threads
    return options
  }
}
