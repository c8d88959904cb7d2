import Primitives

/// Hours of the day and days of the week, by the clock in UTC.
package struct ClockFilter: Hashable, Sendable {
  /// From one hour on and before the other; over midnight where the second is not the later.
  package var hours: Hours?
  /// 0 for Monday; empty for any.
  package var weekdays: Set<Int> = []

  package struct Hours: Hashable, Sendable {
    package var from: Int
    package var to: Int

    package init(from: Int, to: Int) { (self.from, self.to) = (from, to) }
  }

  package init() {}

  package var isEmpty: Bool { hours == nil && weekdays.isEmpty }

  /// - Parameter time: microseconds since 1970.
  package func holds(_ time: Int64) -> Bool {
    let hour = time.flooredDivision(by: 3_600_000_000).quotient
    if let hours {
      let hour = Int(hour.flooredDivision(by: 24).remainder)
      let isWithin =
        hours.from < hours.to
        ? hour >= hours.from && hour < hours.to : hour >= hours.from || hour < hours.to
      if !isWithin { return false }
    }
    let day = hour.flooredDivision(by: 24).quotient
    return weekdays.isEmpty || weekdays.contains(Int((day + 3).flooredDivision(by: 7).remainder))
  }
}
