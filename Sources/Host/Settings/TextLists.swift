import Foundation
import Primitives

/// The text lists of a folder, by file name: one entry a line, `#` begins a comment, of a `.csv` the first column counts.
struct TextLists: Sendable, Equatable {
  private let entries: [String: Set<String>]

  /// A folder that does not exist holds no lists.
  init(folder: String) throws(Failure) {
    var entries: [String: Set<String>] = [:]
    for file in try Folder.files(in: folder, ending: ".txt")
      + Folder.files(in: folder, ending: ".csv")
    {
      let path = folder + "/" + file
      let text = try Folder.text(of: path, "the list")
      let name = String(file.dropLast(4))
      if entries[name] != nil {
        throw Failure(
          .usage, "there are two lists '\(name)' in '\(folder)': \(name).txt and \(name).csv",
          advice: "rename or remove one of them")
      }
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
