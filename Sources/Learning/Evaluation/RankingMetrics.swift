/// How well scores rank rows with label 1 above rows with label 0. Equal scores count as equals everywhere.
///
/// A measure that does not exist (no positives, no negatives) is missing rather than 0. Scores must not be NaN.
package struct RankingMetrics: Sendable {
  package let rows: Int
  package let positives: Int
  /// Score, rows and positives with exactly that score, from the highest score down.
  private let steps: [(score: Double, rows: Int, positives: Int)]

  package init(scores: [Double], labels: [Bool]) {
    precondition(scores.count == labels.count, "every score has a label")
    precondition(!scores.contains { $0.isNaN }, "a score is never NaN")
    var steps: [(score: Double, rows: Int, positives: Int)] = []
    for row in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
      if steps.last?.score != scores[row] { steps.append((scores[row], 0, 0)) }
      steps[steps.count - 1].rows += 1
      if labels[row] { steps[steps.count - 1].positives += 1 }
    }
    self.steps = steps
    rows = scores.count
    positives = labels.reduce(0) { $0 + ($1 ? 1 : 0) }
  }

  package var negatives: Int { rows - positives }

  /// The share of positives: the average precision of a blind guess.
  package var baseRate: Double? { rows > 0 ? Double(positives) / Double(rows) : nil }

  /// The chance that a random positive scores above a random negative, ties counting half.
  package var rocAUC: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    var wins = 0.0
    var positivesAbove = 0.0
    for step in steps {
      let negatives = Double(step.rows - step.positives)
      wins += negatives * (positivesAbove + Double(step.positives) / 2)
      positivesAbove += Double(step.positives)
    }
    return wins / (Double(positives) * Double(negatives))
  }

  /// The mean of the precision over recall, as a step function without interpolation (as in scikit-learn).
  package var averagePrecision: Double? {
    guard positives > 0 else { return nil }
    var sum = 0.0
    var found = 0
    var seen = 0
    for step in steps {
      seen += step.rows
      found += step.positives
      sum += Double(step.positives) * Double(found) / Double(seen)
    }
    return sum / Double(positives)
  }

  /// Precision and recall of a set of rows that were pointed out.
  package struct Point: Sendable, Equatable {
    package var threshold: Double
    package var alerts: Int
    package var caught: Int
    package var positives: Int
    /// Missing without an alert.
    package var precision: Double? { alerts > 0 ? Double(caught) / Double(alerts) : nil }
    /// Missing without a positive.
    package var recall: Double? { positives > 0 ? Double(caught) / Double(positives) : nil }
  }

  /// What at most `count` alerts catch: the highest scores, equal ones taken all or not at all.
  package func at(alerts count: Int) -> Point {
    var point = Point(threshold: .infinity, alerts: 0, caught: 0, positives: positives)
    for step in steps {
      if point.alerts + step.rows > count { break }
      point.alerts += step.rows
      point.caught += step.positives
      point.threshold = step.score
    }
    return point
  }
}
