package import Primitives

/// How often a rule fires, when it last did, and whether its silence is longer than chance allows.
package struct FiringHistory: Hashable, Sendable {
  package var alerts: Int
  package var last: Timestamp?
  /// Alerts on the quietest and on the loudest of the days, one day in twenty at each end left out; missing below two
  /// whole days.
  package var perDay: ClosedRange<Int>?
  package var longestPause: TimeSpan?
  /// From the last alert to the end of what was read; missing where there is none.
  package var silence: TimeSpan?
  package var isSilent: Bool

  private static let fewest = 5
  /// An alert may take in what a rule finds for a day, and most rules sleep at night.
  private static let shortest = TimeSpan.hours(25)

  /// A rule has fallen silent where its silence is more than a day and more than twice its longest
  /// pause, and where seven or more alerts would have come by now had it gone on as before: the
  /// chance of none is below one in a thousand, were they independent.
  ///
  /// - Parameters:
  ///   - times: of its alerts, in order.
  ///   - span: what was read: its newest event ends the silence.
  package init(_ times: [Timestamp], over span: ClosedRange<Timestamp>) {
    alerts = times.count
    last = times.last
    perDay = FiringHistory.range(times, over: span)
    longestPause = zip(times, times.dropFirst()).map { $1 - $0 }.max()
    silence = times.last.map { max(.zero, span.upperBound - $0) }
    isSilent = false
    guard times.count >= FiringHistory.fewest, let first = times.first, let last = times.last,
      let pause = longestPause, let silence, last > first
    else { return }
    let expected = silence.seconds * Double(times.count - 1) / (last - first).seconds
    isSilent =
      silence > FiringHistory.shortest && silence.seconds > 2 * pause.seconds && expected >= 7
  }

  /// Whole days of 24 hours, counted back from the end.
  private static func range(
    _ times: [Timestamp], over span: ClosedRange<Timestamp>
  ) -> ClosedRange<Int>? {
    let day = TimeSpan.days(1).microseconds
    let days = Int((span.upperBound - span.lowerBound).microseconds / day)
    // More than ten years of days say nothing more.
    guard (2...3650).contains(days) else { return nil }
    var counts = [Int](repeating: 0, count: days)
    for time in times {
      let back = (span.upperBound - time).microseconds
      if back >= 0, back / day < Int64(days) { counts[Int(back / day)] += 1 }
    }
    counts.sort()
    let edge = days / 20
    return counts[edge]...counts[days - 1 - edge]
  }
}
