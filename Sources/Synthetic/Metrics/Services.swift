import Primitives

/// The measured services: what they report, how often and for how long they exist.
struct Services {
  /// Cadence in minutes, and the days a series lives; 0 is the whole time. Most live as long as an instance does.
  private static let plans: [(minutes: Double, lifetime: ClosedRange<Double>?)] = [
    (5, nil), (60, nil), (5, 2...5), (5, 2...5), (60, nil), (15, 6...14), (5, 1.5...4),
    (60, nil), (5, 2...6), (30, nil), (60, nil), (5, 2...5), (10, 4...9), (5, 1.5...4),
    (60, nil), (30, nil), (5, 2...5), (60, nil), (15, 6...14), (5, 2...6),
  ]

  private let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  /// Starts series until the log holds this many events; the last one stops there.
  func report(until goal: Int, into log: inout Log) {
    // No series is more than an eighth of all, so that a small world has several too.
    let share = Double(max(1, goal - log.count)) / 8
    var started = 0
    while log.count < goal && started < goal + 100 {
      let plan = Services.plans[started % Services.plans.count]
      var random = SeededRandom(seed: seed, purpose: "series \(started)")
      let whole = (log.end - log.start).seconds / 3600
      let wanted = plan.lifetime.map { 24 * random.uniform($0.lowerBound, $0.upperBound) } ?? whole
      let length = min(wanted, share * plan.minutes / 60)
      var hours = 0.0..<whole
      if length < whole {
        // It may have begun before the world or outlast it.
        let from = random.uniform(-length * 0.3, whole - length * 0.7)
        hours = max(0, from)..<min(whole, from + length)
      }
      var series = Series(number: started, minutes: plan.minutes, random: random, log: &log)
      series.report(hours, until: goal, into: &log)
      started += 1
    }
  }
}
