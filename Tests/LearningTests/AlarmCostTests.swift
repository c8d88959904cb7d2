import Detection
import Learning
import Primitives
import Testing

@Suite("Thresholds by cost")
struct AlarmCostTests {
  private let prices: AlarmPrices

  init() throws { prices = try AlarmPrices(miss: 100, alarm: 7) }

  private func cost(
    _ threshold: Double, _ scores: [Double], _ labels: [Bool], _ incidents: [Int?]
  ) -> Double {
    let alarms = scores.count { $0 >= threshold }
    var missed: Set<Int> = []
    for row in scores.indices where labels[row] { missed.insert(incidents[row] ?? -1 - row) }
    for row in scores.indices where labels[row] && scores[row] >= threshold {
      missed.remove(incidents[row] ?? -1 - row)
    }
    return Double(alarms) * 7 + Double(missed.count) * 100
  }

  @Test("No threshold is cheaper than the one chosen, with ties and incidents of many rows")
  func cheapest() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<200 {
      let count = 1 + random.below(40)
      let labels = (0..<count).map { _ in random.chance(0.3) }
      let scores = labels.map { ((random.uniform() + ($0 ? 0.4 : 0)) * 8).rounded() / 8 }
      let incidents: [Int?] = labels.map { $0 && random.chance(0.6) ? random.below(3) : nil }
      let rows = JudgedRows(scores: scores, labels: labels, incidents: incidents)
      let chosen = rows.cheapest(prices)
      let least = (scores + [.infinity]).map { cost($0, scores, labels, incidents) }.min()
      #expect(cost(chosen, scores, labels, incidents) == least)
      let tally = rows.tally(chosen, prices, seed: 1)
      #expect(tally.cost == least)
      #expect(tally.alarms == scores.count { $0 >= chosen })
      #expect(tally.costWithoutAlarms == cost(.infinity, scores, labels, incidents))
    }
  }

  @Test("Dear alarms make it silent, cheap ones let it speak")
  func extremes() throws {
    let rows = JudgedRows(scores: [0.9, 0.5, 0.1], labels: [false, true, false])
    #expect(rows.cheapest(try AlarmPrices(miss: 1, alarm: 100)) == .infinity)
    #expect(abs(rows.cheapest(try AlarmPrices(miss: 100, alarm: 1)) - 0.3) < 1e-9)
    #expect(JudgedRows(scores: [], labels: []).cheapest(prices) == .infinity)
  }

  @Test("The interval holds the cost of a fresh draw about as often as it says")
  func interval() {
    var random = SeededRandom(seed: 2)
    func draw() -> JudgedRows {
      let labels = (0..<1500).map { _ in random.chance(0.03) }
      return JudgedRows(
        scores: labels.map { random.normal(mean: $0 ? 2 : 0, deviation: 1) }, labels: labels)
    }
    // The expected cost of threshold 2: half the positives missed, half and a fortieth of the harmless alarms.
    let falseRate = 0.022_750_13
    let expected = 1500 * (0.03 * (0.5 * 100 + 0.5 * 7) + 0.97 * falseRate * 7)
    var held = 0
    for round in 0..<60 {
      let interval = draw().tally(2, prices, seed: UInt64(round)).interval ?? []
      #expect(interval.count == 2)
      if interval.count == 2 && interval[0] <= expected && expected <= interval[1] { held += 1 }
    }
    #expect(held >= 50)
  }

  @Test("Prices that are none are refused")
  func refused() {
    for (miss, alarm, message) in [
      (0.0, 1.0, "the cost of a miss is 0.0 (give a number above 0, at most 1,000,000,000,000)"),
      (1, -1, "the cost of an alarm is -1.0 (give a number above 0, at most 1,000,000,000,000)"),
      (.nan, 1, "the cost of a miss is nan (give a number above 0, at most 1,000,000,000,000)"),
    ] {
      #expect(Fixture.failure { _ = try AlarmPrices(miss: miss, alarm: alarm) } == message)
    }
  }

  @Test("A model trained with prices alerts where they cost least, and says so beside the budget")
  func trained() throws {
    let (table, labels) = try Fixture.table(rows: 3000, columns: 6, seed: 93, positives: 0.05)
    var options = BoostingOptions()
    options.rounds = 10
    options.threads = 1
    let (model, report) = try TableTrainer(
      options, validation: 0.3, prices: try AlarmPrices(miss: 20, alarm: 1)
    ).train(table, labels: labels)
    let threshold = try #require(report.threshold)
    #expect(threshold.by == .cost)
    #expect(threshold.value == model.alertThreshold)
    #expect(threshold.validation.rows == 720)
    #expect(threshold.test?.rows == 600)
    let cost = try #require(threshold.test?.cost)
    #expect(cost < (threshold.test?.costWithoutAlarms ?? 0))
    let none = Fixture.failure {
      _ = try TableTrainer(options, prices: AlarmPrices(miss: 2, alarm: 1)).train(
        table, labels: labels)
    }
    #expect(
      none
        == "a threshold by cost is chosen on validation rows with labels of 0 and 1 (give"
        + " --validation a share above 0, and the logistic loss)")
    let fitted = try Trainer(
      options, falseAlarmsPerDay: 4, prices: try AlarmPrices(miss: 20, alarm: 1)
    ).train(
      table.slice(0..<2000), labels: Array(labels[..<2000]),
      validation: (table.slice(2000..<3000), Array(labels[2000...]), 5), featureDigest: "d")
    #expect(fitted.threshold?.by == .cost)
    #expect(fitted.threshold?.budgetValue != nil)
  }
}
