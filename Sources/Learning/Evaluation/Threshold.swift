/// From which score on an alert is raised.
package enum Threshold {
  /// The lowest threshold at which no more than `perDay` alerts a day come, by what the scores of `days` days show.
  ///
  /// Halfway to the next score below, so that rounding elsewhere does not move it. Above every score (infinite) where
  /// even the highest, tied scores are too many; the lowest score where all may alert.
  package static func forBudget(_ scores: [Double], days: Double, perDay: Double) -> Double {
    let allowed = allowance(days: days, perDay: perDay)
    let sorted = scores.sorted(by: >)
    if sorted.count <= allowed { return sorted.last ?? .infinity }
    if allowed == 0 { return .infinity }
    // The last taken score must be above the first one that is not.
    let refused = sorted[allowed]
    guard let taken = sorted[..<allowed].last(where: { $0 > refused }) else { return .infinity }
    let middle = refused + (taken - refused) / 2
    return middle > refused && middle <= taken ? middle : taken
  }

  /// A threshold that a score can reach. Where not one alarm is allowed or worth it, or the highest scores tie (infinite),
  /// an alert needs more than any of `scores`; where nothing can be more than that, as much.
  package static func reachable(
    _ threshold: Double, above scores: [Double], greatest: Double
  ) -> Double {
    min(threshold.isFinite ? threshold : (scores.max() ?? 0).nextUp, greatest)
  }

  /// Whole alerts within a budget; at least 0.
  static func allowance(days: Double, perDay: Double) -> Int {
    let total = days * perDay
    if !(total > 0) { return 0 }
    return total < 0x1p53 ? Int(total) : .max
  }
}
