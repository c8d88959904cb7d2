/// A place in a source text; line and column count from 1, a column is one character.
package struct SourcePosition: Hashable, Sendable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// The smallest part of a Lua source that has a meaning: a name, a literal or a mark.
struct LuaToken {
  enum Kind: Equatable {
    /// A name or a reserved word.
    case word(String)
    /// The text of a string literal, escapes resolved where they are simple.
    case string(String)
    case number(String)
    /// One operator or bracket; `==` and `..` are one mark.
    case mark(String)
  }

  var kind: Kind
  var position: SourcePosition

  func isMark(_ text: String) -> Bool { kind == .mark(text) }

  var word: String? {
    if case .word(let text) = kind { return text }
    return nil
  }
}

/// Cuts Lua 5.4 source into tokens in one pass, comments left out.
///
/// It never fails: what is not Lua comes out as marks, because Lua itself refuses such a file with its own message.
struct LuaTokenizer {
  private let bytes: [UInt8]
  private var at = 0
  private var line = 1
  private var column = 1

  private static let pairs: Set<[UInt8]> = Set(
    ["==", "~=", "<=", ">=", "..", "//", "::", "<<", ">>"].map { Array($0.utf8) })

  init(_ source: String) { bytes = Array(source.utf8) }

  static func tokens(_ source: String) -> [LuaToken] {
    var tokenizer = LuaTokenizer(source)
    var tokens: [LuaToken] = []
    if tokenizer.bytes.first == UInt8(ascii: "#") { tokenizer.skipLine() }
    while let token = tokenizer.next() { tokens.append(token) }
    return tokens
  }

  private func byte(_ offset: Int = 0) -> UInt8? {
    at + offset < bytes.count ? bytes[at + offset] : nil
  }

  private mutating func advance() {
    let byte = bytes[at]
    at += 1
    if byte == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if byte & 0xC0 != 0x80 {
      column += 1
    }
  }

  private mutating func skipLine() {
    while let next = byte(), next != UInt8(ascii: "\n") { advance() }
  }

  private mutating func next() -> LuaToken? {
    while let first = byte() {
      switch first {
      case UInt8(ascii: " "), 9, 10, 11, 12, 13:
        advance()
        continue
      case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
        advance()
        advance()
        if let level = longBracketLevel() { _ = longText(level: level) } else { skipLine() }
        continue
      default: break
      }
      let position = SourcePosition(line: line, column: column)
      return LuaToken(kind: kind(startingWith: first), position: position)
    }
    return nil
  }

  private mutating func kind(startingWith first: UInt8) -> LuaToken.Kind {
    if isWordStart(first) { return .word(run { isWordStart($0) || isDigit($0) }) }
    if isDigit(first) || (first == UInt8(ascii: ".") && byte(1).map(isDigit) == true) {
      return .number(number())
    }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      return .string(shortText(quote: first))
    }
    if let level = longBracketLevel() { return .string(longText(level: level)) }
    let pair = byte(1).map { [first, $0] } ?? [first]
    let length = LuaTokenizer.pairs.contains(pair) ? 2 : 1
    let text = String(decoding: bytes[at..<(at + length)], as: UTF8.self)
    for _ in 0..<length { advance() }
    return .mark(text)
  }

  private mutating func run(while belongs: (UInt8) -> Bool) -> String {
    let start = at
    while let next = byte(), belongs(next) { advance() }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func number() -> String {
    let start = at
    var last: UInt8 = 0
    while let next = byte() {
      let sign = next == UInt8(ascii: "+") || next == UInt8(ascii: "-")
      let exponent = last | 0x20 == UInt8(ascii: "e") || last | 0x20 == UInt8(ascii: "p")
      guard isWordStart(next) || isDigit(next) || next == UInt8(ascii: ".") || (sign && exponent)
      else { break }
      // `1..2` joins two numbers.
      if next == UInt8(ascii: "."), byte(1) == UInt8(ascii: ".") { break }
      last = next
      advance()
    }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func shortText(quote: UInt8) -> String {
    advance()
    var text: [UInt8] = []
    while let next = byte(), next != quote, next != UInt8(ascii: "\n") {
      if next == UInt8(ascii: "\\"), let escaped = byte(1) {
        advance()
        advance()
        switch escaped {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
          var code = Int(escaped - UInt8(ascii: "0"))
          for _ in 0..<2 {
            guard let digit = byte(), isDigit(digit) else { break }
            code = code * 10 + Int(digit - UInt8(ascii: "0"))
            advance()
          }
          text.append(UInt8(truncatingIfNeeded: code))
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "z"): while let gap = byte(), gap <= 32 { advance() }
        default: text.append(escaped)
        }
      } else {
        text.append(next)
        advance()
      }
    }
    if byte() == quote { advance() }
    return String(decoding: text, as: UTF8.self)
  }

  /// The number of `=` where a long bracket `[==[` opens here.
  private func longBracketLevel() -> Int? {
    guard byte() == UInt8(ascii: "[") else { return nil }
    var offset = 1
    while byte(offset) == UInt8(ascii: "=") { offset += 1 }
    return byte(offset) == UInt8(ascii: "[") ? offset - 1 : nil
  }

  private mutating func longText(level: Int) -> String {
    for _ in 0..<(level + 2) { advance() }
    if byte() == UInt8(ascii: "\n") { advance() }
    let start = at
    while let next = byte() {
      if next == UInt8(ascii: "]") {
        var offset = 1
        while offset <= level, byte(offset) == UInt8(ascii: "=") { offset += 1 }
        if offset == level + 1, byte(offset) == UInt8(ascii: "]") {
          let text = String(decoding: bytes[start..<at], as: UTF8.self)
          for _ in 0..<(level + 2) { advance() }
          return text
        }
        for _ in 0..<offset { advance() }
      } else {
        advance()
      }
    }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }
}

private func isWordStart(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: "_")
    || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
