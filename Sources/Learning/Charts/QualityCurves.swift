/// What the curves of a detector on labelled rows go through: few enough points to draw, every corner that shows.
package struct QualityCurves: Sendable, Equatable {
  package struct Point: Sendable, Equatable {
    package var x: Double
    package var y: Double
  }

  /// How many rows of each label have a probability in a range.
  package struct Bar: Sendable, Equatable {
    package var low: Double
    package var harmless: Int
    package var positive: Int
  }

  /// Share of harmless rows above a score against share of positives above it; from (0, 0) to (1, 1).
  package let roc: [Point]
  /// Recall against precision, by rising recall.
  package let precisionRecall: [Point]
  /// Mean predicted probability against the share of positives, by bin with rows.
  package let reliability: [Point]
  /// Twenty equal ranges of probability.
  package let distribution: [Bar]
  package let rows: Int
  package let positives: Int
  package let rocAUC: Double?
  package let averagePrecision: Double?

  private static let mostPoints = 400

  /// - Parameters:
  ///   - margins: what rows are ranked by; never NaN.
  ///   - probabilities: what is held against the truth, 0 to 1.
  package init(margins: [Double], probabilities: [Double], labels: [Bool]) {
    precondition(
      margins.count == labels.count && probabilities.count == labels.count,
      "every score has a label")
    let ranking = RankingMetrics(scores: margins, labels: labels)
    rows = ranking.rows
    positives = ranking.positives
    rocAUC = ranking.rocAUC
    averagePrecision = ranking.averagePrecision
    var roc = [Point(x: 0, y: 0)]
    var precisionRecall: [Point] = []
    if ranking.positives > 0 && ranking.negatives > 0 {
      let order = margins.indices.sorted { margins[$0] > margins[$1] }
      var found = 0
      for (place, row) in order.enumerated() {
        if labels[row] { found += 1 }
        let isLast = place + 1 == order.count
        // Equal scores are one step.
        if !isLast && margins[order[place + 1]] == margins[row] { continue }
        let recall = Double(found) / Double(ranking.positives)
        let alarms = Double(place + 1 - found) / Double(ranking.negatives)
        QualityCurves.extend(&roc, to: Point(x: alarms, y: recall), isLast: isLast)
        QualityCurves.extend(
          &precisionRecall, to: Point(x: recall, y: Double(found) / Double(place + 1)),
          isLast: isLast)
      }
    }
    self.roc = roc
    self.precisionRecall = precisionRecall
    let table = ReliabilityTable(probabilities: probabilities, labels: labels)
    reliability = table.bins.compactMap { bin in
      guard let mean = bin.meanProbability, let share = bin.positiveShare else { return nil }
      return Point(x: mean, y: share)
    }
    var bars = (0..<20).map { Bar(low: Double($0) / 20, harmless: 0, positive: 0) }
    for (probability, label) in zip(probabilities, labels) {
      let bar = min(max(Int(probability * 20), 0), 19)
      if label { bars[bar].positive += 1 } else { bars[bar].harmless += 1 }
    }
    distribution = bars
  }

  /// Points nearer to the last one than a pixel or so are left out.
  private static func extend(_ curve: inout [Point], to point: Point, isLast: Bool) {
    let step = 1 / Double(mostPoints)
    if !isLast, let last = curve.last,
      abs(point.x - last.x) < step && abs(point.y - last.y) < step
    {
      return
    }
    curve.append(point)
  }
}
