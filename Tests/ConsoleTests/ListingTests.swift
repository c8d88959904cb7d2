import Console
import Primitives
import Testing

@Suite("Rows in three formats") struct ListingTests {
  private var listing: Listing {
    var listing = Listing([
      .init("id", "Scenario"), .init("injected", "Injected", .trailing),
      .init("recall", "Recall", .trailing), .init("tags", "Tags"), .init("ok", "Holds"),
    ])
    listing.append(
      ["burst", 1200, 0.9137, ["a", "b"], true], shown: ["recall": .init(Format.percent(0.9137))])
    listing.append(["=cmd|' /C calc'!A0", 3, .null, [], false])
    return listing
  }

  @Test("As a table numbers are grouped and missing is a dash")
  func text() {
    #expect(
      listing.rendered(.text, name: "scenarios", empty: "none", terminal: Terminal()) == """
        Scenario            Injected  Recall  Tags  Holds
        burst                  1,200  91.4 %  a, b  yes
        =cmd|' /C calc'!A0         3       –        no

        """)
  }

  @Test("As JSON it is one object with the rows under a name and keys in column order")
  func json() {
    var one = Listing([.init("id", "Id"), .init("n", "N")])
    one.append(["a\u{1B}", 0.1])
    #expect(
      one.rendered(.json, name: "plugins", empty: "", terminal: Terminal()) == #"""
        {
          "plugins": [
            {
              "id": "a\u001b",
              "n": 0.1
            }
          ]
        }

        """#)
  }

  @Test("As CSV texts are quoted where needed and cannot become formulas")
  func csv() {
    #expect(
      listing.rendered(.csv, name: "scenarios", empty: "none", terminal: Terminal()) == """
        id,injected,recall,tags,ok
        burst,1200,0.9137,a; b,true
        '=cmd|' /C calc'!A0,3,,,false

        """)
  }

  @Test("A CSV cell holds any text")
  func cells() {
    let cases = [
      ("a,b", #""a,b""#), ("say \"hi\"", #""say ""hi""""#), ("two\r\nlines", "\"two\r\nlines\""),
      ("+1", "'+1"), ("-x", "'-x"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"),
      ("=1,2", #""'=1,2""#),
      ("1-2", "1-2"), ("é日本", "é日本"),
      // A text that has the apostrophe already is told from one that was given it.
      ("'=1", "''=1"), ("O'Brien", "O'Brien"),
      // Nothing that steers a terminal stays as it is.
      ("\u{1B}[2J\u{7}\0", #"\u{1B}[2J\u{7}\u{0}"#), ("a\tb", "a\tb"), ("\u{9B}x", #"\u{9B}x"#),
    ]
    for (text, expected) in cases { #expect(CSVText.line([.text(text)]) == expected + "\n") }
  }

  @Test("Negative numbers are no formulas and NaN is missing")
  func numbers() {
    #expect(CSVText.line([.integer(-5), .number(-0.5), .number(.nan)]) == "-5,-0.5,\n")
  }

  @Test("Without rows a person reads a sentence and a program an empty list")
  func empty() {
    let none = Listing([.init("id", "Id")])
    let terminal = Terminal()
    #expect(
      none.rendered(.text, name: "a", empty: "No alerts.", terminal: terminal) == "No alerts.\n")
    #expect(none.rendered(.json, name: "a", empty: "", terminal: terminal) == "{\n  \"a\": []\n}\n")
    #expect(none.rendered(.csv, name: "a", empty: "", terminal: terminal) == "id\n")
  }
}
