package import Detection
import Primitives

/// How much a model leans on each feature: the average precision lost when the feature's values are shuffled among rows.
package enum PermutationImportance {
  package struct Loss: Sendable, Encodable {
    package var feature: String
    /// Below 0 where the shuffled feature did better, which is chance.
    package var loss: Double
  }

  /// Rows looked at, at most: every shuffle scores them all.
  private static let mostRows = 20_000

  /// From the largest loss down; nothing where no row is positive.
  ///
  /// Where there are more rows than are looked at, all positives and evenly spaced harmless rows are, so that the average
  /// precision is not that of the whole.
  package static func losses(
    _ forest: Forest, _ table: NumericTable, labels: [Bool], seed: UInt64, workers: Workers
  ) -> [Loss] {
    precondition(labels.count == table.rows, "every row has a label")
    let chosen = sample(labels)
    let truth = chosen.map { labels[$0] }
    guard truth.contains(true), truth.contains(false) else { return [] }
    let part = table.gather(chosen)
    func precision(_ part: NumericTable) -> Double {
      RankingMetrics(scores: forest.margins(part, workers: workers), labels: truth)
        .averagePrecision ?? 0
    }
    let whole = precision(part)
    var losses: [Loss] = []
    for (column, name) in table.names.enumerated() {
      var random = SeededRandom(seed: StableHash.of(seed, UInt64(column)))
      var order = Array(0..<part.rows)
      for place in order.indices.reversed() { order.swapAt(place, random.below(place + 1)) }
      let shuffled = part.shuffling(column: column, by: order)
      losses.append(Loss(feature: name, loss: whole - precision(shuffled)))
    }
    return losses.sorted { ($1.loss, $0.feature) < ($0.loss, $1.feature) }
  }

  private static func sample(_ labels: [Bool]) -> [Int] {
    let harmless = labels.indices.filter { !labels[$0] }
    let positives = labels.count - harmless.count
    let room = max(1, mostRows - positives)
    if harmless.count <= room { return Array(labels.indices) }
    var keeps = labels
    for place in 0..<room { keeps[harmless[place * harmless.count / room]] = true }
    return labels.indices.filter { keeps[$0] }
  }
}

extension NumericTable {
  /// The table with one column's values taken from other rows.
  fileprivate func shuffling(column: Int, by order: [Int]) -> NumericTable {
    var moved = values
    for (row, other) in order.enumerated() {
      moved[row * columns + column] = values[other * columns + column]
    }
    return replacing(values: moved)
  }
}
