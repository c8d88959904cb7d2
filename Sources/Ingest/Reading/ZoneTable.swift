import Foundation
import Primitives

/// The offsets of one time zone over the years, looked up once so that no event needs a calendar.
///
/// Changes between 1970 and 2100 are known; outside, the first and last offset hold.
struct ZoneTable: Sendable {
  private struct Period {
    /// Microseconds since the epoch from which the offset holds.
    var start: Int64
    var offset: Int32
  }

  private let periods: [Period]
  private var last = 0

  static let utc = ZoneTable(periods: [Period(start: .min, offset: 0)])

  private init(periods: [Period]) { self.periods = periods }

  /// Missing where there is no such zone.
  static func named(_ name: String) -> ZoneTable? {
    if name == "UTC" { return .utc }
    guard let zone = TimeZone(identifier: name) else { return nil }
    var at = Date(timeIntervalSince1970: 0)
    let end = Date(timeIntervalSince1970: 4_102_444_800)
    var periods = [Period(start: .min, offset: Int32(zone.secondsFromGMT(for: at)))]
    while let next = zone.nextDaylightSavingTimeTransition(after: at), next < end, next > at {
      let offset = Int32(zone.secondsFromGMT(for: next))
      if offset != periods[periods.count - 1].offset {
        let seconds = Int64(exactly: next.timeIntervalSince1970.rounded()) ?? 0
        periods.append(Period(start: seconds * 1_000_000, offset: offset))
      }
      at = next
    }
    return ZoneTable(periods: periods)
  }

  /// Seconds east of Greenwich at an instant.
  mutating func offset(at time: Timestamp) -> Int32 {
    if !holds(last, time) { last = index(at: time) }
    return periods[last].offset
  }

  /// The instant at which clocks of the zone show `local` (microseconds as if UTC). A time that clocks show twice
  /// is the earlier one; a time that they skip is taken with the offset before the gap.
  mutating func instant(local: Int64) -> (time: Timestamp, offset: Int32) {
    let known = periods[last]
    // Two days away from both ends of the last period no clock shows another one's time.
    let margin: Int64 = 2 * 86_400_000_000
    if local > known.start &+ margin || known.start == .min,
      last + 1 == periods.count || local < periods[last + 1].start &- margin
    {
      return (Timestamp(microseconds: local &- Int64(known.offset) &* 1_000_000), known.offset)
    }
    let guess = index(at: Timestamp(microseconds: local))
    for candidate in max(0, guess - 1)...min(periods.count - 1, guess + 1) {
      let offset = periods[candidate].offset
      let time = Timestamp(microseconds: local &- Int64(offset) &* 1_000_000)
      if holds(candidate, time) {
        last = candidate
        return (time, offset)
      }
    }
    let before = guess > 0 && periods[guess].start > local - 86_400_000_000 ? guess - 1 : guess
    let offset = periods[before].offset
    return (Timestamp(microseconds: local &- Int64(offset) &* 1_000_000), offset)
  }

  private func holds(_ index: Int, _ time: Timestamp) -> Bool {
    time.microseconds >= periods[index].start
      && (index + 1 == periods.count || time.microseconds < periods[index + 1].start)
  }

  private func index(at time: Timestamp) -> Int {
    var low = 0
    var high = periods.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if periods[middle].start <= time.microseconds { low = middle } else { high = middle }
    }
    return low
  }
}
