import Console
import Primitives
import Testing

@Suite("Width of text") struct DisplayWidthTests {
  @Test(
    "Wide characters take two columns and marks none",
    arguments: [
      ("", 0), ("abc", 3), ("héllo", 5), ("he\u{301}llo", 5), ("日本語", 6), ("한국", 4),
      ("\u{1112}\u{1161}\u{11AB}", 2), ("ｆｕｌｌ", 8), ("👍", 2), ("👍🏽", 2), ("👩‍👩‍👧‍👦", 2), ("🇫🇷", 2),
      ("❤️", 2), ("❤", 1), ("…·–█░", 5), ("नमस्ते", 4), ("a\u{200D}b", 2), ("1", 1), ("©", 1),
    ])
  func widths(_ text: String, _ width: Int) {
    #expect(displayWidth(text) == width)
  }

  @Test("A cut text fits the width and keeps whole characters")
  func truncation() {
    #expect(truncated("transaction", to: 11) == "transaction")
    #expect(truncated("transaction", to: 6) == "trans…")
    #expect(truncated("日本語", to: 5) == "日本…")
    #expect(truncated("日本語", to: 4) == "日…")
    #expect(truncated("e\u{301}e\u{301}e\u{301}", to: 2) == "e\u{301}…")
    #expect(truncated("ab", to: 1) == "…")
    #expect(truncated("ab", to: 0) == "")
  }
}

@Suite("Text from outside") struct SafeTextTests {
  // In a loop rather than as arguments, which the test runner would print raw.
  @Test("What could move the cursor, hide or reorder text is shown as an escape")
  func escapes() {
    let cases = [
      ("plain text", "plain text"), ("line\nbreak\ttab\rback", "line\\nbreak\\ttab\\rback"),
      ("\r\n", "\\r\\n"), ("\u{1B}[31mred", "\\u{1B}[31mred"), ("\u{9B}2J", "\\u{9B}2J"),
      ("a\u{0}b\u{7F}", "a\\u{0}b\\u{7F}"), ("\u{202E}gpj.exe", "\\u{202E}gpj.exe"),
      ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"), ("\u{2028}", "\\u{2028}"),
      ("\u{FEFF}\u{200B}\u{AD}", "\\u{FEFF}\\u{200B}\\u{AD}"), ("\u{E0041}", "\\u{E0041}"),
      ("👩‍👧 می‌خواهم", "👩‍👧 می‌خواهم"), ("日本 é", "日本 é"),
    ]
    for (text, expected) in cases { #expect(safe(text) == expected) }
  }

  @Test("Bytes that are no text are shown as the replacement character")
  func invalidBytes() {
    #expect(
      safe(String(decoding: [0x61, 0xFF, 0x1B] as [UInt8], as: UTF8.self)) == "a\u{FFFD}\\u{1B}")
  }

  @Test("At most eight marks stay on one letter")
  func stackedMarks() {
    let text = "a" + String(repeating: "\u{301}", count: 500) + "b"
    #expect(safe(text).unicodeScalars.count == 10)
  }

  @Test("No random text keeps a control or format character but the joiners")
  func randomText() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<500 {
      var text = String.UnicodeScalarView()
      for _ in 0..<20 {
        if let scalar = Unicode.Scalar(UInt32(random.below(0x11_0000))) { text.append(scalar) }
        if let scalar = Unicode.Scalar(UInt32(random.below(0x2100))) { text.append(scalar) }
      }
      for scalar in safe(String(text)).unicodeScalars {
        let category = scalar.properties.generalCategory
        #expect(category != .control && category != .lineSeparator)
        #expect(category != .format || scalar == "\u{200C}" || scalar == "\u{200D}")
      }
    }
  }
}

@Suite("Colours") struct PaintTests {
  @Test("Styles are written where they show and nowhere else")
  func styles() {
    let on = Paint(Terminal(hasColour: true))
    #expect(on("high", .red) == "\u{1B}[31mhigh\u{1B}[0m")
    #expect(on("high", .bold, .red) == "\u{1B}[1;31mhigh\u{1B}[0m")
    #expect(on("high", nil) == "high")
    #expect(on("", .red) == "")
    #expect(Paint.none("high", .bold, .alarm) == "high")
  }
}
