package import Learning
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
  /// Shares of the rows and columns that a tree sees; where nobody says, those of `Sampling`.
  package var rowSample: Double?
  package var columnSample: Double?
  /// The rest of what the learner understands.
  package var learner = BoostingOptions()
  /// Which hyper-parameters are tried first; missing where those given are taken.
  package var search: SearchPlan?
  /// Columns with which the margin may only rise, or only fall.
  package var rises: [String] = []
  package var falls: [String] = []

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

  /// What trees see where nobody says: all of a table, whose columns a person chose; of events a part, since many of
  /// their features tell nearly the same.
  enum Sampling {
    case table, events

    var rows: Double { self == .table ? 1 : 0.9 }
    var columns: Double { self == .table ? 1 : 0.8 }
  }

  func boosting(threads: Int, _ sampling: Sampling = .table) -> BoostingOptions {
    var options = learner
    options.rowSample = rowSample ?? sampling.rows
    options.columnSample = columnSample ?? sampling.columns
    options.rounds = rounds ?? 400
    options.depth = depth
    options.bins = bins
    options.learningRate = learningRate
    options.seed = seed
    options.threads = threads
    return options
  }

  /// For the columns of a table; refuses names that it does not have.
  func boosting(threads: Int, columns: [String]) throws(Failure) -> BoostingOptions {
    var options = boosting(threads: threads)
    if rises.isEmpty && falls.isEmpty { return options }
    options.monotony = [Monotony](repeating: .free, count: columns.count)
    for (names, way) in [(rises, Monotony.rising), (falls, .falling)] {
      for name in names {
        guard let place = columns.firstIndex(of: name) else {
          let near = nearestName(to: name, among: columns)
          throw Failure(
            .usage, "there is no column '\(name)' to rise or fall with",
            advice: near.map { "did you mean '\($0)'?" } ?? "name a column of numbers")
        }
        guard options.monotony[place] == .free else {
          throw Failure(.usage, "column '\(name)' is named twice", advice: "let it rise or fall")
        }
        options.monotony[place] = way
      }
    }
    return options
  }
}
