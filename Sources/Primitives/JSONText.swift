extension JSONScanner {
  /// Consumes a string whose opening quote is next; its escapes are checked, not resolved.
  @inline(__always)
  package mutating func string() throws(JSONProblem) -> Text {
    let start = position + 1
    let end = JSONScanner.plainEnd(bytes, from: start)
    if end < bytes.count && bytes[end] == UInt8(ascii: "\"") {
      position = end + 1
      return Text(bytes: UnsafeBufferPointer(rebasing: bytes[start..<end]), isEscaped: false)
    }
    position = end
    return try restOfString(start: start)
  }

  /// Where the next quote, backslash or control character stands, or the end.
  ///
  /// Eight bytes a step: a byte that is less than n borrows into its top bit when n is taken from each byte.
  @inline(__always)
  static func plainEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let raw = UnsafeRawBufferPointer(bytes)
    let ones: UInt64 = 0x0101_0101_0101_0101
    var at = start
    while at + 8 <= bytes.count {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      let quote = word ^ (0x22 &* ones)
      let backslash = word ^ (0x5C &* ones)
      let found =
        ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash
          | (word &- (0x20 &* ones)) & ~word) & (0x80 &* ones)
      if found != 0 { return at + found.trailingZeroBitCount / 8 }
      at += 8
    }
    while at < bytes.count {
      let byte = bytes[at]
      if byte == 0x22 || byte == 0x5C || byte < 0x20 { return at }
      at += 1
    }
    return at
  }

  /// Goes on at a backslash, at what may not stand in a string, or at the end of the text.
  mutating func restOfString(start: Int) throws(JSONProblem) -> Text {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = Text(
          bytes: UnsafeBufferPointer(rebasing: bytes[start..<position]), isEscaped: true)
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") {
        try checkEscape()
      } else if byte < 0x20 {
        throw problem("a control character stands in a string")
      }
      position = JSONScanner.plainEnd(bytes, from: position)
    }
    throw problem("a string is not closed")
  }

  private mutating func checkEscape() throws(JSONProblem) {
    guard position + 1 < bytes.count else { throw problem("a string is not closed") }
    switch bytes[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      guard let unit = hexadecimal(at: position + 2) else {
        throw problem("four hexadecimal digits should follow \\u")
      }
      if unit & 0xF800 != 0xD800 {
        position += 6
        return
      }
      guard unit < 0xDC00, position + 7 < bytes.count, bytes[position + 6] == UInt8(ascii: "\\"),
        bytes[position + 7] == UInt8(ascii: "u"), let low = hexadecimal(at: position + 8),
        low & 0xFC00 == 0xDC00
      else { throw problem("half of a surrogate pair stands alone") }
      position += 12
    default: throw problem("this escape does not exist in JSON")
    }
  }

  private func hexadecimal(at start: Int) -> UInt32? {
    JSONScanner.hexadecimal(bytes, at: start)
  }

  private static func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for index in start..<start + 4 {
      let byte = bytes[index]
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - 0x30
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - 0x57
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - 0x37
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// Writes a string's text with its escapes resolved; the space must hold as many bytes as the string has.
  package static func resolve(
    _ text: Text, into space: UnsafeMutablePointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8> {
    let bytes = text.bytes
    var read = 0
    var written = 0
    while read < bytes.count {
      let byte = bytes[read]
      if byte != UInt8(ascii: "\\") {
        space[written] = byte
        written += 1
        read += 1
        continue
      }
      let letter = bytes[read + 1]
      read += 2
      if letter == UInt8(ascii: "u") {
        var code = hexadecimal(bytes, at: read) ?? 0xFFFD
        read += 4
        if code & 0xFC00 == 0xD800 {
          code =
            0x10000 + ((code & 0x3FF) << 10) + ((hexadecimal(bytes, at: read + 2) ?? 0) & 0x3FF)
          read += 6
        }
        written += encode(code, at: space + written)
        continue
      }
      switch letter {
      case UInt8(ascii: "b"): space[written] = 0x08
      case UInt8(ascii: "f"): space[written] = 0x0C
      case UInt8(ascii: "n"): space[written] = 0x0A
      case UInt8(ascii: "r"): space[written] = 0x0D
      case UInt8(ascii: "t"): space[written] = 0x09
      default: space[written] = letter
      }
      written += 1
    }
    return UnsafeBufferPointer(start: space, count: written)
  }

  private static func encode(_ code: UInt32, at space: UnsafeMutablePointer<UInt8>) -> Int {
    func follower(_ shift: UInt32) -> UInt8 { UInt8(0x80 | ((code >> shift) & 0x3F)) }
    switch code {
    case 0..<0x80:
      space[0] = UInt8(code)
      return 1
    case 0x80..<0x800:
      space[0] = UInt8(0xC0 | code >> 6)
      space[1] = follower(0)
      return 2
    case 0x800..<0x10000:
      space[0] = UInt8(0xE0 | code >> 12)
      space[1] = follower(6)
      space[2] = follower(0)
      return 3
    default:
      space[0] = UInt8(0xF0 | (code >> 18) & 7)
      space[1] = follower(12)
      space[2] = follower(6)
      space[3] = follower(0)
      return 4
    }
  }
}
