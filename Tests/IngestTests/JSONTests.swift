import Foundation
import Ingest
import Primitives
import Testing

@Suite("JSON")
struct JSONTests {
  @Test(
    "What RFC 8259 allows is read",
    arguments: [
      "[]", "{}", " [ ] ", "[1]", "[-0]", "[1e5]", "[1E+2]", "[0.1e-3]", "[123456789012345678901]",
      "[\"\"]", "[\"\\u0000\"]", "[\"\\ud834\\udd1e\"]", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
      "[\"\u{7F}\"]", "[\"\u{2028}\"]", "{\"a\":1,\"a\":2}", "{\"\":0}", "null", "true", "false",
      "1", "\"x\"", "[[[[[[[]]]]]]]", "[1,\n2\r\n,\t3]", "[\"€𝄞\"]", "{\"a\":{\"b\":[{}]}}", "-0.0",
      "[1.7976931348623157e308]", "[5e-324]", "[1e-999]",
    ])
  func accepts(text: String) throws {
    _ = try JSONValue.parse(text)
  }

  @Test(
    "What RFC 8259 forbids is refused",
    arguments: [
      "", " ", "[", "]", "{", "}", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}",
      "{'a':1}", "{\"a\":1,}", "[01]", "[-01]", "[1.]", "[.5]", "[+1]", "[1e]", "[1e+]", "[-]",
      "[0x1]", "[NaN]", "[Infinity]", "[-Infinity]", "[nul]", "[True]", "[\"a]", "[\"\\x\"]",
      "[\"\\u12\"]", "[\"\\u12G4\"]", "[\"\\ud834\"]", "[\"\\udd1e\"]", "[\"\\ud834\\u0041\"]",
      "[\"\u{01}\"]", "[\"\n\"]", "[1]x", "[1],", "\u{FEFF}[]", "[\"\\", "[\"\\u", "{\"a\":1",
      "[1]]", "//x\n1", "[1]//", "{\"a\" 1}", "{1:2}", "[1e999]", "- 1", "[2.e3]", "[\"a\u{0}\"]",
    ])
  func rejects(text: String) {
    #expect(throws: JSONProblem.self) { _ = try JSONValue.parse(text) }
  }

  @Test(
    "What RFC 8259 leaves free is settled the same way every time",
    arguments: [
      // A number beyond 64 bits is the nearest double; digits past a double's are dropped.
      ("18446744073709551616", .number(18_446_744_073_709_551_616)),
      ("0.1000000000000000055511151231257827", .number(0.1)), ("1e-400", .number(0)),
      ("-0", .number(-0.0)), ("1E2", .number(100)),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      // The last of two members of one name; names differ by their characters, not by how these are written.
      ("{\"a\":1,\"\\u0061\":2}", .object([.init("a", .integer(2))])),
      ("\"\\u0000\"", .text("\0")), ("\"\u{FFFF}\"", .text("\u{FFFF}")),
    ] as [(String, JSONValue)])
  func free(text: String, expected: JSONValue) throws {
    #expect(try JSONValue.parse(text) == expected)
  }

  @Test("Bytes that are not UTF-8 are refused, wherever they stand")
  func encoding() {
    let bad: [[UInt8]] = [
      [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82],
      [0xFF], [0xC3],
    ]
    for bytes in bad {
      #expect(throws: JSONProblem.self) { _ = try JSONValue.parse([0x22] + bytes + [0x22]) }
    }
  }

  @Test("UTF-8 is judged as the standard library judges it")
  func encodingOracle() {
    var random = SeededRandom(seed: 8)
    for _ in 0..<20_000 {
      let bytes = (0..<Int(random.next() % 12)).map { _ -> UInt8 in
        let draw = random.next()
        return draw % 3 == 0
          ? UInt8(draw >> 8 & 0x7F) : UInt8(truncatingIfNeeded: draw >> 16) | 0x80
      }
      let ours = bytes.withUnsafeBufferPointer { UTF8Check.isValid($0) }
      #expect(ours == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
    }
  }

  @Test("Nesting ends with an error, not with the stack")
  func depth() {
    let open = { (n: Int) in String(repeating: "[", count: n) + String(repeating: "]", count: n) }
    #expect(throws: Never.self) { _ = try JSONValue.parse(open(512)) }
    #expect(
      throws: JSONProblem(
        offset: 512, message: "objects and lists are nested more than 512 deep")
    ) { _ = try JSONValue.parse(open(513)) }
    #expect(throws: JSONProblem.self) {
      _ = try JSONValue.parse(String(repeating: "{\"a\":", count: 100_000))
    }
  }

  @Test("A key that stands twice keeps its last value")
  func duplicates() throws {
    #expect(try JSONValue.parse("{\"a\":1,\"b\":2,\"a\":3}")["a"] == .integer(3))
  }

  @Test("Random documents, ten thousand times the effort, are read as Foundation reads them")
  func differential() throws {
    var random = SeededRandom(seed: 8259)
    for _ in 0..<(10_000 * effort) {
      let text = document(&random, depth: 0)
      let ours = try JSONValue.parse(text)
      let theirs = try JSONSerialization.jsonObject(
        with: Data(text.utf8), options: [.fragmentsAllowed])
      #expect(same(ours, theirs), "\(text)")
    }
  }

  @Test(
    "A random document with one byte changed is read or refused, and what is read is JSON to Foundation too"
  )
  func mutations() throws {
    var random = SeededRandom(seed: 31)
    let bytes = Array("{}[]:,\"\\0123456789.eE+-tfnu \n".utf8)
    for _ in 0..<(5000 * effort) {
      var text = Array(document(&random, depth: 0).utf8)
      text[Int(random.next() % UInt64(text.count))] =
        bytes[Int(random.next() % UInt64(bytes.count))]
      guard let ours = try? JSONValue.parse(text) else { continue }
      let theirs = try JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed])
      #expect(same(ours, theirs), "\(String(decoding: text, as: UTF8.self))")
    }
  }

  private func document(_ random: inout SeededRandom, depth: Int) -> String {
    let blanks = ["", "", " ", "\n", "\t"]
    func blank() -> String { blanks[Int(random.next() % 5)] }
    switch random.next() % (depth > 3 ? 5 : 7) {
    case 0: return ["null", "true", "false"][Int(random.next() % 3)]
    case 1: return String(Int64(bitPattern: random.next()) >> Int64(random.next() % 63))
    case 2: return "\(Double(bitPattern: random.next() & ~(0x7 << 60) | 0x3 << 60))"
    case 3, 4: return string(&random)
    case 5:
      return "["
        + (0..<Int(random.next() % 4)).map { _ in
          blank() + document(&random, depth: depth + 1) + blank()
        }.joined(separator: ",") + "]"
    default:
      return "{"
        + (0..<Int(random.next() % 4)).map { index in
          "\(blank())\"k\(index)\"\(blank()):\(blank())" + document(&random, depth: depth + 1)
        }.joined(separator: ",") + "}"
    }
  }

  private func string(_ random: inout SeededRandom) -> String {
    let pieces = [
      "a", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\ud83d\\ude00", "é", "😀", "\\u0000", " ", "z",
    ]
    return "\"" + (0..<Int(random.next() % 6)).map { _ in pieces[Int(random.next() % 12)] }.joined()
      + "\""
  }

  private func same(_ ours: JSONValue, _ theirs: Any) -> Bool {
    switch ours {
    case .null: return theirs is NSNull
    case .flag(let flag): return (theirs as? NSNumber)?.boolValue == flag
    case .integer(let whole): return (theirs as? NSNumber)?.int64Value == whole
    case .number(let value):
      // Foundation goes through decimals and may miss the nearest double; exactness is tested below.
      guard let other = (theirs as? NSNumber)?.doubleValue else { return false }
      return abs(other - value) <= abs(value) * 1e-14
    case .text(let text):
      return (theirs as? String).map { Array($0.utf8) == Array(text.utf8) } ?? false
    case .list(let elements):
      guard let others = theirs as? [Any], others.count == elements.count else { return false }
      return zip(elements, others).allSatisfy { same($0, $1) }
    case .object(let members):
      guard let others = theirs as? [String: Any], others.count == members.count else {
        return false
      }
      return members.allSatisfy { member in
        others[member.key].map { same(member.value, $0) } ?? false
      }
    }
  }
}

