/// Whether probabilities mean what they say: of rows given 30 %, about 30 % should be positive.
package struct ReliabilityTable: Sendable, Equatable {
  package struct Bin: Sendable, Equatable, Encodable {
    package var low: Double
    package var high: Double
    package var rows: Int
    /// Missing in an empty bin.
    package var meanProbability: Double?
    package var positiveShare: Double?

    private enum CodingKeys: String, CodingKey {
      case low, high, rows
      case meanProbability = "mean_probability"
      case positiveShare = "positive_share"
    }
  }

  package let bins: [Bin]
  private let rows: Int

  /// Bins of equal width over [0, 1]; the last one includes 1.
  package init(probabilities: [Double], labels: [Bool], bins count: Int = 15) {
    precondition(probabilities.count == labels.count, "every probability has a label")
    precondition(count > 0, "a table has at least one bin")
    var sums = [(rows: Int, probability: Double, positives: Int)](
      repeating: (0, 0, 0), count: count)
    for (probability, label) in zip(probabilities, labels) {
      precondition(probability >= 0 && probability <= 1, "a probability is between 0 and 1")
      let bin = min(count - 1, Int(probability * Double(count)))
      sums[bin].rows += 1
      sums[bin].probability += probability
      sums[bin].positives += label ? 1 : 0
    }
    bins = sums.enumerated().map { number, sum in
      let n = Double(sum.rows)
      return Bin(
        low: Double(number) / Double(count), high: Double(number + 1) / Double(count),
        rows: sum.rows, meanProbability: sum.rows > 0 ? sum.probability / n : nil,
        positiveShare: sum.rows > 0 ? Double(sum.positives) / n : nil)
    }
    rows = probabilities.count
  }

  /// The mean distance of probability and share over rows (expected calibration error); missing without rows.
  package var expectedCalibrationError: Double? {
    if rows == 0 { return nil }
    return bins.reduce(0) { sum, bin in
      guard let mean = bin.meanProbability, let share = bin.positiveShare else { return sum }
      return sum + Double(bin.rows) / Double(rows) * abs(mean - share)
    }
  }

  /// The mean squared distance of probability and label; missing without rows.
  package static func brier(probabilities: [Double], labels: [Bool]) -> Double? {
    precondition(probabilities.count == labels.count, "every probability has a label")
    if probabilities.isEmpty { return nil }
    let sum = zip(probabilities, labels).reduce(0) { sum, pair in
      let distance = pair.0 - (pair.1 ? 1 : 0)
      return sum + distance * distance
    }
    return sum / Double(probabilities.count)
  }
}
