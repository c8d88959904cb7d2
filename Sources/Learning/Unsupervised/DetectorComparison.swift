import Detection

/// What the supervised model, the detectors that need no labels and all of them together find at the same price.
///
/// All are judged on rows that none of them saw, at the thresholds at which each raises the same number of false alarms.
package struct DetectorComparison: Sendable, Encodable {
  package struct Part: Sendable, Encodable {
    /// Of its rarity in the fused score; absent for the joint ones.
    package var weight: Double?
    package var rocAUC: Double?
    package var averagePrecision: Double?
    package var perScenario: [String: ScenarioReport]

    private enum CodingKeys: String, CodingKey {
      case weight
      case rocAUC = "roc_auc"
      case averagePrecision = "average_precision"
      case perScenario = "per_scenario"
    }
  }

  /// Rows of one part of time, with what the supervised model made of them.
  package struct Rows {
    package var table: NumericTable
    package var labels: [Bool]
    package var margins: [Double]

    package init(table: NumericTable, labels: [Bool], margins: [Double]) {
      precondition(
        labels.count == table.rows && margins.count == table.rows,
        "every row has a label and a margin")
      self.table = table
      self.labels = labels
      self.margins = margins
    }
  }

  /// Rows without a label that each part may raise an alarm on, a day.
  package var falseAlarmsPerDay: Double
  /// `supervised`, `isolation_forest`, `autoencoder`, `unsupervised` (the two together) and `fused` (all three).
  package var parts: [String: Part]

  private enum CodingKeys: String, CodingKey {
    case parts
    case falseAlarmsPerDay = "false_alarms_per_day"
  }

  /// Trains the detectors without labels on `training`, learns the weights on `validation` and judges on `test`.
  ///
  /// - Parameters:
  ///   - days: the time that the test rows span.
  ///   - scenarios: the scenario of each test row, and `incidents` which incident of it.
  package init(
    training: NumericTable, validation: Rows, test: Rows, scenarios: [String?], incidents: [Int?],
    days: Double, falseAlarmsPerDay: Double, seed: UInt64, workers: Workers
  ) {
    let forest = IsolationForest(
      training, options: IsolationForest.Options(seed: seed), workers: workers)
    let encoder = Autoencoder(training, options: Autoencoder.Options(seed: seed))
    func unlabelled(_ rows: Rows) -> [(name: String, scores: [Double])] {
      [
        ("isolation_forest", forest.scores(rows.table, workers: workers)),
        ("autoencoder", encoder.scores(rows.table, workers: workers)),
      ]
    }
    let known = unlabelled(validation)
    let tested = unlabelled(test)
    let fused = RankFusion(
      [("supervised", validation.margins)] + known, labels: validation.labels)
    let joint = RankFusion(known, labels: validation.labels.map { _ in false })

    func part(_ scores: [Double], weight: Double? = nil) -> Part {
      let harmless = zip(scores, test.labels).filter { !$0.1 }.map(\.0)
      let threshold = Threshold.forBudget(harmless, days: days, perDay: falseAlarmsPerDay)
      let least = Threshold.reachable(threshold, above: harmless, greatest: .infinity)
      let ranking = RankingMetrics(scores: scores, labels: test.labels)
      return Part(
        weight: weight, rocAUC: ranking.rocAUC, averagePrecision: ranking.averagePrecision,
        perScenario: ScenarioReport.perScenario(
          scenarios: scenarios, incidents: incidents, caught: scores.map { $0 >= least }))
    }
    func rows(_ parts: [[Double]], _ score: ([Double]) -> Double) -> [Double] {
      test.margins.indices.map { row in score(parts.map { $0[row] }) }
    }
    let without = tested.map(\.scores)
    self.falseAlarmsPerDay = falseAlarmsPerDay
    parts = [
      "supervised": part(test.margins, weight: fused.weights[0]),
      "isolation_forest": part(without[0], weight: fused.weights[1]),
      "autoencoder": part(without[1], weight: fused.weights[2]),
      "unsupervised": part(rows(without, joint.score)),
      "fused": part(rows([test.margins] + without, fused.score)),
    ]
  }
}