@Suite("Decimal numbers")
struct DecimalNumberTests {
  private func parse(_ text: String) -> Double? {
    var copy = text
    return copy.withUTF8 { DecimalNumber.parse($0) }
  }

  @Test("Every double reads back from its shortest form and from 17 and 19 digits")
  func roundTrip() {
    var random = SeededRandom(seed: 754)
    for _ in 0..<100_000 {
      let value = Double(bitPattern: random.next())
      if !value.isFinite { continue }
      #expect(parse("\(value)") == value)
      let small =
        Double(Int64(bitPattern: random.next()) >> 4) / pow(10, Double(random.next() % 18))
      let digits = String(format: random.next() % 2 == 0 ? "%.17g" : "%.12f", small)
      #expect(parse(digits) == Double(digits), "\(digits)")
    }
  }

  @Test("Digits just beside a tie round as the standard library rounds them")
  func ties() {
    var random = SeededRandom(seed: 53)
    for _ in 0..<50_000 {
      let digits = String(random.next() | 1 << 62).prefix(19)
      let place = 1 + Int(random.next() % 18)
      let text = digits.prefix(place) + "." + digits.dropFirst(place)
      #expect(parse(String(text)) == Double(text), "\(text)")
    }
    for text in ["9007199254740993", "9007199254740993.0", "9007199254740992.5", "0.1", "1e23"] {
      #expect(parse(text) == Double(text))
    }
  }

  @Test(
    "What is no plain decimal number is refused",
    arguments: [
      "", "-", "+", ".", "1e", "e5", "0x10", "nan", "inf", "1 ", " 1", "1,5", "1e999", "1.2.3",
    ])
  func rejects(text: String) {
    #expect(parse(text) == nil)
  }
}
