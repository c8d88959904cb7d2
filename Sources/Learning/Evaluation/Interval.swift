import Primitives

/// A range that holds the true value with 95 % confidence.
package struct Interval: Sendable, Equatable {
  package var low: Double
  package var high: Double

  package init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// The middle 95 % of a measure over rows drawn again with replacement; missing where it exists for too few draws.
  ///
  /// `measure` gets the drawn rows; draws where it is missing are left out, and half of them must exist.
  package static func bootstrap(
    rows: Int, draws: Int = 200, seed: UInt64, measure: ([Int]) -> Double?
  ) -> Interval? {
    if rows == 0 { return nil }
    var random = SeededRandom(seed: seed, purpose: "bootstrap")
    var values: [Double] = []
    for _ in 0..<draws {
      let chosen = (0..<rows).map { _ in random.below(rows) }
      if let value = measure(chosen) { values.append(value) }
    }
    if values.isEmpty || values.count * 2 < draws { return nil }
    values.sort()
    return Interval(low: quantile(values, 0.025), high: quantile(values, 0.975))
  }

  /// A quantile of sorted values, linear between neighbours.
  package static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    precondition(!sorted.isEmpty, "a quantile needs a value")
    let place = share * Double(sorted.count - 1)
    let below = Int(place.rounded(.down))
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
  }
}
