import Learning
import Primitives
import Testing

@Suite("Ranking measures")
struct RankingMetricsTests {
  @Test("They equal their definitions, computed pair by pair, with ties")
  func oracle() {
    var random = SeededRandom(seed: 41)
    for _ in 0..<200 {
      let count = random.below(60)
      let scores = (0..<count).map { _ in (random.normal() * 3).rounded() }
      let labels = (0..<count).map { _ in random.chance(0.3) }
      let metrics = RankingMetrics(scores: scores, labels: labels)
      #expect(near(metrics.rocAUC, naiveAUC(scores, labels)))
      #expect(near(metrics.averagePrecision, naiveAP(scores, labels)))
      let budget = random.below(20)
      let top = metrics.at(alerts: budget)
      #expect(top.alerts <= budget)
      #expect(top.alerts == scores.count { $0 >= top.threshold })
      #expect(top.caught == zip(scores, labels).count { $0.0 >= top.threshold && $0.1 })
      if top.alerts < count {
        let next = scores.filter { $0 < top.threshold }.max()!
        #expect(scores.count { $0 >= next } > budget)
      }
    }
  }

  private func near(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) < 1e-12
  }

  private func naiveAUC(_ scores: [Double], _ labels: [Bool]) -> Double? {
    var wins = 0.0
    var pairs = 0.0
    for i in scores.indices where labels[i] {
      for j in scores.indices where !labels[j] {
        wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
        pairs += 1
      }
    }
    return pairs > 0 ? wins / pairs : nil
  }

  /// Σ (recall − previous recall) · precision over thresholds from high to low.
  private func naiveAP(_ scores: [Double], _ labels: [Bool]) -> Double? {
    let positives = labels.count { $0 }
    if positives == 0 { return nil }
    var sum = 0.0
    var before = 0.0
    for threshold in Set(scores).sorted(by: >) {
      let taken = scores.indices.filter { scores[$0] >= threshold }
      let hits = Double(taken.count { labels[$0] })
      let recall = hits / Double(positives)
      sum += (recall - before) * hits / Double(taken.count)
      before = recall
    }
    return sum
  }

  @Test("Measures that do not exist are missing, not 0")
  func missing() {
    let none = RankingMetrics(scores: [], labels: [])
    #expect(none.rocAUC == nil)
    #expect(none.averagePrecision == nil)
    #expect(none.baseRate == nil)
    let negatives = RankingMetrics(scores: [1, 2], labels: [false, false])
    #expect(negatives.rocAUC == nil)
    #expect(negatives.at(alerts: 2).recall == nil)
    #expect(negatives.at(alerts: 0).precision == nil)
    #expect(negatives.baseRate == 0)
  }

  @Test("Recall at an alert budget is that of the highest scores")
  func budget() {
    let metrics = RankingMetrics(
      scores: [9, 8, 7, 6, 5, 4], labels: [true, false, true, true, false, false])
    let point = metrics.at(alerts: 3)
    #expect(point.alerts == 3)
    #expect(point.caught == 2)
    #expect(point.recall == 2.0 / 3)
    #expect(metrics.at(alerts: 0).alerts == 0)
    #expect(metrics.at(alerts: .max).alerts == 6)
  }
}

@Suite("Thresholds and intervals")
struct ThresholdTests {
  @Test("The threshold lets through at most the budget, and as many as ties allow")
  func budget() {
    var random = SeededRandom(seed: 42)
    for _ in 0..<300 {
      let scores = (0..<(1 + random.below(50))).map { _ in
        random.chance(0.5) ? (random.uniform() * 5).rounded() / 5 : random.uniform()
      }
      let days = random.uniform(0.1, 10)
      let perDay = random.uniform(0, 5)
      let threshold = Threshold.forBudget(scores, days: days, perDay: perDay)
      let alerts = scores.count { $0 >= threshold }
      #expect(Double(alerts) <= days * perDay)
      if let next = scores.filter({ $0 < threshold }).max() {
        #expect(Double(scores.count { $0 >= next }) > days * perDay - 1)
        #expect(scores.count { $0 >= next } > Int(days * perDay))
      }
    }
    #expect(Threshold.forBudget([0.5, 0.5, 0.5], days: 1, perDay: 2) == .infinity)
    #expect(Threshold.forBudget([], days: 1, perDay: 2) == .infinity)
    #expect(Threshold.forBudget([0.2, 0.8], days: 1, perDay: 9) == 0.2)
    #expect(Threshold.forBudget([0.2, 0.8], days: 1, perDay: 1) == 0.5)
  }

