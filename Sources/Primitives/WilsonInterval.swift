/// The range that a proportion lies in, given how often it was seen: Wilson's score interval.
///
/// Holds its promise for small counts and for proportions near 0 and 1, where the textbook interval does not
/// (E. B. Wilson, "Probable inference", JASA 22, 1927). With no trials it is [0, 1]: nothing is known.
package struct WilsonInterval: Hashable, Sendable {
  package var low: Double
  package var high: Double

  /// `z` is the normal quantile: 1.96 for 95 %. Successes are between 0 and the number of trials.
  package init(successes: Int, trials: Int, z: Double = 1.959_963_984_540_054) {
    precondition(
      successes >= 0 && successes <= trials, "a proportion counts at most its own trials")
    guard trials > 0 else {
      low = 0
      high = 1
      return
    }
    let n = Double(trials)
    let p = Double(successes) / n
    let denominator = 1 + z * z / n
    let center = (p + z * z / (2 * n)) / denominator
    let half = z / denominator * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    // At 0 and n successes one end is exactly 0 or 1; rounding must not say otherwise.
    low = successes == 0 ? 0 : max(0, center - half)
    high = successes == trials ? 1 : min(1, center + half)
  }
}
