/// A date and a time of day of the proleptic Gregorian calendar, without a zone.
///
/// The day arithmetic is Howard Hinnant's `days_from_civil`
/// (https://howardhinnant.github.io/date_algorithms.html).
package struct CivilTime: Hashable, Sendable {
  package var year: Int
  package var month: Int
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int
  package var microsecond: Int

  /// Missing where no such time exists (February 30, hour 24). Second 60 is taken as the next minute's 0.
  package init?(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    guard (0...9999).contains(year), (1...12).contains(month),
      day >= 1, day <= CivilTime.days(in: month, of: year),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second),
      (0...999_999).contains(microsecond)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  /// The civil time that a clock shows `offset` seconds east of Greenwich.
  package init(_ time: Timestamp, offsetSeconds offset: Int = 0) {
    let local = time + .seconds(Int64(offset))
    let (day, inDay) = local.microseconds.flooredDivision(by: 86_400_000_000)
    let (year, month, dayOfMonth) = CivilTime.date(fromDays: day)
    self.year = year
    self.month = month
    self.day = dayOfMonth
    let seconds = inDay / 1_000_000
    hour = Int(seconds / 3600)
    minute = Int(seconds / 60 % 60)
    second = Int(seconds % 60)
    microsecond = Int(inDay % 1_000_000)
  }

  /// The instant at which a clock `offset` seconds east of Greenwich shows this.
  package func timestamp(offsetSeconds offset: Int = 0) -> Timestamp {
    let days = CivilTime.days(toYear: year, month: month, day: day)
    let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
    return Timestamp(microseconds: seconds * 1_000_000 + Int64(microsecond))
  }

  package static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  package static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01.
  package static func days(toYear year: Int, month: Int, day: Int) -> Int64 {
    let y = Int64(month <= 2 ? year - 1 : year)
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func date(fromDays days: Int64) -> (year: Int, month: Int, day: Int) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = Int(shifted < 10 ? shifted + 3 : shifted - 9)
    let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    return (year, month, Int(dayOfYear - (153 * shifted + 2) / 5 + 1))
  }
}

extension Int64 {
  /// Quotient rounded down and the remainder that is never negative.
  package func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (q, r) = quotientAndRemainder(dividingBy: divisor)
    return r < 0 ? (q - 1, r + divisor) : (q, r)
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC: `2026-03-01T14:00:00Z`, with a fraction only where there is one.
  package var description: String {
    let t = CivilTime(self)
    var text: [UInt8] = []
    text.reserveCapacity(28)
    if t.year < 0 { text.append(UInt8(ascii: "-")) }
    append(abs(t.year), 4, to: &text)
    for (mark, part) in [
      (UInt8(ascii: "-"), t.month), (UInt8(ascii: "-"), t.day), (UInt8(ascii: "T"), t.hour),
      (UInt8(ascii: ":"), t.minute), (UInt8(ascii: ":"), t.second),
    ] {
      text.append(mark)
      append(part, 2, to: &text)
    }
    if t.microsecond != 0 {
      text.append(UInt8(ascii: "."))
      if t.microsecond % 1000 == 0 {
        append(t.microsecond / 1000, 3, to: &text)
      } else {
        append(t.microsecond, 6, to: &text)
      }
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }
}

/// At least so many digits of a number that is not negative.
private func append(_ n: Int, _ width: Int, to text: inout [UInt8]) {
  var size = 1
  for _ in 1..<width { size *= 10 }
  while n / 10 >= size { size *= 10 }
  while size > 0 {
    text.append(UInt8(ascii: "0") + UInt8(n / size % 10))
    size /= 10
  }
}
