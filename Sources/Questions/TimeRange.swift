import Primitives

/// A time that a question named: between two points, or a length back from now.
struct TimeRange: Hashable {
  var since: Timestamp?
  var before: Timestamp?
  /// As in `7 * day`.
  var last: (amount: String, unit: String)?
  /// Hours were named and no day: they are today's, until a day is found for them.
  var isOfHours = false
  /// Why there is no such time, where its words name none.
  var problem: String?

  /// The same hours of another day.
  func moved(to day: Timestamp, from midnight: Timestamp) -> TimeRange {
    let shift = day - midnight
    return TimeRange(
      since: since.map { $0 + shift } ?? day, before: before.map { $0 + shift } ?? day + .days(1))
  }

  static func == (a: TimeRange, b: TimeRange) -> Bool {
    a.since == b.since && a.before == b.before && a.last?.amount == b.last?.amount
      && a.last?.unit == b.last?.unit
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(since)
    hasher.combine(before)
  }
}
