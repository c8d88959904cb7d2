/// A JSON document as a value, written with its keys in the order given or sorted.
///
/// Numbers are written in the shortest form that reads back equal; NaN and the infinities, which JSON
/// does not have, become `null`. The same value gives the same bytes on every machine.
package enum JSONValue: Hashable, Sendable {
  case null
  case flag(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([Member])

  /// One key with its value. Keys of an object should differ: the writer does not look.
  package struct Member: Hashable, Sendable {
    package var key: String
    package var value: JSONValue

    package init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  package enum Layout: Sendable {
    /// All on one line, no spaces.
    case compact
    /// Two spaces of indentation, one member or element a line.
    case indented
  }

  /// The document as text, without a newline at the end.
  package func serialized(_ layout: Layout = .compact, sortedKeys: Bool = false) -> String {
    var bytes: [UInt8] = []
    append(to: &bytes, layout, sortedKeys: sortedKeys)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the document as UTF-8, so that many small ones share one buffer.
  package func append(
    to bytes: inout [UInt8], _ layout: Layout = .compact, sortedKeys: Bool = false
  ) {
    var writer = JSONWriter(bytes: bytes, indents: layout == .indented, sortsKeys: sortedKeys)
    bytes = []
    writer.write(self, depth: 0)
    bytes = writer.bytes
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// The keys keep their order.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0, $1) })
  }
  package init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .flag(value) }
  package init(nilLiteral: ()) { self = .null }
}

private struct JSONWriter {
  var bytes: [UInt8]
  let indents: Bool
  let sortsKeys: Bool

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: bytes += "null".utf8
    case .flag(let flag): bytes += (flag ? "true" : "false").utf8
    case .integer(let integer): bytes += integer.description.utf8
    case .number(let number): bytes += (number.isFinite ? number.description : "null").utf8
    case .text(let text): write(text)
    case .list(let elements):
      writeAll(elements, between: (UInt8(ascii: "["), UInt8(ascii: "]")), depth: depth) {
        writer, element in
        writer.write(element, depth: depth + 1)
      }
    case .object(let members):
      let ordered = sortsKeys ? members.sorted { $0.key < $1.key } : members
      writeAll(ordered, between: (UInt8(ascii: "{"), UInt8(ascii: "}")), depth: depth) {
        writer, member in
        writer.write(member.key)
        writer.bytes.append(UInt8(ascii: ":"))
        if writer.indents { writer.bytes.append(UInt8(ascii: " ")) }
        writer.write(member.value, depth: depth + 1)
      }
    }
  }

  private mutating func writeAll<Element>(
    _ elements: [Element], between marks: (open: UInt8, close: UInt8), depth: Int,
    _ writeOne: (inout JSONWriter, Element) -> Void
  ) {
    bytes.append(marks.open)
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      startLine(depth + 1)
      writeOne(&self, element)
    }
    if !elements.isEmpty { startLine(depth) }
    bytes.append(marks.close)
  }

  private mutating func startLine(_ depth: Int) {
    guard indents else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { text in
      // Most texts have nothing to escape and are copied whole.
      var start = 0
      for (place, byte) in text.enumerated() where JSONWriter.isEscaped(byte) {
        bytes.append(contentsOf: text[start..<place])
        writeEscaped(byte)
        start = place + 1
      }
      bytes.append(contentsOf: text[start...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func writeEscaped(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
    case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
    case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
    default:
      let digits = Array("0123456789abcdef".utf8)
      bytes += "u00".utf8
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    }
  }
}
