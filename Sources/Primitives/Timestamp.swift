/// An instant: whole microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// Whole seconds since the epoch, at most about 292,000 years before or after it.
  package init(seconds: Int64) { microseconds = seconds &* 1_000_000 }

  package static let distantPast = Timestamp(microseconds: .min)
  package static let distantFuture = Timestamp(microseconds: .max)

  /// Seconds since the epoch, exact to a microsecond until the year 2255.
  package var seconds: Double { Double(microseconds) / 1e6 }

  package static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

  package static func + (time: Timestamp, span: TimeSpan) -> Timestamp {
    Timestamp(microseconds: saturating(time.microseconds, plus: span.microseconds))
  }

  package static func - (time: Timestamp, span: TimeSpan) -> Timestamp {
    let (difference, overflow) = time.microseconds.subtractingReportingOverflow(span.microseconds)
    return Timestamp(microseconds: overflow ? (span.microseconds > 0 ? .min : .max) : difference)
  }

  package static func - (later: Timestamp, earlier: Timestamp) -> TimeSpan {
    let (difference, overflow) = later.microseconds.subtractingReportingOverflow(
      earlier.microseconds)
    return TimeSpan(microseconds: overflow ? (later > earlier ? .max : .min) : difference)
  }
}

/// A length of time in whole microseconds; may be negative.
package struct TimeSpan: Hashable, Comparable, Sendable {
  package var microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  package static let zero = TimeSpan(microseconds: 0)

  package static func seconds(_ n: Int64) -> TimeSpan { TimeSpan(microseconds: n &* 1_000_000) }
  package static func minutes(_ n: Int64) -> TimeSpan { seconds(n &* 60) }
  package static func hours(_ n: Int64) -> TimeSpan { seconds(n &* 3600) }
  package static func days(_ n: Int64) -> TimeSpan { seconds(n &* 86_400) }

  /// Nearest microsecond; missing where the value does not fit (NaN, infinite, beyond 292,000 years).
  package init?(seconds: Double) {
    let scaled = seconds * 1e6
    guard let whole = Int64(exactly: scaled.rounded()) else { return nil }
    microseconds = whole
  }

  package var seconds: Double { Double(microseconds) / 1e6 }

  package static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.microseconds < b.microseconds }

  package static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    TimeSpan(microseconds: saturating(a.microseconds, plus: b.microseconds))
  }
}

private func saturating(_ a: Int64, plus b: Int64) -> Int64 {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? (b > 0 ? .max : .min) : sum
}

extension TimeSpan: CustomStringConvertible {
  /// The largest unit that divides it: `5 minutes`, `1 hour`, `90 seconds`, `250 ms`.
  package var description: String {
    let units: [(Int64, String)] = [
      (86_400_000_000, "day"), (3_600_000_000, "hour"), (60_000_000, "minute"),
      (1_000_000, "second"),
    ]
    for (size, name) in units where microseconds != 0 && microseconds % size == 0 {
      let n = microseconds / size
      return n == 1 ? "1 \(name)" : "\(n) \(name)s"
    }
    if microseconds == 0 { return "0 seconds" }
    return microseconds % 1000 == 0 ? "\(microseconds / 1000) ms" : "\(microseconds) µs"
  }
}
