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

    package init(bytes: UnsafeBufferPointer<UInt8>, isEscaped: Bool) {
      self.bytes = bytes
      self.isEscaped = isEscaped
    }
  }

  package let bytes: UnsafeBufferPointer<UInt8>
  package internal(set) var position = 0

  package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  func problem(_ message: String) -> JSONProblem {
    JSONProblem(offset: position, message: message)
  }

  mutating func skipBlanks() {
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
}
