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

  @Test("Texts interned together get the symbols that they get one by one")
  func together() {
    let (one, many) = (Interner(), Interner())
    var random = SeededRandom(seed: 5)
    let room = Interner.room(32)
    let cells = UnsafeMutablePointer<Symbol>.allocate(capacity: 32)
    cells.initialize(repeating: .missing, count: 32)
    defer {
      room.deallocate()
      cells.deallocate()
    }
    for _ in 0..<2000 {
      let texts = (0..<random.below(33)).map { _ in
        (0..<random.below(24)).map { _ in UInt8(97 + random.below(2)) }
      }
      let all = texts.flatMap { $0 }
      all.withUnsafeBufferPointer { bytes in
        var start = 0
        for (place, text) in texts.enumerated() {
          room[place].bytes = UnsafeBufferPointer(rebasing: bytes[start..<start + text.count])
          room[place].cell = place
          start += text.count
        }
        many.intern(room, count: texts.count, into: cells)
      }
      for (place, text) in texts.enumerated() {
        let expected = text.isEmpty ? .missing : one.intern(String(decoding: text, as: UTF8.self))
        #expect(cells[place] == expected)
      }
    }
    #expect(one.count == many.count)
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
