/// What is wrong with a JSON text, and at which byte of it (from 0).
package struct JSONProblem: Error, Hashable, Sendable {
  package var offset: Int
  package var message: String

  package init(offset: Int, message: String) {
    self.offset = offset
    self.message = message
  }
}

/// Walks over one JSON text (RFC 8259) token by token without allocating.
///
/// The bytes must be valid UTF-8 (`UTF8Check`). Nothing is built: the caller asks for what it expects and skips
/// the rest. Every member that stands twice in an object is reported twice; taking the last is the caller's rule.
package struct JSONScanner {
  /// Nesting deeper than this is refused.
  package static let depthLimit = 512

  package enum Token: Sendable {
    case object, list, string, number, `true`, `false`, null
  }

  /// A string as it stands between its quotes.
  package struct Text {
    package var bytes: UnsafeBufferPointer<UInt8>
    package var isEscaped: Bool
  }

  package let bytes: UnsafeBufferPointer<UInt8>
  package private(set) var position = 0

  package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private func problem(_ message: String) -> JSONProblem {
    JSONProblem(offset: position, message: message)
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      let byte = bytes[position]
      if byte > 0x20 || !(byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09) { return }
      position += 1
    }
  }

  /// The kind of the value that follows; does not consume it.
  package mutating func peek() throws(JSONProblem) -> Token {
    skipBlanks()
    guard position < bytes.count else { throw problem("the text ends where a value should stand") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .list
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"): return .true
    case UInt8(ascii: "f"): return .false
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: throw problem("a value should stand here")
    }
  }

  /// Consumes `{` or `[` after `peek` said so; true where the object or list is not empty.
  package mutating func enter(closing: UInt8) -> Bool {
    position += 1
    skipBlanks()
    if position < bytes.count && bytes[position] == closing {
      position += 1
      return false
    }
    return true
  }

  /// Consumes `,` (true) or the closing bracket (false) after a member or element.
  package mutating func goesOn(closing: UInt8) throws(JSONProblem) -> Bool {
    skipBlanks()
    guard position < bytes.count else { throw problem("the text ends inside an object or list") }
    let byte = bytes[position]
    guard byte == closing || byte == UInt8(ascii: ",") else {
      throw problem("a comma or the closing bracket should stand here")
    }
    position += 1
    return byte != closing
  }

  /// Consumes a key and its colon.
  package mutating func key() throws(JSONProblem) -> Text {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      throw problem("a key in quotes should stand here")
    }
    let key = try string()
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
      throw problem("a colon should stand here")
    }
    position += 1
    return key
  }

  /// Consumes a string whose opening quote is next; its escapes are checked, not resolved.
  package mutating func string() throws(JSONProblem) -> Text {
    position += 1
    let start = position
    var escaped = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = Text(
          bytes: UnsafeBufferPointer(rebasing: bytes[start..<position]), isEscaped: escaped)
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") {
        escaped = true
        try checkEscape()
      } else if byte < 0x20 {
        throw problem("a control character stands in a string")
      } else {
        position += 1
      }
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

  /// Consumes `true`, `false` or `null` after `peek` said so, and gives its bytes.
  package mutating func word(_ token: Token) throws(JSONProblem) -> UnsafeBufferPointer<UInt8> {
    let word: StaticString
    switch token {
    case .true: word = "true"
    case .false: word = "false"
    default: word = "null"
    }
    let start = position
    for index in 0..<word.utf8CodeUnitCount {
      guard position < bytes.count, bytes[position] == word.utf8Start[index] else {
        throw problem("only true, false and null stand without quotes")
      }
      position += 1
    }
    return UnsafeBufferPointer(rebasing: bytes[start..<position])
  }

  /// Consumes any value, checking it whole.
  package mutating func skipValue(depth: Int = 0) throws(JSONProblem) {
    let token = try peek()
    switch token {
    case .string: _ = try string()
    case .number: _ = try number()
    case .true, .false, .null: _ = try word(token)
    case .object:
      try checkDepth(depth)
      if enter(closing: UInt8(ascii: "}")) {
        repeat {
          _ = try key()
          try skipValue(depth: depth + 1)
        } while try goesOn(closing: UInt8(ascii: "}"))
      }
    case .list:
      try checkDepth(depth)
      if enter(closing: UInt8(ascii: "]")) {
        repeat { try skipValue(depth: depth + 1) } while try goesOn(closing: UInt8(ascii: "]"))
      }
    }
  }

  /// Throws where an object or list would stand too deep.
  package func checkDepth(_ depth: Int) throws(JSONProblem) {
    if depth >= JSONScanner.depthLimit {
      throw problem("objects and lists are nested more than \(JSONScanner.depthLimit) deep")
    }
  }

  /// Nothing but blanks may follow the one value.
  package mutating func end() throws(JSONProblem) {
    skipBlanks()
    if position < bytes.count { throw problem("something follows after the value") }
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
