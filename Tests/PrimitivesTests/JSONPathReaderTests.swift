import Primitives
import Testing

@Suite("JSON lines by path")
struct JSONPathReaderTests {
  private static let paths: [(name: String, isNumeric: Bool)] = [
    ("a", true), ("b", false), ("a.b", true), ("c.d.e", false), ("c.f", true), ("é", false),
    ("g", true),
  ]

  private struct Found: Equatable {
    var path: Int32
    var text: String
    var number: Double?
  }

  private func read(_ line: [UInt8], with reader: JSONPathReader) throws(JSONProblem) -> [Found] {
    try line.withUnsafeBufferPointer { (bytes) throws(JSONProblem) in
      let count = try reader.read(bytes)
      return (0..<count).map { place in
        let field = reader.fields[place]
        return Found(
          path: field.path, text: String(decoding: field.bytes, as: UTF8.self),
          number: field.isNumber ? field.number : nil)
      }
    }
  }

  /// What a line holds, by way of the document as a whole; for lines without keys that stand twice.
  private func naive(_ value: JSONValue, prefix: String = "") -> [Found] {
    (value.members ?? []).flatMap { member -> [Found] in
      let path = prefix + member.key
      if let place = Self.paths.firstIndex(where: { $0.name == path }) {
        let number = Self.paths[place].isNumeric ? member.value.number : nil
        let text: String
        switch member.value {
        case .text(let value): text = value
        case .flag(let flag): text = flag ? "true" : "false"
        case .integer(let whole): text = "\(whole)"
        case .number(let value): text = "\(value)"
        case .null, .list, .object: text = ""
        }
        return [Found(path: Int32(place), text: text, number: number)]
      }
      if Self.paths.contains(where: { $0.name.hasPrefix(path + ".") }), member.value.members != nil
      {
        return naive(member.value, prefix: path + ".")
      }
      return []
    }
  }

  private func line(_ random: inout SeededRandom) -> String {
    func blank() -> String { ["", "", "", " ", "\t"][random.below(5)] }
    func value(_ depth: Int) -> String {
      switch random.below(depth > 2 ? 6 : 9) {
      case 0:
        "\"\(["x", "", "é😀", "0123456789abcdef", "with \\\"quotes\\\" \\u00e9"][random.below(5)])\""
      case 1: "\(random.below(1000))"
      case 2: "-\(random.below(100)).\(1 + random.below(8))"
      case 3: ["true", "false"][random.below(2)]
      case 4: "null"
      case 5: "\(random.below(9) + 1).5e3"
      case 6: "[1,{\"a\":2}]"
      default: object(depth + 1)
      }
    }
    func object(_ depth: Int) -> String {
      var keys = ["a", "b", "a.b", "c", "d", "e", "f", "c.d", "\\u00e9", "g", "other"]
      var members: [String] = []
      for _ in 0..<random.below(6) {
        let key = keys.remove(at: random.below(keys.count))
        members.append("\(blank())\"\(key)\"\(blank()):\(blank())\(value(depth))\(blank())")
      }
      return "{" + members.joined(separator: ",") + "}"
    }
    return blank() + object(0) + blank()
  }

  @Test("Lines of any shapes, one after another, hold what the whole document holds")
  func shapes() throws {
    var random = SeededRandom(seed: 12)
    let reader = JSONPathReader(Self.paths)
    let pool = (0..<300).map { _ in line(&random) }
    for round in 0..<6000 {
      // Known shapes over and over, and now and then one that was never there.
      let text = round % 5 == 0 ? line(&random) : pool[random.below(pool.count)]
      let document = try JSONValue.parse(text)
      let expected = naive(document).map { found in
        // A number's bytes are those of the line, which may be longer than the shortest form.
        found.number == nil ? found : Found(path: found.path, text: "", number: found.number)
      }
      let found = try read(Array(text.utf8), with: reader).map {
        $0.number == nil ? $0 : Found(path: $0.path, text: "", number: $0.number)
      }
      #expect(
        found.map(\.path) == expected.map(\.path) && found.map(\.number) == expected.map(\.number),
        "\(text)")
      for (one, other) in zip(found, expected) where Double(other.text) == nil {
        #expect(one.text == other.text, "\(text)")
      }
    }
  }

  @Test("What was read before changes nothing: a new reader gives the same, broken lines included")
  func memory() {
    var random = SeededRandom(seed: 13)
    let reader = JSONPathReader(Self.paths)
    let bytes = Array("{}[]:,\"\\0123456789.eE+-tfnu \n".utf8)
    var refused = 0
    for _ in 0..<8000 {
      var text = Array(line(&random).utf8)
      if random.chance(0.5) {
        let at = random.below(text.count)
        if text[at] < 0x80 { text[at] = bytes[random.below(bytes.count)] }
      }
      guard String(validating: text, as: UTF8.self) != nil else { continue }
      func outcome(_ reader: JSONPathReader) -> ([Found], JSONProblem?) {
        do throws(JSONProblem) {
          return (try read(text, with: reader), nil)
        } catch {
          return ([], error)
        }
      }
      let (old, new) = (outcome(reader), outcome(JSONPathReader(Self.paths)))
      #expect(old.0 == new.0 && old.1 == new.1, "\(String(decoding: text, as: UTF8.self))")
      if old.1 != nil { refused += 1 }
      var isObject = false
      if case .object? = try? JSONValue.parse(text) { isObject = true }
      // A number beyond the largest double makes a document unreadable and a line only miss it.
      #expect(isObject == (old.1 == nil), "\(String(decoding: text, as: UTF8.self))")
    }
    #expect(refused > 1000)
  }

  @Test("Every value of a key that stands twice is given, in order")
  func twice() throws {
    let reader = JSONPathReader(Self.paths)
    for _ in 0..<3 {
      let found = try read(Array(#"{"a":1,"b":"x","a":2}"#.utf8), with: reader)
      #expect(found.map(\.path) == [0, 1, 0])
      #expect(found.map(\.number) == [1, nil, 2])
    }
  }

  @Test("A file whose lines never repeat is read in bounded memory and time")
  func hostile() throws {
    let reader = JSONPathReader(Self.paths)
    for number in 0..<200_000 {
      let found = try read(Array("{\"k\(number)\":1,\"a\":\(number)}".utf8), with: reader)
      #expect(found == [Found(path: 0, text: "\(number)", number: Double(number))])
    }
    let deep = String(repeating: "{\"c\":", count: 600) + "1" + String(repeating: "}", count: 600)
    #expect(throws: JSONProblem.self) { _ = try read(Array(deep.utf8), with: reader) }
  }

  @Test("A number beyond the largest double is no number and the line goes on")
  func tooLarge() throws {
    let found = try read(Array(#"{"a":1e999,"b":"x"}"#.utf8), with: JSONPathReader(Self.paths))
    #expect(found[0].number?.isNaN == true)
    #expect(found[1].text == "x")
  }
}
