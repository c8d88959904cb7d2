import Primitives
import Testing

@Suite("JSON writing") struct JSONValueTests {
  @Test("Keys keep their order, or are sorted when asked")
  func keyOrder() {
    let value: JSONValue = ["b": 1, "a": [true, nil, "x"], "c": [:]]
    #expect(value.serialized() == #"{"b":1,"a":[true,null,"x"],"c":{}}"#)
    #expect(value.serialized(sortedKeys: true) == #"{"a":[true,null,"x"],"b":1,"c":{}}"#)
  }

  @Test("Indented documents have one member a line")
  func indented() {
    let value: JSONValue = ["rows": 2, "list": [1, ["k": 0.5]], "empty": []]
    let expected = """
      {
        "rows": 2,
        "list": [
          1,
          {
            "k": 0.5
          }
        ],
        "empty": []
      }
      """
    #expect(value.serialized(.indented) == expected)
  }

  @Test("Control characters, quotes and backslashes are escaped")
  func escapes() {
    #expect(
      JSONValue.text("a\"b\\c\n\r\t\u{1b}\u{0}\u{7f}é😀").serialized()
        == #""a\"b\\c\n\r\t\u001b\u0000\u007fé😀""#)
  }

  @Test("Numbers read back equal and what JSON lacks becomes null")
  func numbers() {
    #expect(JSONValue.number(.nan).serialized() == "null")
    #expect(JSONValue.number(-.infinity).serialized() == "null")
    #expect(JSONValue.integer(.min).serialized() == "-9223372036854775808")
    var random = SeededRandom(seed: 5)
    for _ in 0..<2000 {
      let number = Double(bitPattern: random.next())
      guard number.isFinite else { continue }
      #expect(Double(JSONValue.number(number).serialized()) == number)
    }
  }

  @Test("Many documents share one buffer")
  func appending() {
    var bytes: [UInt8] = []
    for n in 0..<3 {
      JSONValue.integer(Int64(n)).append(to: &bytes)
      bytes.append(UInt8(ascii: "\n"))
    }
    #expect(String(decoding: bytes, as: UTF8.self) == "0\n1\n2\n")
  }
}
