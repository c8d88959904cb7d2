import Foundation
import Primitives

/// The text lists of a folder, by file name: one entry a line, `#` begins a comment, a `.csv` counts by its first column.
struct TextLists: Sendable {
  private let entries: [String: Set<String>]

  /// A folder that does not exist holds no lists.
  init(folder: String) throws(Failure) {
    var entries: [String: Set<String>] = [:]
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for file in files.sorted() where file.hasSuffix(".txt") || file.hasSuffix(".csv") {
      let path = folder + "/" + file
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw Failure(.usage, "cannot read the list '\(path)': it is not UTF-8 text", advice: "save it as UTF-8")
      }
      let name = String(file.dropLast(4))
      let isTable = file.hasSuffix(".csv")
      entries[name] = Set(
        text.split(whereSeparator: \.isNewline).compactMap { line in
          let cell = isTable ? line.prefix { $0 != "," } : line
          let entry = cell.trimmingCharacters(in: .whitespaces)
          return entry.isEmpty || entry.hasPrefix("#") ? nil : entry
        })
    }
    self.entries = entries
  }

  var names: Set<String> { Set(entries.keys) }

  /// Every list with its entries.
  var all: [String: [String]] { entries.mapValues { $0.sorted() } }

  func has(_ list: String, _ entry: String) -> Bool { entries[list]?.contains(entry) ?? false }
}
