import Foundation
import Testing

@Suite("README") struct ReadmeTests {
  private func readme() throws -> String {
    String(
      decoding: try Data(contentsOf: Program.repository.appendingPathComponent("README.md")),
      as: UTF8.self)
  }

  @Test("Every command of the tour works as it is written, one after the other")
  func tour() async throws {
    let blocks = MarkdownBlocks.blocks(
      of: "sh", below: "## A tour in ten minutes", in: try readme())
    #expect(blocks.count >= 5)
    let workspace = try Workspace()
    for block in blocks {
      let outcome = try await workspace.bash(block.text)
      let said = outcome.errors.isEmpty ? outcome.output.suffix(500) : outcome.errors.suffix(500)
      #expect(outcome.status == 0, "README.md:\(block.line) failed:\n\(block.text)\n\(said)")
    }
  }

  @Test("Every file and folder that it links to is there")
  func links() throws {
    for match in try readme().matches(of: /\]\(([^)#:]+)\)/) {
      let path = Program.repository.appendingPathComponent(String(match.1)).path
      #expect(FileManager.default.fileExists(atPath: path), "README.md links to \(match.1)")
    }
  }

  @Test("The map names every target of the package, and no other")
  func targets() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Program.repository.appendingPathComponent("Sources").path)
    let section = try #require(try readme().split(separator: "\n## Map\n").last)
    let map = section.prefix { $0 != "#" }
    let named = map.matches(of: /(?m)^\| `(\w+)`/).map { String($0.1) }
    #expect(named.sorted() == folders.filter { !$0.hasPrefix(".") }.sorted())
  }
}

@Suite("Blocks of a document") struct MarkdownBlocksTests {
  @Test("Only blocks of the language below the heading are found, with their lines")
  func blocks() {
    let document = """
      ## Before
      ```sh
      no
      ```
      ## Tour
      ```sh
      # a comment is no heading
      one
      ```
      ### Deeper
      ```text
      no
      ```
      ```sh
      two
      ```
      ## After
      ```sh
      no
      ```
      """
    #expect(
      MarkdownBlocks.blocks(of: "sh", below: "## Tour", in: document) == [
        .init(line: 7, text: "# a comment is no heading\none"), .init(line: 15, text: "two"),
      ])
  }
}
