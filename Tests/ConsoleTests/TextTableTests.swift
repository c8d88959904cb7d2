import Console
import Primitives
import Testing

@Suite("Tables") struct TextTableTests {
  private func table(_ rows: [[String]]) -> TextTable {
    var table = TextTable([.init("Scenario"), .init("Injected", .trailing), .init("Says")])
    for row in rows { table.append(row.map { TextTable.Cell($0) }) }
    return table
  }

  @Test("Text stands left, numbers right, and no line ends in spaces")
  func alignment() {
    let text = table([["login-burst", "24", "twenty"], ["spike", "1,200", ""]]).rendered(width: nil)
    #expect(
      text == """
        Scenario     Injected  Says
        login-burst        24  twenty
        spike           1,200

        """)
  }

  @Test("Wide characters and marks keep the columns straight")
  func unicode() {
    let text = table([["日本語", "1", "x"], ["e\u{301}", "2", "y"]]).rendered(width: nil)
    #expect(
      text == """
        Scenario  Injected  Says
        日本語           1  x
        e\u{301}                2  y

        """)
  }

  @Test("The widest texts give way first and numbers stay whole")
  func fitting() {
    let rows = [
      ["credential stuffing against an account", "123,456", "a long sentence of many words"]
    ]
    #expect(
      table(rows).rendered(width: 44) == """
        Scenario          Injected  Says
        credential stuf…   123,456  a long sentence…

        """)
  }

  @Test("Every line fits any width that leaves a column for each cell")
  func everyWidth() {
    var random = SeededRandom(seed: 3)
    let letters = ["a", "日", "e\u{301}", "👍", " ", "9", "한"]
    for _ in 0..<200 {
      let rows = (0..<4).map { _ in
        (0..<3).map { _ in
          (0..<random.below(30)).map { _ in letters[random.below(letters.count)] }.joined()
        }
      }
      let width = 7 + random.below(80)
      let text = table(rows).rendered(width: width)
      for line in text.split(separator: "\n") { #expect(displayWidth(line) <= width) }
    }
  }

  @Test("A table is not widened to the screen and not cut where it fits exactly")
  func exactFit() {
    let natural = table([["abcdef", "1", "xyz"]]).rendered(width: nil)
    #expect(table([["abcdef", "1", "xyz"]]).rendered(width: 24) == natural)
    #expect(table([["abcdef", "1", "xyz"]]).rendered(width: 500) == natural)
  }

  @Test("Hostile cells cannot break the table")
  func hostile() {
    let text = table([["a\nb", "1", "\u{1B}[2J\u{202E}"]]).rendered(width: nil)
    #expect(text.split(separator: "\n").count == 2)
    #expect(text.contains(#"a\nb"#) && text.contains(#"\u{1B}[2J\u{202E}"#))
  }

  @Test("A cell of a megabyte costs no time worth speaking of")
  func hugeCell() {
    let text = table([[String(repeating: "x", count: 1 << 20), "1", "y"]]).rendered(width: 30)
    #expect(text.split(separator: "\n").allSatisfy { displayWidth($0) <= 30 })
  }

  @Test("Titles are bold and styled cells coloured, without moving columns")
  func styles() {
    var table = TextTable([.init("Risk"), .init("Cost", .trailing)])
    table.append([.init("high", .red), .init("$5")])
    #expect(
      table.rendered(width: nil, paint: Paint(isOn: true)) == """
        \u{1B}[1mRisk\u{1B}[0m  \u{1B}[1mCost\u{1B}[0m
        \u{1B}[31mhigh\u{1B}[0m    $5

        """)
  }
}
