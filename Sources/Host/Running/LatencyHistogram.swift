import Glibc

/// How long events waited, in the memory of a few thousand counters however many there are.
///
/// Buckets grow by 1 % from a microsecond to a day, so a quantile is told up to 1 % too high and never too low.
struct LatencyHistogram: Sendable {
  private static let least = 1e-6
  private static let growth = 1.01
  private static let most = 86_400.0
  private static let buckets = Int(log(most / least) / log(growth)) + 2

  private var counts = [Int](repeating: 0, count: LatencyHistogram.buckets)
  private(set) var total = 0
  private var longest = 0.0

  mutating func add(_ seconds: Double, count: Int = 1) {
    if count <= 0 { return }
    let place = log(max(seconds, LatencyHistogram.least) / LatencyHistogram.least)
    let bucket = (place / log(LatencyHistogram.growth)).rounded(.up)
    // What is above the last bucket counts there.
    counts[Int(min(bucket, Double(LatencyHistogram.buckets - 1)))] += count
    total += count
    longest = max(longest, seconds)
  }

  /// Seconds that this share waited at most; missing without any.
  func quantile(_ share: Double) -> Double? {
    if total == 0 { return nil }
    let wanted = Double(total) * share
    var seen = 0
    for (bucket, count) in counts.enumerated() where count > 0 {
      seen += count
      if Double(seen) >= wanted {
        return min(longest, LatencyHistogram.least * pow(LatencyHistogram.growth, Double(bucket)))
      }
    }
    return longest
  }
}
