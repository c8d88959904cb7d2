import Primitives
import Testing

@Suite("Interned texts")
struct InternerTests {
  @Test("Equal bytes have equal symbols and come back, others differ")
  func identity() {
    let interner = Interner()
    var random = SeededRandom(seed: 2)
    var known: [String: Symbol] = [:]
    for _ in 0..<20_000 {
      let length = random.below(40)
      let text = String(
        decoding: (0..<length).map { _ in UInt8(97 + random.below(3)) }, as: UTF8.self)
      let symbol = interner.intern(text)
      if let before = known[text] { #expect(before == symbol) }
      known[text] = symbol
    }
    #expect(interner.count == known.count)
    #expect(Set(known.values).count == known.count)
    for (text, symbol) in known {
      #expect(interner.text(of: symbol) == text)
      #expect(interner.find(text) == symbol)
      #expect(!symbol.isMissing)
    }
    #expect(interner.find("never seen") == nil)
  }

  @Test("The empty text is a text, and missing is not")
  func emptyAndMissing() {
    let interner = Interner()
    #expect(!interner.intern("").isMissing)
    #expect(interner.text(of: interner.intern("")) == "")
    #expect(interner.bytes(of: .missing).isEmpty)
  }

  @Test("Texts that are equal to Unicode but not in bytes are two")
  func bytesCount() {
    let interner = Interner()
    #expect(interner.intern("\u{E9}") != interner.intern("e\u{301}"))
  }

  @Test("A text longer than a chunk of memory is kept whole")
  func long() {
    let interner = Interner()
    let long = String(repeating: "abcdefg", count: 100_000)
    let symbol = interner.intern(long)
    let after = interner.intern("after")
    #expect(interner.text(of: symbol) == long)
    #expect(interner.text(of: after) == "after")
    #expect(interner.memoryBytes >= 700_000)
  }
}
