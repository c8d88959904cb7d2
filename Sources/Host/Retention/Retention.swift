import Primitives
import Store

/// How long events and alerts stay in a data directory: the `retention` section of the settings.
package struct Retention: Sendable, Hashable {
  /// By when they were written; events are not kept at all where 0.
  package var days = 30.0
  /// The most that packed events may take.
  package var bytes = 2 << 30
  /// The most that alerts may take, with what was frozen with them and the kept findings.
  package var alertBytes = 4 << 30

  package init() {}

  package var keepsEvents: Bool { days > 0 && bytes > 0 }

  /// With no days to keep alerts stay as long as they fit, and events that were kept before leave.
  var applied: KeepingLimits {
    let span = days > 0 ? TimeSpan(seconds: days * 86_400) : nil
    return KeepingLimits(
      span: span ?? .days(Int64(Retention.mostDays)), bytes: days > 0 ? bytes : 0,
      alertBytes: alertBytes)
  }

  static let mostDays = 36_500.0
}

/// Lets what is too old leave, a bounded step at a time.
struct RetentionSweep {
  private static let secondsBetween = 60.0
  private let limits: KeepingLimits
  private var nextAt = 0.0

  init(_ retention: Retention) { limits = retention.applied }

  /// A step where one is due: each minute, or at once where the last one left something over. Between transactions.
  mutating func stepIfDue(_ store: AlertStore) throws(Failure) {
    guard RunMeter.now() >= nextAt else { return }
    let left = try store.leave(limits, at: WallClock.now())
    nextAt = left.hasMore ? 0 : RunMeter.now() + RetentionSweep.secondsBetween
  }

  /// Soon after many events were written.
  mutating func hurry() { nextAt = 0 }
}
