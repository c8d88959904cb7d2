package import Primitives

/// Reads the times of one source from bytes, without calendar objects or allocation.
///
/// Strict: February 30, hour 24 and trailing text are refused. Second 60 is the next minute's 0; digits below a microsecond are dropped.
package struct TimeParser {
  private let format: TimeFormat
  private let hasZone: Bool
  private var zone: ZoneTable
  private var year: Int
  private var lastMonth = 0
  private var lastDate = DateMemory()

  /// The zone must exist; a mapping is checked before it is used.
  package init(_ format: TimeFormat, zone: String?) {
    self.format = format
    hasZone = zone != nil
    self.zone = zone.flatMap { ZoneTable.named($0) } ?? .utc
    if case .syslog(let year) = format { self.year = year } else { year = 1970 }
  }

  /// Where times carry no year: the year and month of the last one; missing for other formats.
  var clock: (year: Int, month: Int)? {
    get { if case .syslog = format { (year, lastMonth) } else { nil } }
    set {
      guard case .syslog = format, let newValue else { return }
      (year, lastMonth) = newValue
    }
  }

  package struct Moment: Equatable {
    package var time: Timestamp
    /// Seconds east of Greenwich of the source's clock then.
    package var offset: Int32
  }

  /// A time that a person wrote, in ISO 8601 as RFC 3339 has it or looser; UTC where it names no offset. Missing where it is none.
  package static func timestamp(_ text: String) -> Timestamp? {
    var copy = text
    var parser = TimeParser(.iso8601, zone: nil)
    return copy.withUTF8 { parser.parse($0)?.time }
  }

  package mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    switch format {
    case .iso8601: return iso8601(bytes)
    case .monthDayYear: return monthDayYear(bytes)
    case .epoch(let unit): return number(bytes, unit: unit, base: 0)
    case .secondsSince(let base): return number(bytes, unit: 1_000_000, base: base.microseconds)
    case .syslog: return syslog(bytes)
    case .any:
      if bytes.count > 4 && ClockText.digit(bytes, 4) == nil && bytes[4] != 0x2E {
        return iso8601(bytes)
      }
      if bytes.count > 8 && bytes[8] | 0x20 == 0x74 { return iso8601(bytes) }
      return sized(bytes)
    }
  }

  // MARK: calendar texts

  /// `2018-04-01T00:00:31.25+02:00` and looser, or without separators as `20180401T000031Z`.
  private mutating func iso8601(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    if bytes.count > 8 && bytes[8] | 0x20 == 0x74 { return basic(bytes) }
    guard let day = lastDate.day(bytes) else { return nil }
    if bytes.count == 10 { return local(day) }
    guard bytes.count >= 16, bytes[10] == 0x54 || bytes[10] == 0x20 || bytes[10] == 0x74 else {
      return nil
    }
    var at = 19
    var inDay: Int64
    if let clock = ClockText.microseconds(bytes, at: 11) {
      inDay = clock
    } else {
      guard let hour = ClockText.digits(bytes, 11, 2), hour < 24, bytes[13] == 0x3A,
        let minute = ClockText.digits(bytes, 14, 2), minute < 60,
        bytes.count == 16 || bytes[16] != 0x3A
      else { return nil }
      inDay = Int64(hour * 3600 + minute * 60) * 1_000_000
      at = 16
    }
    return rest(bytes, at, day &+ inDay, hasSeconds: at == 19)
  }

  private mutating func basic(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    guard bytes.count >= 15, let year = ClockText.digits(bytes, 0, 4),
      let month = ClockText.digits(bytes, 4, 2),
      let day = ClockText.digits(bytes, 6, 2), let hour = ClockText.digits(bytes, 9, 2),
      let minute = ClockText.digits(bytes, 11, 2), let second = ClockText.digits(bytes, 13, 2),
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    return rest(bytes, 15, civil.timestamp().microseconds, hasSeconds: true)
  }

  /// A fraction and an offset behind a time of day, both optional.
  private mutating func rest(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ clock: Int64, hasSeconds: Bool
  ) -> Moment? {
    var at = start
    var clock = clock
    if hasSeconds && at < bytes.count && (bytes[at] == 0x2E || bytes[at] == 0x2C) {
      guard let value = ClockText.fraction(bytes, &at) else { return nil }
      clock &+= Int64(value)
    }
    if at == bytes.count { return local(clock) }
    guard let offset = ClockText.zoneOffset(bytes, at) else { return nil }
    return located(clock &- Int64(offset) &* 1_000_000, own: Int32(offset))
  }

  /// A time as clocks of the zone show it, in microseconds as if UTC.
  private mutating func local(_ clock: Int64) -> Moment? {
    if !hasZone { return Moment(time: Timestamp(microseconds: clock), offset: 0) }
    let (time, offset) = zone.instant(local: clock)
    return TimeParser.isInRange(time.microseconds) ? Moment(time: time, offset: offset) : nil
  }

  private mutating func located(_ microseconds: Int64, own: Int32) -> Moment? {
    if !TimeParser.isInRange(microseconds) { return nil }
    let time = Timestamp(microseconds: microseconds)
    return Moment(time: time, offset: hasZone ? zone.offset(at: time) : own)
  }

  /// Years 0 to 9999: what an event line can write.
  private static func isInRange(_ microseconds: Int64) -> Bool {
    microseconds >= -62_167_219_200_000_000 && microseconds < 253_402_300_800_000_000
  }

  private mutating func monthDayYear(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    guard bytes.count == 19, let month = ClockText.digits(bytes, 0, 2), bytes[2] == 0x2F,
      let day = ClockText.digits(bytes, 3, 2), bytes[5] == 0x2F,
      let year = ClockText.digits(bytes, 6, 4),
      bytes[10] == 0x20, let hour = ClockText.digits(bytes, 11, 2), bytes[13] == 0x3A,
      let minute = ClockText.digits(bytes, 14, 2), bytes[16] == 0x3A,
      let second = ClockText.digits(bytes, 17, 2)
    else { return nil }
    return civil(year, month, day, hour, minute, second)
  }

  /// `Mar 27 13:06:56` with the day padded by a blank or a zero, or ISO 8601.
  ///
  /// A line is of the year that puts its month within six months of the newest line's: January after December begins a
  /// year, December after January is a late line of the year before. A log that was silent for longer than half a year
  /// is misread.
  private mutating func syslog(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    if bytes.count > 15 { return iso8601(bytes) }
    guard bytes.count == 15, let month = ClockText.month(bytes), bytes[3] == 0x20, bytes[6] == 0x20,
      let day = bytes[4] == 0x20 ? ClockText.digits(bytes, 5, 1) : ClockText.digits(bytes, 4, 2),
      let hour = ClockText.digits(bytes, 7, 2), bytes[9] == 0x3A,
      let minute = ClockText.digits(bytes, 10, 2),
      bytes[12] == 0x3A, let second = ClockText.digits(bytes, 13, 2)
    else { return nil }
    let isNext = month < lastMonth - 6
    let isBefore = lastMonth > 0 && month > lastMonth + 6
    let own = isNext ? year + 1 : isBefore ? year - 1 : year
    guard let moment = civil(own, month, day, hour, minute, second) else { return nil }
    // A late line takes the year of those after it no step back.
    if !isBefore { (year, lastMonth) = (own, month) }
    return moment
  }

  private mutating func civil(
    _ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int
  ) -> Moment? {
    CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
      .flatMap { local($0.timestamp().microseconds) }
  }

  // MARK: numbers

  /// A decimal number of units, exact to the microsecond where it is written without an exponent.
  private mutating func number(
    _ bytes: UnsafeBufferPointer<UInt8>, unit: Int64, base: Int64
  ) -> Moment? {
    var at = 0
    let negative = bytes.first == 0x2D
    if negative { at = 1 }
    var whole: Int64 = 0
    let start = at
    while let digit = ClockText.digit(bytes, at) {
      if at - start == 18 { return nil }
      whole = whole * 10 + Int64(digit)
      at += 1
    }
    if at == start { return nil }
    var part: Int64 = 0
    if at < bytes.count && bytes[at] == 0x2E {
      at += 1
      var scale = unit
      guard ClockText.digit(bytes, at) != nil else { return nil }
      while let digit = ClockText.digit(bytes, at) {
        scale /= 10
        part += Int64(digit) * scale
        at += 1
      }
    }
    var span: Int64
    if at == bytes.count {
      let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
      let (magnitude, beyond) = product.addingReportingOverflow(part)
      if overflow || beyond { return nil }
      span = negative ? -magnitude : magnitude
    } else {
      guard let value = DecimalNumber.parse(bytes),
        let rounded = Int64(exactly: (value * Double(unit)).rounded())
      else { return nil }
      span = rounded
    }
    let (sum, overflow) = span.addingReportingOverflow(base)
    return overflow ? nil : located(sum, own: 0)
  }

  /// s, ms, µs or ns by the number of digits: a second count of 12 digits would lie beyond the year 5138.
  private mutating func sized(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    var count = 0
    while ClockText.digit(bytes, count) != nil { count += 1 }
    if count <= 11 { return number(bytes, unit: 1_000_000, base: 0) }
    if count <= 14 { return number(bytes, unit: 1000, base: 0) }
    if count <= 17 { return number(bytes, unit: 1, base: 0) }
    if count != bytes.count { return nil }
    return number(UnsafeBufferPointer(rebasing: bytes[..<(count - 3)]), unit: 1, base: 0)
  }
}

/// Times in texts that people write.
package enum TimeText {
  /// ISO 8601 with or without a time of day, UTC without an offset; missing where it is none.
  package static func timestamp(_ text: String) -> Timestamp? { TimeParser.timestamp(text) }
}