  @Test("A bootstrap interval of a mean is about two standard errors wide each way")
  func bootstrap() throws {
    var random = SeededRandom(seed: 43)
    let values = (0..<2000).map { _ in random.normal() }
    let mean = { (rows: [Int]) -> Double? in
      rows.reduce(0) { $0 + values[$1] } / Double(rows.count)
    }
    let interval = try #require(
      Interval.bootstrap(rows: 2000, draws: 500, seed: 1, measure: mean))
    let error = 1 / Double(2000).squareRoot()
    #expect(abs((interval.high - interval.low) / (2 * 1.96 * error) - 1) < 0.15)
    #expect(interval == Interval.bootstrap(rows: 2000, draws: 500, seed: 1, measure: mean))
    #expect(Interval.bootstrap(rows: 0, seed: 1, measure: mean) == nil)
    #expect(Interval.bootstrap(rows: 5, seed: 1) { _ in nil } == nil)
  }
}

@Suite("Calibration")
struct CalibrationTests {
  /// Margins that claim far more certainty than their labels bear out.
  private func overconfident(_ rows: Int, seed: UInt64) -> (margins: [Double], labels: [Bool]) {
    var random = SeededRandom(seed: seed)
    let truth = (0..<rows).map { _ in random.normal(mean: -1, deviation: 1.5) }
    return (
      truth.map { $0 * 3 + 2 }, truth.map { random.chance(Calibration.logistic.probability($0)) }
    )
  }

  private func error(_ calibration: Calibration, _ margins: [Double], _ labels: [Bool]) -> Double {
    ReliabilityTable(
      probabilities: margins.map { calibration.probability($0) }, labels: labels
    ).expectedCalibrationError ?? 1
  }

  @Test("Both kinds lower the calibration error on other rows", arguments: [150, 5000])
  func improves(rows: Int) {
    let fit = overconfident(rows, seed: 51)
    let other = overconfident(5000, seed: 52)
    let calibration = Calibration.fit(margins: fit.margins, labels: fit.labels)
    switch calibration {
    case .platt: #expect(rows == 150)
    case .isotonic: #expect(rows == 5000)
    case .logistic: Issue.record("calibration was left out")
    }
    let before = error(.logistic, other.margins, other.labels)
    let after = error(calibration, other.margins, other.labels)
    #expect(before > 0.1)
    #expect(after < before / 2)
  }

  @Test("Probabilities never fall as margins rise and stay strictly inside 0 and 1")
  func monotone() {
    var random = SeededRandom(seed: 53)
    for _ in 0..<60 {
      let rows = 2 + random.below(900)
      let margins = (0..<rows).map { _ in
        random.chance(0.3) ? random.normal().rounded() : random.normal() * 5
      }
      let slope = random.normal()
      let labels = margins.map { random.chance(Calibration.logistic.probability($0 * slope)) }
      let calibration = Calibration.fit(margins: margins, labels: labels)
      let probes = (margins + [-1e9, 1e9]).sorted()
      let values = probes.map { calibration.probability($0) }
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(values.allSatisfy { $0 >= 0 && $0 <= 1 })
      if case .isotonic = calibration {
        #expect(values.allSatisfy { $0 > 0 && $0 < 1 })
      }
    }
  }

  @Test("Isotonic blocks are the least-squares fit, by the max-min formula")
  func isotonicOracle() {
    var random = SeededRandom(seed: 54)
    let rows = 600
    let margins = (0..<rows).map { _ in random.normal() }.sorted()
    let labels = margins.map { random.chance(Calibration.logistic.probability($0)) }
    guard case .isotonic(let points, let values) = Calibration.fit(margins: margins, labels: labels)
    else {
      Issue.record("600 rows are enough for a free curve")
      return
    }
    var sums = [0]
    for label in labels { sums.append(sums[sums.count - 1] + (label ? 1 : 0)) }
    // fit(i) = max over a ≤ i of min over b ≥ i of mean(a...b); at the rows nearest to each point.
    for (point, value) in zip(points, values) {
      let i = margins.indices.min { abs(margins[$0] - point) < abs(margins[$1] - point) }!
      let fit = (0...i).map { a in
        (i..<rows).map { b in Double(sums[b + 1] - sums[a]) / Double(b + 1 - a) }.min()!
      }.max()!
      #expect(abs(min(max(fit, 1 / 602.0), 601 / 602.0) - value) < 1e-9)
    }
  }

  @Test("Labels of one kind leave the forest's own probability")
  func oneKind() {
    #expect(Calibration.fit(margins: [1, 2], labels: [true, true]) == .logistic)
    #expect(Calibration.fit(margins: [], labels: []) == .logistic)
    #expect(Calibration.logistic.probability(0) == 0.5)
    #expect(Calibration.logistic.probability(-1000) == 0)
    #expect(Calibration.logistic.probability(1000) == 1)
  }

