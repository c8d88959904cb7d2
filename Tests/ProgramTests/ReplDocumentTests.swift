import Foundation
import Testing

/// The session of docs/repl.md, typed line by line.
@Suite("docs/repl.md") struct ReplDocumentTests {
  /// An input of the document with what is to come of it.
  private struct Exchange {
    var line: Int
    var input: String
    var expected: [String] = []
  }

  @Test("Every line of the session gives what stands below it, numbers and ids aside")
  func session() async throws {
    let path = Program.repository.appendingPathComponent("docs/repl.md")
    let document = String(decoding: try Data(contentsOf: path), as: UTF8.self)
    let heading = "## A session from zero"
    let workspace = try Workspace()
    for block in MarkdownBlocks.blocks(of: "sh", below: heading, in: document) {
      let outcome = try await workspace.bash(block.text)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let blocks = MarkdownBlocks.blocks(of: "text", below: heading, in: document)
    #expect(blocks.count >= 8)
    for (index, block) in blocks.enumerated() {
      let exchanges = ReplDocumentTests.exchanges(block.text, from: block.line + 1)
      try #require(!exchanges.isEmpty, "docs/repl.md:\(block.line) types nothing")
      let input = exchanges.enumerated().map { "\($1.input)\nprint(\"@@\($0)@@\")\n" }.joined()
      try workspace.write("session.txt", input)
      // Only the last block decides something.
      let mode = index == blocks.count - 1 ? "--write" : ""
      let outcome = try await workspace.bash(
        "moonwatch repl \(mode) < session.txt 2>&1 || true", environment: ["COLUMNS": "100"])
      var rest = outcome.output[...]
      for (number, exchange) in exchanges.enumerated() {
        let parts = rest.split(
          separator: "@@\(number)@@\n", maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2, "docs/repl.md:\(exchange.line): no answer in \(rest)")
        let given = parts[0].split(separator: "\n", omittingEmptySubsequences: false).map(
          String.init)
        #expect(
          ReplDocumentTests.matches(given.dropLast(), exchange.expected[...]),
          "docs/repl.md:\(exchange.line): \(exchange.input)\ngave\n\(parts[0])")
        rest = parts[1]
      }
    }
  }

  private static func exchanges(_ text: String, from line: Int) -> [Exchange] {
    var exchanges: [Exchange] = []
    for (offset, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated().map({ (line + $0, String($1)) })
    {
      if line.hasPrefix("moonwatch> ") {
        exchanges.append(Exchange(line: offset, input: String(line.dropFirst(11))))
      } else if exchanges.isEmpty {
        continue
      } else if line.hasPrefix("       ... ") {
        exchanges[exchanges.count - 1].input += "\n" + line.dropFirst(11)
      } else {
        exchanges[exchanges.count - 1].expected.append(line)
      }
    }
    // The block's own last line end is no answer.
    if exchanges.last?.expected.last == "" { exchanges[exchanges.count - 1].expected.removeLast() }
    return exchanges
  }

  /// Line by line; `…` alone stands for any lines.
  private static func matches(_ given: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
    guard let first = expected.first else { return given.isEmpty }
    if first == "…" {
      return (given.startIndex...given.endIndex).contains {
        matches(given[$0...], expected.dropFirst())
      }
    }
    guard let line = given.first, shape(line) == shape(first) else { return false }
    return matches(given.dropFirst(), expected.dropFirst())
  }

  /// A line without what varies: numbers, ids, bars, and how wide columns are.
  private static func shape(_ line: String) -> String {
    var text = line.replacing(/[0-9a-f]{8,}/, with: "#")
    text = text.replacing(/[▁▂▃▄▅▆▇█▉▊▋▌▍▎▏]+/, with: "▇")
    text = text.replacing(/[-−+]?\$?[0-9][0-9.,:]*…?/, with: "#")
    // A number may be missing, and a column be as wide as what it holds.
    text = text.replacing(/\s+/, with: " ")
    return text.trimmingCharacters(in: .whitespaces)
  }

  @Test("What is left out or varies is no difference, and everything else is one")
  func comparison() {
    #expect(
      ReplDocumentTests.matches(["a 12", "b", "c"], ["a 7", "…", "c"])
        && !ReplDocumentTests.matches(["a 12", "c"], ["a 7", "d"])
        && !ReplDocumentTests.matches(["a"], ["a", "b"])
        && !ReplDocumentTests.matches(["a", "b"], ["a"])
        && ReplDocumentTests.matches(["x 73fd20fdef ██"], ["x  a1b2c3d4e5   ███▍"]))
  }
}
