/// A decimal number read from bytes as the nearest double, ties to even.
///
/// Accepts an optional sign, digits with at most one point and an optional exponent. Blanks, hexadecimal, `nan` and
/// `inf` are no numbers, nor is anything beyond the largest double. Up to 19 digits with a small power of ten are
/// exact in 128-bit integers; everything else is left to the standard library.
package enum DecimalNumber {
  /// Missing where the bytes are not one whole number.
  package static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    let count = bytes.count
    var position = 0
    if let value = short(bytes, &position), position == count { return value }
    position = 0
    var negative = false
    if position < count && (bytes[position] == 0x2D || bytes[position] == 0x2B) {
      negative = bytes[position] == 0x2D
      position += 1
    }
    var digits: UInt64 = 0
    var kept = 0
    var exponent = 0
    var seen = false
    while position < count, case let digit = bytes[position] &- 0x30, digit < 10 {
      seen = true
      if kept < 19 {
        digits = digits &* 10 &+ UInt64(digit)
        if digits != 0 { kept += 1 }
      } else {
        kept += 1
      }
      position += 1
    }
    if position < count && bytes[position] == 0x2E {
      position += 1
      while position < count, case let digit = bytes[position] &- 0x30, digit < 10 {
        seen = true
        if kept < 19 {
          digits = digits &* 10 &+ UInt64(digit)
          if digits != 0 { kept += 1 }
          exponent -= 1
        } else {
          kept += 1
        }
        position += 1
      }
    }
    guard seen else { return nil }
    if position < count && (bytes[position] | 0x20) == 0x65 {
      position += 1
      var negativeExponent = false
      if position < count && (bytes[position] == 0x2D || bytes[position] == 0x2B) {
        negativeExponent = bytes[position] == 0x2D
        position += 1
      }
      var value = 0
      var exponentSeen = false
      while position < count, case let digit = bytes[position] &- 0x30, digit < 10 {
        exponentSeen = true
        value = min(value * 10 + Int(digit), 1_000_000)
        position += 1
      }
      guard exponentSeen else { return nil }
      exponent += negativeExponent ? -value : value
    }
    guard position == count else { return nil }
    if digits == 0 && kept <= 19 { return negative ? -0.0 : 0 }
    if kept <= 19, exponent >= -19, exponent <= 19, let magnitude = exact(digits, exponent) {
      return negative ? -magnitude : magnitude
    }
    return library(bytes)
  }

  private static let powers: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]
  static let smallPowers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// A number as most are written: an optional minus, at most 15 digits without a leading zero, at most one point
  /// between digits. Moves `position` behind it; missing, and the position anywhere, where it is written otherwise.
  ///
  /// Digits below 2^53 and powers of ten up to 10^22 are exact doubles, so one division rounds once (Clinger's fast path).
  @inline(__always)
  static func short(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int
  ) -> Double? {
    var at = position
    let count = bytes.count
    let negative = at < count && bytes[at] == 0x2D
    if negative { at += 1 }
    let start = at
    var digits: UInt64 = 0
    while at < count, case let digit = bytes[at] &- 0x30, digit < 10 {
      digits = digits &* 10 &+ UInt64(digit)
      at += 1
    }
    let whole = at - start
    if whole == 0 || (whole > 1 && bytes[start] == 0x30) { return nil }
    var places = 0
    if at < count && bytes[at] == 0x2E {
      at += 1
      let point = at
      while at < count, case let digit = bytes[at] &- 0x30, digit < 10 {
        digits = digits &* 10 &+ UInt64(digit)
        at += 1
      }
      places = at - point
      if places == 0 { return nil }
    }
    if whole + places > 15 { return nil }
    position = at
    let magnitude = places == 0 ? Double(digits) : Double(digits) / smallPowers[places]
    return negative ? -magnitude : magnitude
  }

  /// digits × 10^exponent, correctly rounded.
  private static func exact(_ digits: UInt64, _ exponent: Int) -> Double? {
    if digits < 1 << 53 {
      // Both operands are exact doubles, so one operation rounds once (Clinger's fast path).
      let value = Double(digits)
      if exponent == 0 { return value }
      return exponent < 0 ? value / smallPowers[-exponent] : value * smallPowers[exponent]
    }
    if exponent >= 0 {
      let product = digits.multipliedFullWidth(by: powers[exponent])
      return rounded(high: product.high, low: product.low, sticky: false, scale: 0)
    }
    // The quotient of digits × 2^64 has at least 53 + 2 bits, as digits ≥ 2^53 and 10^19 < 2^64; a remainder is sticky.
    let divisor = powers[-exponent]
    let high = digits / divisor
    let (low, remainder) = divisor.dividingFullWidth((digits % divisor, 0))
    return rounded(high: high, low: low, sticky: remainder != 0, scale: -64)
  }

  /// (high × 2^64 + low, plus a little where sticky) × 2^scale to the nearest double.
  private static func rounded(high: UInt64, low: UInt64, sticky: Bool, scale: Int) -> Double? {
    let leading = high != 0 ? high.leadingZeroBitCount : 64 + low.leadingZeroBitCount
    if leading >= 128 { return 0 }
    // Bring the leading one to bit 127.
    let top: UInt64
    let rest: UInt64
    if leading >= 64 {
      top = low << UInt64(leading - 64)
      rest = 0
    } else if leading == 0 {
      top = high
      rest = low
    } else {
      top = high << UInt64(leading) | low >> UInt64(64 - leading)
      rest = low << UInt64(leading)
    }
    var mantissa = top >> 11
    let dropped = top & 0x7FF
    let tail = rest != 0 || sticky
    let half: UInt64 = 0x400
    if dropped > half || (dropped == half && (tail || mantissa & 1 == 1)) { mantissa += 1 }
    return Double(sign: .plus, exponent: scale + 75 - leading, significand: Double(mantissa))
  }

  /// The standard library reads in the C locale, whatever the process uses.
  private static func library(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }
}
