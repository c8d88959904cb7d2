/// The pieces that times are written of: digits, clock times, fractions, offsets, names of months.
enum ClockText {
  static func digit(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int? {
    at < bytes.count && bytes[at] &- 0x30 < 10 ? Int(bytes[at] &- 0x30) : nil
  }

  static func digits(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ count: Int) -> Int? {
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
  static func fraction(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int? {
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
  static func zoneOffset(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
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

  /// `HH:MM:SS` as microseconds, all eight bytes at once; missing where it is no time of day. Second 60 is taken.
  @inline(__always)
  static func microseconds(_ bytes: UnsafeBufferPointer<UInt8>, at: Int) -> Int64? {
    if at + 8 > bytes.count { return nil }
    let word = UInt64(
      littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(
        fromByteOffset: at, as: UInt64.self))
    // Digits become 0 to 9 and colons 0; above 9, adding 0x76 sets the top bit.
    let values = word ^ 0x3030_3A30_303A_3030
    if (values | (values &+ 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 != 0
      || values & 0x0000_FF00_00FF_0000 != 0
    {
      return nil
    }
    func two(_ place: UInt64) -> Int64 {
      let pair = values >> (8 &* place)
      return Int64((pair & 0xFF) &* 10 &+ (pair >> 8) & 0xFF)
    }
    let (hour, minute, second) = (two(0), two(3), two(6))
    if hour > 23 || minute > 59 || second > 60 { return nil }
    return (hour &* 3600 &+ minute &* 60 &+ second) &* 1_000_000
  }

  static func month(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
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
}
