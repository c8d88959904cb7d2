extension JSONValue {
  /// Reads one JSON document (RFC 8259): UTF-8, at most 512 levels deep.
  ///
  /// Of a key that stands twice in one object the last value is taken. Whole numbers that fit become `integer`,
  /// others the nearest double; a number beyond the largest double is refused.
  package static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONProblem) -> JSONValue {
    guard UTF8Check.isValid(bytes) else {
      throw JSONProblem(offset: 0, message: "the text is not UTF-8")
    }
    var scanner = JSONScanner(bytes)
    let value = try read(&scanner, depth: 0)
    try scanner.end()
    return value
  }

  package static func parse(_ text: String) throws(JSONProblem) -> JSONValue {
    try parse(Array(text.utf8))
  }

  package static func parse(_ bytes: [UInt8]) throws(JSONProblem) -> JSONValue {
    try bytes.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in try parse(buffer) }
  }

  private static func read(
    _ scanner: inout JSONScanner, depth: Int
  ) throws(JSONProblem) -> JSONValue {
    let token = try scanner.peek()
    switch token {
    case .string: return .text(string(try scanner.string()))
    case .number: return try number(&scanner)
    case .true, .false:
      _ = try scanner.word(token)
      return .flag(token == .true)
    case .null:
      _ = try scanner.word(token)
      return .null
    case .list:
      try scanner.checkDepth(depth)
      var elements: [JSONValue] = []
      if scanner.enter(closing: UInt8(ascii: "]")) {
        repeat {
          elements.append(try read(&scanner, depth: depth + 1))
        } while try scanner.goesOn(closing: UInt8(ascii: "]"))
      }
      return .list(elements)
    case .object:
      try scanner.checkDepth(depth)
      return try object(&scanner, depth: depth)
    }
  }

  private static func object(
    _ scanner: inout JSONScanner, depth: Int
  ) throws(JSONProblem) -> JSONValue {
    var members: [Member] = []
    var places: [String: Int] = [:]
    if scanner.enter(closing: UInt8(ascii: "}")) {
      repeat {
        let key = string(try scanner.key())
        let value = try read(&scanner, depth: depth + 1)
        if let place = places[key] {
          members[place].value = value
        } else {
          places[key] = members.count
          members.append(Member(key, value))
        }
      } while try scanner.goesOn(closing: UInt8(ascii: "}"))
    }
    return .object(members)
  }

  private static func number(_ scanner: inout JSONScanner) throws(JSONProblem) -> JSONValue {
    let start = scanner.position
    let bytes = try scanner.number()
    if let whole = integer(bytes) { return .integer(whole) }
    guard let value = DecimalNumber.parse(bytes) else {
      throw JSONProblem(offset: start, message: "a number is beyond the largest double")
    }
    return .number(value)
  }

  private static func integer(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    if bytes.count > 20 || (bytes.count == 2 && bytes[0] == 0x2D && bytes[1] == 0x30) { return nil }
    return Int64(String(decoding: bytes, as: UTF8.self))
  }

  private static func string(_ text: JSONScanner.Text) -> String {
    if !text.isEscaped { return String(decoding: text.bytes, as: UTF8.self) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, text.bytes.count)) {
      guard let space = $0.baseAddress else { return "" }
      return String(decoding: JSONScanner.resolve(text, into: space), as: UTF8.self)
    }
  }

  // MARK: looking into a document

  /// The value under a key; missing where this is no object or has no such key.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.key == key }?.value
  }

  package var text: String? {
    if case .text(let text) = self { return text }
    return nil
  }

  /// A number, whole or not.
  package var number: Double? {
    switch self {
    case .integer(let whole): Double(whole)
    case .number(let value): value
    default: nil
    }
  }

  package var integer: Int64? {
    switch self {
    case .integer(let whole): whole
    case .number(let value): Int64(exactly: value)
    default: nil
    }
  }

  package var flag: Bool? {
    if case .flag(let flag) = self { return flag }
    return nil
  }

  package var list: [JSONValue]? {
    if case .list(let elements) = self { return elements }
    return nil
  }

  package var members: [Member]? {
    if case .object(let members) = self { return members }
    return nil
  }
}
