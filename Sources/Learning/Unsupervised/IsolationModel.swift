package import Detection
package import Primitives

extension IsolationForest {
  /// The forest in the form of boosted trees, so that it is scored, explained and saved as they are.
  ///
  /// The margin of a row is minus its mean depth over that of an average row: the logarithm to base 2 of its score. Where a
  /// value is missing the row follows the side that more of the sample took, and not both.
  package func forest() throws(Failure) -> Forest {
    let scale = -1 / (Double(trees.count) * average)
    let grown = trees.map { nodes in
      var tree = DecisionTree()
      for node in nodes {
        let last = tree.appendLeaf(value: 0, cover: Float(node.rows))
        if node.feature < 0 {
          tree.values[last] = Float(node.length * scale)
          continue
        }
        tree.features[last] = Int(node.feature)
        tree.thresholds[last] = node.threshold
        tree.lefts[last] = Int(node.left)
        tree.rights[last] = Int(node.right)
        tree.missingLeft[last] = node.leftShare >= 0.5
      }
      return tree
    }
    return try Forest(featureCount: columns, baseMargin: 0, trees: grown)
  }
}

/// Makes a model from rows of which nothing is known: it scores how rare a row is.
package struct RarityTrainer: Sendable {
  package var seed: UInt64
  package var threads: Int
  /// Alarms a day that the threshold allows on the rows held apart, all of them taken for harmless.
  package var alarmsPerDay: Double

  package init(seed: UInt64, threads: Int, alarmsPerDay: Double) {
    self.seed = seed
    self.threads = threads
    self.alarmsPerDay = alarmsPerDay
  }

  /// `held` rows, which span `days`, say how rare a margin is and set the threshold.
  package func train(
    _ table: NumericTable, held: NumericTable, days: Double, featureDigest: String,
    times: ClosedRange<Timestamp>? = nil
  ) throws(Failure) -> TrainedModel {
    guard table.rows >= 2, held.rows >= 2 else {
      throw Failure(
        .input, "\(table.rows + held.rows) rows are too few to tell what is rare",
        advice: "give more events")
    }
    let workers = Workers(threads: threads)
    let clock = ContinuousClock()
    let began = clock.now
    let forest = try IsolationForest(
      table, options: IsolationForest.Options(seed: seed), workers: workers
    ).forest()
    let spent = seconds(clock.now - began)
    let margins = forest.margins(held, workers: workers)
    var model = Model(
      features: table.names, featureDigest: featureDigest, forest: forest,
      calibration: .rarity(of: margins),
      trainedOn: Model.TrainedOn(
        rows: table.rows, positives: 0, from: times?.lowerBound, to: times?.upperBound, seed: seed))
    model.meaning = .rarity
    let scores = margins.map { model.score($0) }
    let value = Threshold.reachable(
      Threshold.forBudget(scores, days: days, perDay: alarmsPerDay), above: scores,
      greatest: model.calibration.greatest)
    model.alertThreshold = value
    let rows = JudgedRows(scores: scores, labels: scores.map { _ in false })
    return TrainedModel(
      model: model, binSeconds: 0, fitSeconds: spent, rounds: forest.treeCount,
      threads: workers.threads,
      threshold: ThresholdReport(
        by: .budget, value: value, prices: nil, falseAlarmsPerDay: alarmsPerDay,
        validation: rows.tally(value, seed: seed).unlabelled))
  }
}

extension Calibration {
  private static let mostKnots = 512

  /// From a margin to the share of the given rows that are less rare: 0.999 for one rarer than 99.9 % of them.
  ///
  /// It goes on to rise above the rarest of them, up to the margin that no row can pass (0, a depth of nothing), so that a
  /// row rarer than all that were seen is told from the rarest that was.
  package static func rarity(of margins: [Double]) -> Calibration {
    precondition(!margins.isEmpty, "a rank needs a row to rank by")
    let sorted = margins.sorted(by: >)
    let count = sorted.count
    var knots: [(margin: Double, share: Double)] = []
    var place = 0
    while place < count && knots.count < mostKnots {
      let margin = sorted[place]
      // All that are as rare count as rarer.
      while place + 1 < count && sorted[place + 1] == margin { place += 1 }
      knots.append((margin, 1 - Double(place + 1) / Double(count + 1)))
      place += max(1, place / 50)
    }
    let least = sorted[count - 1]
    if knots[knots.count - 1].margin > least {
      knots.append((least, 1 - Double(count) / Double(count + 1)))
    }
    knots.reverse()
    let top = knots[knots.count - 1]
    if top.margin < 0 { knots.append((0, top.share + (1 - top.share) / 2)) }
    return .isotonic(margins: knots.map(\.margin), probabilities: knots.map(\.share))
  }
}
