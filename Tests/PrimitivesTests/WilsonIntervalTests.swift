import Primitives
import Testing

struct WilsonIntervalTests {
  /// Values of SciPy's `binomtest(k, n).proportion_ci(method="wilson")`.
  @Test(
    "The interval is that of the published formula",
    arguments: [
      (7, 10, 0.396_778_147, 0.892_208_732), (1, 2, 0.094_531_206, 0.905_468_794),
      (50, 1000, 0.038_130_262, 0.065_313_820),
    ])
  func known(successes: Int, trials: Int, low: Double, high: Double) {
    let interval = WilsonInterval(successes: successes, trials: trials)
    #expect(abs(interval.low - low) < 1e-9)
    #expect(abs(interval.high - high) < 1e-9)
  }

  @Test("It holds the proportion, within 0 and 1, and ends exactly there at the extremes")
  func bounds() {
    for trials in 1...60 {
      for successes in 0...trials {
        let interval = WilsonInterval(successes: successes, trials: trials)
        let share = Double(successes) / Double(trials)
        #expect(interval.low <= share && share <= interval.high)
        #expect(interval.low >= 0 && interval.high <= 1 && interval.low < interval.high)
        #expect((interval.low == 0) == (successes == 0))
        #expect((interval.high == 1) == (successes == trials))
      }
    }
    let nothing = WilsonInterval(successes: 0, trials: 0)
    #expect(nothing.low == 0 && nothing.high == 1)
  }
}
