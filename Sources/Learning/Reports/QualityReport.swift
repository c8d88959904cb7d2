import Detection
import Primitives

/// How good a detector is on rows that it did not learn from. A measure that does not exist there is absent.
package struct QualityReport: Sendable, Encodable {
  package var rows: Int
  /// Absent where labels are numbers.
  package var positives: Int?
  package var rocAUC: Double?
  package var averagePrecision: Double?
  /// 95 % of 200 draws of the rows.
  package var averagePrecisionInterval: [Double]?
  package var baseRate: Double?
  /// The share of positives among the highest 10, 100 … scores, of which equal ones count all or not at all.
  package var precisionAt: [String: Double]?
  package var brier: Double?
  package var expectedCalibrationError: Double?
  package var reliability: [ReliabilityTable.Bin]?
  /// Root of the mean squared error, where labels are numbers.
  package var rootMeanSquaredError: Double?

  private enum CodingKeys: String, CodingKey {
    case rows, positives, brier, reliability
    case rocAUC = "roc_auc"
    case averagePrecision = "average_precision"
    case averagePrecisionInterval = "average_precision_interval"
    case baseRate = "base_rate"
    case precisionAt = "precision_at"
    case expectedCalibrationError = "ece"
    case rootMeanSquaredError = "rmse"
  }

  /// Of a detector: the ranking by margins, the calibration by probabilities.
  package init(margins: [Double], probabilities: [Double], labels: [Bool], seed: UInt64? = nil) {
    let ranking = RankingMetrics(scores: margins, labels: labels)
    rows = labels.count
    positives = ranking.positives
    rocAUC = ranking.rocAUC
    averagePrecision = ranking.averagePrecision
    baseRate = ranking.baseRate
    let places = [10, 100, 1000].filter { $0 <= labels.count }
    precisionAt = Dictionary(
      uniqueKeysWithValues: places.compactMap { count in
        ranking.at(alerts: count).precision.map { ("\(count)", $0) }
      })
    brier = ReliabilityTable.brier(probabilities: probabilities, labels: labels)
    let table = ReliabilityTable(probabilities: probabilities, labels: labels)
    expectedCalibrationError = table.expectedCalibrationError
    reliability = table.bins.filter { $0.rows > 0 }
    if let seed, ranking.positives > 0 {
      let interval = Interval.bootstrap(rows: labels.count, seed: seed) { chosen in
        RankingMetrics(scores: chosen.map { margins[$0] }, labels: chosen.map { labels[$0] })
          .averagePrecision
      }
      averagePrecisionInterval = interval.map { [$0.low, $0.high] }
    }
  }

  /// Of a model that predicts numbers.
  package init(predictions: [Double], targets: [Float]) {
    rows = targets.count
    if !targets.isEmpty {
      let sum = zip(predictions, targets).reduce(0.0) { sum, pair in
        let distance = pair.0 - Double(pair.1)
        return sum + distance * distance
      }
      rootMeanSquaredError = (sum / Double(targets.count)).squareRoot()
    }
  }

  /// Without what cannot be known: calibration where a score is no probability, and shares of positives where nothing is
  /// labelled.
  package func known(isProbability: Bool, isLabelled: Bool) -> QualityReport {
    var report = self
    if !isProbability {
      (report.brier, report.expectedCalibrationError, report.reliability) = (nil, nil, nil)
    }
    if !isLabelled { (report.positives, report.baseRate, report.precisionAt) = (nil, nil, nil) }
    return report
  }

  /// One report a group, such as a source; rows are grouped by their name.
  package static func perGroup(
    _ groups: [String], margins: [Double], probabilities: [Double], labels: [Bool],
    seed: UInt64? = nil
  ) -> [String: QualityReport] {
    Dictionary(grouping: groups.indices) { groups[$0] }.mapValues { rows in
      QualityReport(
        margins: rows.map { margins[$0] }, probabilities: rows.map { probabilities[$0] },
        labels: rows.map { labels[$0] }, seed: seed)
    }
  }
}

/// How many planted incidents of one scenario were caught.
package struct ScenarioReport: Sendable, Encodable {
  /// Incidents, not events: an incident is caught if any event of it is.
  package var injected: Int
  package var caught: Int
  /// Absent where none was planted.
  package var recall: Double?
  /// Of the recall, with 95 % confidence.
  package var interval: [Double]

  package init(injected: Int, caught: Int) {
    self.injected = injected
    self.caught = caught
    recall = injected > 0 ? Double(caught) / Double(injected) : nil
    let wilson = WilsonInterval(successes: caught, trials: injected)
    interval = [wilson.low, wilson.high]
  }

  /// Groups rows into incidents and these into scenarios; rows outside any incident have none.
  ///
  /// `caught` says of each row whether an alert was raised on it.
  package static func perScenario(
    scenarios: [String?], incidents: [Int?], caught: [Bool]
  ) -> [String: ScenarioReport] {
    struct Incident: Hashable {
      var scenario: String
      var number: Int
    }
    var found: [Incident: Bool] = [:]
    for row in caught.indices {
      guard let scenario = scenarios[row], let number = incidents[row] else { continue }
      found[Incident(scenario: scenario, number: number), default: false] =
        found[Incident(scenario: scenario, number: number), default: false] || caught[row]
    }
    return Dictionary(grouping: found) { $0.key.scenario }.mapValues { incidents in
      ScenarioReport(
        injected: incidents.count,
        caught: incidents.reduce(0) { $0 + ($1.value ? 1 : 0) })
    }
  }
}
