/// Joins the scores of several detectors by their ranks, with weights that were learnt where the truth was known.
package struct RankFusion: Sendable, Equatable {
  package let names: [String]
  /// Of each detector; the first has 1 unless it has none at all.
  package let weights: [Double]
  private let scales: [RankScale]

  /// What a detector's weight may be, against 1 for the first.
  private static let choices = [0, 0.1, 0.25, 0.5, 1.0]

  /// Learns the weights with the best average precision; among equals the smallest, so that a detector that adds nothing
  /// gets none.
  ///
  /// - Parameters:
  ///   - scores: for each detector a score of every validation row; the first detector is the one that others may add to.
  ///   - labels: what is known to be true of these rows; without a positive every detector weighs the same.
  package init(_ scores: [(name: String, scores: [Double])], labels: [Bool]) {
    precondition(!scores.isEmpty, "there is a detector")
    precondition(scores.allSatisfy { $0.scores.count == labels.count }, "every row has a label")
    names = scores.map(\.name)
    scales = scores.map { RankScale($0.scores) }
    guard labels.contains(true) else {
      weights = Array(repeating: 1, count: scores.count)
      return
    }
    let rarities = zip(scales, scores).map { scale, one in one.scores.map(scale.rarity) }
    func precision(_ weights: [Double]) -> Double {
      let fused = labels.indices.map { row in
        zip(rarities, weights).reduce(0.0) { $0 + $1.0[row] * $1.1 }
      }
      return RankingMetrics(scores: fused, labels: labels).averagePrecision ?? 0
    }
    var best = [1.0] + Array(repeating: 0.0, count: scores.count - 1)
    var most = precision(best)
    // One detector after another, twice round: all together would be 5^n.
    for _ in 0..<2 {
      for detector in scores.indices.dropFirst() {
        for choice in RankFusion.choices where choice != best[detector] {
          var tried = best
          tried[detector] = choice
          let reached = precision(tried)
          if reached > most + 1e-9 { (best, most) = (tried, reached) }
        }
      }
    }
    weights = best
  }

  /// The fused score of a row from its score by each detector: a weighted sum of rarities, higher for worse.
  package func score(_ scores: [Double]) -> Double {
    contributions(scores).reduce(0, +)
  }

  /// What each detector adds to the fused score.
  package func contributions(_ scores: [Double]) -> [Double] {
    precondition(scores.count == scales.count, "every detector has its say")
    return scores.indices.map { weights[$0] * scales[$0].rarity(scores[$0]) }
  }
}
