extension JSONScanner {
  /// Consumes a number and gives the nearest double; missing where it is beyond the largest.
  @inline(__always)
  mutating func decimal() throws(JSONProblem) -> Double? {
    var at = position
    if let value = DecimalNumber.short(bytes, &at),
      at == bytes.count || bytes[at] | 0x20 != UInt8(ascii: "e")
    {
      position = at
      return value
    }
    return DecimalNumber.parse(try number())
  }

  /// Consumes a number and gives its bytes, which follow the grammar of RFC 8259.
  package mutating func number() throws(JSONProblem) -> UnsafeBufferPointer<UInt8> {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    guard position < bytes.count, isDigit(bytes[position]) else {
      throw problem("a digit should stand here")
    }
    if bytes[position] == UInt8(ascii: "0") {
      position += 1
      if position < bytes.count && isDigit(bytes[position]) {
        throw problem("a number has a leading zero")
      }
    } else {
      skipDigits()
    }
    if position < bytes.count && bytes[position] == UInt8(ascii: ".") {
      position += 1
      guard position < bytes.count, isDigit(bytes[position]) else {
        throw problem("a digit should follow the point")
      }
      skipDigits()
    }
    if position < bytes.count && bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count
        && (bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-"))
      {
        position += 1
      }
      guard position < bytes.count, isDigit(bytes[position]) else {
        throw problem("a digit should stand in the exponent")
      }
      skipDigits()
    }
    return UnsafeBufferPointer(rebasing: bytes[start..<position])
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  private mutating func skipDigits() {
    while position < bytes.count && isDigit(bytes[position]) { position += 1 }
  }
}
