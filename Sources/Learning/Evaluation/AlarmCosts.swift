package import Primitives

/// What it costs to stay silent and to speak: what an incident does of which nobody was told, and the work of an alarm.
package struct AlarmPrices: Sendable, Equatable, Encodable {
  /// The loss of an incident without an alarm; in any money, the same as that of an alarm.
  package var miss: Double
  /// The work on one alarm, right or wrong.
  package var alarm: Double

  /// No price is higher: sums of them stay numbers.
  package static let most = 1e12

  package init(miss: Double, alarm: Double) throws(Failure) {
    for (name, price) in [("a miss", miss), ("an alarm", alarm)]
    where !(price > 0 && price <= AlarmPrices.most) {
      throw Failure(
        .usage, "the cost of \(name) is \(price)",
        advice: "give a number above 0, at most 1,000,000,000,000")
    }
    self.miss = miss
    self.alarm = alarm
  }
}

/// Scored rows of which it is known what they are: what thresholds are chosen and judged on.
///
/// An incident is caught where any row of it raises an alarm; a positive row outside any incident is one by itself. Each
/// row at or above the threshold is an alarm.
package struct JudgedRows: Sendable {
  private let scores: [Double]
  /// Of each row; missing where it is harmless.
  private let incidents: [Int?]
  private let incidentCount: Int

  package init(scores: [Double], labels: [Bool], incidents given: [Int?]? = nil) {
    precondition(
      scores.count == labels.count && given.map { $0.count == labels.count } ?? true,
      "every row has a label, and an incident or none")
    precondition(!scores.contains { $0.isNaN }, "a score is never NaN")
    var numbers: [Int: Int] = [:]
    var count = 0
    incidents = labels.indices.map { row in
      guard labels[row] else { return nil }
      if let incident = given?[row] {
        if let known = numbers[incident] { return known }
        numbers[incident] = count
      }
      count += 1
      return count - 1
    }
    incidentCount = count
    self.scores = scores
  }

  /// The threshold at which misses and alarms together cost least; of equals the highest.
  ///
  /// Halfway to the next score below, so that rounding elsewhere does not move it; above every score (infinite) where no
  /// alarm is worth its work.
  package func cheapest(_ prices: AlarmPrices) -> Double {
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    var caught = [Bool](repeating: false, count: incidentCount)
    var (alarms, found) = (0, 0)
    var best = (cost: Double(incidentCount) * prices.miss, threshold: Double.infinity)
    var place = 0
    while place < order.count {
      let score = scores[order[place]]
      while place < order.count, scores[order[place]] == score {
        alarms += 1
        if let incident = incidents[order[place]], !caught[incident] {
          caught[incident] = true
          found += 1
        }
        place += 1
      }
      let cost = Double(alarms) * prices.alarm + Double(incidentCount - found) * prices.miss
      if cost < best.cost {
        let below = place < order.count ? scores[order[place]] : score
        let middle = below + (score - below) / 2
        best = (cost, middle > below && middle <= score ? middle : score)
      }
    }
    return best.threshold
  }

  /// What a threshold does on these rows, and with prices what that costs.
  package func tally(_ threshold: Double, _ prices: AlarmPrices? = nil, seed: UInt64) -> AlarmTally
  {
    var alarmsOf = [Int](repeating: 0, count: incidentCount)
    var falseAlarms = 0
    for (row, score) in scores.enumerated() where score >= threshold {
      if let incident = incidents[row] { alarmsOf[incident] += 1 } else { falseAlarms += 1 }
    }
    let missed = alarmsOf.count { $0 == 0 }
    var tally = AlarmTally(
      rows: scores.count, alarms: falseAlarms + alarmsOf.reduce(0, +), falseAlarms: falseAlarms,
      incidents: incidentCount, missed: missed)
    if let prices {
      var times: [Double: Int] = [prices.alarm: falseAlarms]
      for alarms in alarmsOf {
        times[alarms == 0 ? prices.miss : Double(alarms) * prices.alarm, default: 0] += 1
      }
      let costs = times.sorted { $0.key < $1.key }.map { (cost: $0.key, count: $0.value) }
      tally.cost = costs.reduce(0) { $0 + $1.cost * Double($1.count) }
      tally.interval = JudgedRows.interval(costs, seed: seed)
      tally.costWithoutAlarms = Double(incidentCount) * prices.miss
    }
    return tally
  }

  /// The middle 95 % of the sum where each incident and each harmless row comes as often as chance would have it.
  ///
  /// How often is Poisson with mean 1, which is drawing rows with replacement where rows are many (Hanley and MacGibbon,
  /// 2006); so those that cost the same come together as often as Poisson with their number for its mean. Rows that cost
  /// nothing need no draw.
  private static func interval(
    _ costs: [(cost: Double, count: Int)], draws: Int = 400, seed: UInt64
  ) -> [Double] {
    var random = SeededRandom(seed: seed, purpose: "cost")
    var sums: [Double] = []
    for _ in 0..<draws {
      sums.append(
        costs.reduce(0) { $0 + $1.cost * Double(random.poisson(mean: Double($1.count))) })
    }
    sums.sort()
    return [Interval.quantile(sums, 0.025), Interval.quantile(sums, 0.975)]
  }
}
