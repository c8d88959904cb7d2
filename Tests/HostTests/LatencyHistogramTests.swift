import Primitives
import Testing

@testable import Host

@Suite("Latencies")
struct LatencyHistogramTests {
  @Test("A quantile is at most 1 % above the sorted one and never below", arguments: 0..<20)
  func quantiles(round: Int) throws {
    var random = SeededRandom(seed: UInt64(round))
    var histogram = LatencyHistogram()
    var all: [Double] = []
    for _ in 0..<(1 + random.below(400)) {
      let seconds = 2e-6 * (1 + random.exponential(mean: [1, 500, 1e6][round % 3]))
      let events = 1 + random.below(5)
      histogram.add(seconds, count: events)
      all += Array(repeating: seconds, count: events)
    }
    all.sort()
    #expect(histogram.total == all.count)
    for share in [0.001, 0.5, 0.9, 0.99, 0.999, 1] {
      let place = max(1, Int((Double(all.count) * share).rounded(.up)))
      let exact = all[place - 1]
      let told = try #require(histogram.quantile(share))
      #expect(told >= exact * (1 - 1e-9) && told <= exact * 1.0101, "\(share)")
    }
  }

  @Test("Without events there is no quantile, and odd values stay in range")
  func edges() {
    var histogram = LatencyHistogram()
    #expect(histogram.quantile(0.5) == nil)
    histogram.add(1, count: 0)
    #expect(histogram.quantile(0.5) == nil)
    for seconds in [0, -1, 1e300, .infinity, Double.leastNonzeroMagnitude] {
      histogram.add(seconds)
    }
    #expect(histogram.total == 5)
    #expect(histogram.quantile(1) != nil)
  }
}