  @Test("Margins that rank the wrong way round get the base rate")
  func inverted() {
    let margins = (0..<40).map { Double($0) }
    let labels = margins.map { $0 < 10 }
    let calibration = Calibration.fit(margins: margins, labels: labels)
    #expect(abs(calibration.probability(0) - 0.25) < 1e-12)
    #expect(calibration.probability(0) == calibration.probability(39))
  }

  @Test("The reliability table counts every row once")
  func reliability() {
    let table = ReliabilityTable(
      probabilities: [0, 0.1, 0.49, 0.5, 1], labels: [false, true, false, true, true], bins: 2)
    #expect(table.bins.map(\.rows) == [3, 2])
    #expect(table.bins[1].meanProbability == 0.75)
    #expect(table.bins[1].positiveShare == 1)
    let error = 3.0 / 5 * abs(0.59 / 3 - 1.0 / 3) + 2.0 / 5 * 0.25
    #expect(abs((table.expectedCalibrationError ?? 9) - error) < 1e-12)
    #expect(ReliabilityTable.brier(probabilities: [0.5, 1], labels: [true, false]) == 0.625)
    #expect(ReliabilityTable.brier(probabilities: [], labels: []) == nil)
    #expect(ReliabilityTable(probabilities: [], labels: []).expectedCalibrationError == nil)
  }
}

@Suite("Splits and breakdowns")
struct SplitTests {
  @Test("Every row is on one side, sides are in order of time, and no incident is cut")
  func property() {
    var random = SeededRandom(seed: 61)
    for _ in 0..<100 {
      let rows = 1 + random.below(80)
      let times = (0..<rows).map { _ in Timestamp(seconds: Int64(random.below(50))) }
      let incidents = (0..<rows).map { _ in random.chance(0.4) ? random.below(6) : nil }
      let border = Timestamp(seconds: Int64(random.below(60)))
      let split = TimeSplit(
        times: times, incidents: incidents, border: border, validationShare: 0.25)
      let parts = [split.train, split.validation, split.test]
      #expect(parts.flatMap { $0 }.sorted() == Array(0..<rows))
      #expect(split.train.allSatisfy { times[$0] < border })
      #expect(split.validation.allSatisfy { times[$0] < border })
      for incident in 0..<6 {
        let sides = parts.count { part in part.contains { incidents[$0] == incident } }
        #expect(sides <= 1)
      }
      let plain = parts.map { part in part.filter { incidents[$0] == nil }.map { times[$0] } }
      for (early, late) in zip(plain, plain.dropFirst()) {
        if let last = early.max(), let first = late.min() { #expect(last < first) }
      }
      if let last = plain[0].max(), let first = plain[2].min() { #expect(last < first) }
    }
  }

  @Test("The border leaves about the asked share of rows to the test")
  func border() {
    let times = (0..<100).map { Timestamp(seconds: Int64($0)) }
    let border = TimeSplit.border(times: times.shuffled(), testShare: 0.2)
    let split = TimeSplit(times: times, border: border, validationShare: 0.25)
    #expect(split.train == Array(0..<60))
    #expect(split.validation == Array(60..<80))
    #expect(split.test == Array(80..<100))
    #expect(TimeSplit(times: times, border: border, validationShare: 0).validation.isEmpty)
    // What budgets by the day go by; a long incident that belongs to a part does not widen it.
    var incidents = [Int?](repeating: nil, count: times.count)
    (incidents[0], incidents[times.count - 1]) = (1, 1)
    let joined = TimeSplit(
      times: times, incidents: incidents, border: border, validationShare: 0.25)
    #expect(joined.validationFrom == split.validationFrom && joined.testFrom == split.testFrom)
    #expect(split.testFrom == border && split.end == times.max())
    #expect(joined.test.contains(0))
  }

  @Test("Recall per scenario counts incidents, not events")
  func scenarios() throws {
    let report = ScenarioReport.perScenario(
      scenarios: ["a", "a", "a", nil, "b", "b"], incidents: [1, 1, 2, nil, 1, 3],
      caught: [false, true, false, true, false, false])
    let a = try #require(report["a"])
    #expect((a.injected, a.caught) == (2, 1))
    #expect(a.recall == 0.5)
    let b = try #require(report["b"])
    #expect((b.injected, b.caught) == (2, 0))
    #expect(b.interval[0] == 0)
    #expect(report.count == 2)
    #expect(ScenarioReport(injected: 0, caught: 0).recall == nil)
  }

  @Test("Quality per group is the quality of the group's rows")
  func groups() throws {
    let report = QualityReport.perGroup(
      ["x", "y", "x", "y"], margins: [1, 2, 3, 4], probabilities: [0.1, 0.2, 0.3, 0.4],
      labels: [false, true, true, false])
    #expect(report["x"]?.rocAUC == 1)
    #expect(report["y"]?.rocAUC == 0)
    #expect(report["y"]?.rows == 2)
  }
}
