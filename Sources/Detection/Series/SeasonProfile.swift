/// What a series usually shows at this hour of the week, or at this quarter of an hour of the day while weeks are few.
///
/// Each time slot holds a mean of its visits that forgets: a visit counts when it is over, by 1/n for the first few and
/// 0.3 after, so that three weeks of a new habit outweigh the old one.
struct SeasonProfile: Sendable {
  private static let forgetting = 0.3
  private static let daySlots = 96
  private static let weekSlots = 168
  /// Visits after which an hour of the week is known better than a quarter of an hour of the day.
  private static let weeksNeeded = 2.0

  private var day = Slots(count: daySlots)
  private var week = Slots(count: weekSlots)

  /// What is expected at a time, in seconds of the series' own clock; missing where its slot was never visited before.
  /// The value then counts for later visits.
  mutating func expected(at seconds: Int64, adding value: Double) -> Double? {
    let fromDay = day.visit(SeasonProfile.whole(seconds, 900), value)
    let fromWeek = week.visit(SeasonProfile.whole(seconds, 3_600), value)
    if let fromWeek, fromWeek.visits >= SeasonProfile.weeksNeeded { return fromWeek.mean }
    return fromDay?.mean
  }

  mutating func code(_ coder: inout StateCoder) {
    day.code(&coder)
    week.code(&coder)
  }

  /// Whole periods since the epoch, rounded towards the past.
  private static func whole(_ seconds: Int64, _ period: Int64) -> Int64 {
    seconds / period - (seconds % period < 0 ? 1 : 0)
  }

  private struct Slots: Sendable {
    private var means: [Double]
    private var visits: [Double]
    /// The visit at hand: periods since the epoch, of which each has a slot.
    private var current: Int64?
    private var sum = 0.0
    private var values = 0.0

    init(count: Int) {
      means = Array(repeating: 0, count: count)
      visits = Array(repeating: 0, count: count)
    }

    mutating func visit(_ period: Int64, _ value: Double) -> (mean: Double, visits: Double)? {
      if let current, period != current {
        let slot = slot(current)
        let share = max(SeasonProfile.forgetting, 1 / (visits[slot] + 1))
        means[slot] += share * (sum / values - means[slot])
        visits[slot] += 1
        sum = 0
        values = 0
      }
      current = period
      sum += value
      values += 1
      let slot = slot(period)
      return visits[slot] > 0 ? (means[slot], visits[slot]) : nil
    }

    mutating func code(_ coder: inout StateCoder) {
      coder.fixedNumbers(&means)
      coder.fixedNumbers(&visits)
      coder.optional(&current)
      coder.number(&sum)
      coder.number(&values)
    }

    private func slot(_ period: Int64) -> Int {
      let slots = Int64(means.count)
      let rest = period % slots
      return Int(rest < 0 ? rest + slots : rest)
    }
  }
}
