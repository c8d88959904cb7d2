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

  /// The zone must exist; a mapping is checked before it is used.
  package init(_ format: TimeFormat, zone: String?) {
    self.format = format
    hasZone = zone != nil
    self.zone = zone.flatMap { ZoneTable.named($0) } ?? .utc
    if case .syslog(let year) = format { self.year = year } else { year = 1970 }
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
      if bytes.count > 4 && digit(bytes, 4) == nil && bytes[4] != 0x2E { return iso8601(bytes) }
      return sized(bytes)
    }
  }

  // MARK: calendar texts

  private mutating func iso8601(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    guard bytes.count >= 10, let year = digits(bytes, 0, 4), bytes[4] == 0x2D,
      let month = digits(bytes, 5, 2), bytes[7] == 0x2D, let day = digits(bytes, 8, 2)
    else { return nil }
    if bytes.count == 10 { return local(year, month, day, 0, 0, 0, 0) }
    guard bytes.count >= 16, bytes[10] == 0x54 || bytes[10] == 0x20 || bytes[10] == 0x74,
      let hour = digits(bytes, 11, 2), bytes[13] == 0x3A, let minute = digits(bytes, 14, 2)
    else { return nil }
    var at = 16
    var second = 0
    var microsecond = 0
    if at < bytes.count && bytes[at] == 0x3A {
      guard let value = digits(bytes, at + 1, 2) else { return nil }
      second = value
      at += 3
      if at < bytes.count && (bytes[at] == 0x2E || bytes[at] == 0x2C) {
        guard let value = fraction(bytes, &at) else { return nil }
        microsecond = value
      }
    }
    if at == bytes.count { return local(year, month, day, hour, minute, second, microsecond) }
    guard let offset = zoneOffset(bytes, at),
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second,
        microsecond: microsecond)
    else { return nil }
    return located(civil.timestamp(offsetSeconds: offset), own: Int32(offset))
  }

  private mutating func monthDayYear(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    guard bytes.count == 19, let month = digits(bytes, 0, 2), bytes[2] == 0x2F,
      let day = digits(bytes, 3, 2), bytes[5] == 0x2F, let year = digits(bytes, 6, 4),
      bytes[10] == 0x20, let hour = digits(bytes, 11, 2), bytes[13] == 0x3A,
      let minute = digits(bytes, 14, 2), bytes[16] == 0x3A, let second = digits(bytes, 17, 2)
    else { return nil }
    return local(year, month, day, hour, minute, second, 0)
  }

  /// `Mar 27 13:06:56` with the day padded by a blank or a zero, or ISO 8601.
  private mutating func syslog(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    if bytes.count > 15 { return iso8601(bytes) }
    guard bytes.count == 15, let month = monthNumber(bytes), bytes[3] == 0x20, bytes[6] == 0x20,
      let day = bytes[4] == 0x20 ? digits(bytes, 5, 1) : digits(bytes, 4, 2),
      let hour = digits(bytes, 7, 2), bytes[9] == 0x3A, let minute = digits(bytes, 10, 2),
      bytes[12] == 0x3A, let second = digits(bytes, 13, 2)
    else { return nil }
    // Lines come in about their order: only a step back by half a year or more is a new year.
    let rolls = month < lastMonth - 6
    guard let moment = local(rolls ? year + 1 : year, month, day, hour, minute, second, 0) else {
      return nil
    }
    if rolls { year += 1 }
    if rolls || month <= lastMonth + 6 || lastMonth == 0 { lastMonth = month }
    return moment
  }

  private func monthNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    switch (bytes[0], bytes[1], bytes[2]) {
    case (0x4A, 0x61, 0x6E): 1
    case (0x46, 0x65, 0x62): 2
    case (0x4D, 0x61, 0x72): 3
    case (0x41, 0x70, 0x72): 4
    case (0x4D, 0x61, 0x79): 5
    case (0x4A, 0x75, 0x6E): 6
    case (0x4A, 0x75, 0x6C): 7
    case (0x41, 0x75, 0x67): 8
    case (0x53, 0x65, 0x70): 9
    case (0x4F, 0x63, 0x74): 10
    case (0x4E, 0x6F, 0x76): 11
    case (0x44, 0x65, 0x63): 12
    default: nil
    }
  }

  /// A time as clocks of the zone show it.
  private mutating func local(
    _ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int,
    _ microsecond: Int
  ) -> Moment? {
    guard
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second,
        microsecond: microsecond)
    else { return nil }
    let asUTC = civil.timestamp()
    if !hasZone { return Moment(time: asUTC, offset: 0) }
    let (time, offset) = zone.instant(local: asUTC.microseconds)
    return Moment(time: time, offset: offset)
  }

  private mutating func located(_ time: Timestamp, own: Int32) -> Moment {
    Moment(time: time, offset: hasZone ? zone.offset(at: time) : own)
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
    while let digit = digit(bytes, at) {
      if at - start == 18 { return nil }
      whole = whole * 10 + Int64(digit)
      at += 1
    }
    if at == start { return nil }
    var part: Int64 = 0
    if at < bytes.count && bytes[at] == 0x2E {
      at += 1
      var scale = unit
      guard digit(bytes, at) != nil else { return nil }
      while let digit = digit(bytes, at) {
        scale /= 10
        part += Int64(digit) * scale
        at += 1
      }
    }
    var span: Int64
    if at == bytes.count {
      let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
      if overflow { return nil }
      span = negative ? -product - part : product + part
    } else {
      guard let value = DecimalNumber.parse(bytes),
        let rounded = Int64(exactly: (value * Double(unit)).rounded())
      else { return nil }
      span = rounded
    }
    let (sum, overflow) = span.addingReportingOverflow(base)
    // Years 0 to 9999, as every other format has it.
    if overflow || sum < -62_167_219_200_000_000 || sum >= 253_402_300_800_000_000 { return nil }
    return located(Timestamp(microseconds: sum), own: 0)
  }

  /// s, ms, µs or ns by the number of digits: a second count of 12 digits would lie beyond the year 5138.
  private mutating func sized(_ bytes: UnsafeBufferPointer<UInt8>) -> Moment? {
    var count = 0
    while digit(bytes, count) != nil { count += 1 }
    if count <= 11 { return number(bytes, unit: 1_000_000, base: 0) }
    if count <= 14 { return number(bytes, unit: 1000, base: 0) }
    if count <= 17 { return number(bytes, unit: 1, base: 0) }
    if count != bytes.count { return nil }
    return number(UnsafeBufferPointer(rebasing: bytes[..<(count - 3)]), unit: 1, base: 0)
  }

  // MARK: digits

  private func digit(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int? {
    at < bytes.count && bytes[at] &- 0x30 < 10 ? Int(bytes[at] &- 0x30) : nil
  }

  private func digits(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ count: Int) -> Int? {
    if at + count > bytes.count { return nil }
    var value = 0
    for index in at..<at + count {
      let digit = bytes[index] &- 0x30
      if digit > 9 { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }

  /// Digits after a point or comma, as microseconds.
  private func fraction(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int? {
    at += 1
    var scale = 100_000
    var value = 0
    guard digit(bytes, at) != nil else { return nil }
    while let digit = digit(bytes, at) {
      value += digit * scale
      scale /= 10
      at += 1
    }
    return value
  }

  /// `Z`, `+02:00`, `+0200` or `+02` up to the end, in seconds.
  private func zoneOffset(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    var at = start
    if bytes[at] == 0x20 && at + 1 < bytes.count { at += 1 }
    if bytes[at] == 0x5A || bytes[at] == 0x7A { return at + 1 == bytes.count ? 0 : nil }
    guard bytes[at] == 0x2B || bytes[at] == 0x2D, let hours = digits(bytes, at + 1, 2), hours < 24
    else { return nil }
    var minutes = 0
    var end = at + 3
    if end < bytes.count {
      if bytes[end] == 0x3A { end += 1 }
      guard let value = digits(bytes, end, 2), value < 60 else { return nil }
      minutes = value
      end += 2
    }
    if end != bytes.count { return nil }
    return (bytes[at] == 0x2D ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
}

/// Times in texts that people write.
package enum TimeText {
  /// ISO 8601 with or without a time of day, UTC without an offset; missing where it is none.
  package static func timestamp(_ text: String) -> Timestamp? { TimeParser.timestamp(text) }
}
