/// The commands that a Markdown document shows: its fenced blocks of a language below a heading.
enum MarkdownBlocks {
  /// One fenced block, with the line of the document on which its text begins, counted from 1.
  struct Block: Equatable, Sendable {
    var line: Int
    var text: String
  }

  /// Blocks fenced as ```` ```language ```` below the heading, up to the next heading of its level or above.
  static func blocks(of language: String, below heading: String, in document: String) -> [Block] {
    var found: [Block] = []
    var isBelow = false
    var fence: (isWanted: Bool, line: Int, lines: [Substring])?
    let level = heading.prefix { $0 == "#" }.count
    let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```") {
        if let (isWanted, start, text) = fence {
          if isWanted { found.append(Block(line: start, text: text.joined(separator: "\n"))) }
          fence = nil
        } else {
          fence = (isBelow && line.dropFirst(3) == language, index + 2, [])
        }
      } else if fence != nil {
        fence?.lines.append(line)
      } else if line.hasPrefix("#"), line.prefix(while: { $0 == "#" }).count <= level {
        isBelow = line == heading
      }
    }
    return found
  }
}
