import Foundation
import Primitives
import Synchronization

/// A list under `config/lists` that acts write: one entry a line, what people wrote into it stays.
struct ListFile: Sendable {
  let path: String
  private static let most = 32 << 20
  /// One writer at a time, whichever plugin asks.
  private static let turn = Mutex<Void>(())

  func add(_ entry: String) throws(Failure) -> Bool {
    try change(entry) { lines in
      if lines.contains(where: { ListFile.holds($0, entry) }) { return nil }
      let isOpen = lines.last.map { $0.last != 10 && $0.last != 13 } ?? false
      return lines + [Substring((isOpen ? "\n" : "") + entry + "\n").utf8]
    }
  }

  func remove(_ entry: String) throws(Failure) -> Bool {
    try change(entry) { lines in
      let left = lines.filter { !ListFile.holds($0, entry) }
      return left.count == lines.count ? nil : left
    }
  }

  /// - Parameter change: given the lines, each with what ends it; nothing where they stay as they are.
  /// - Returns: whether anything changed.
  private func change(
    _ entry: String, _ change: ([Substring.UTF8View]) -> [Substring.UTF8View]?
  ) throws(Failure) -> Bool {
    let isSound =
      ListFile.holds(Substring(entry).utf8, entry) && entry.utf8.count <= 512
      && safe(entry) == entry
    if !isSound {
      throw Failure(
        .unmet, "'\(safe(String(entry.prefix(80))))' is no entry of a list",
        advice: "an entry is one line of at most 512 bytes without a comment (#)")
    }
    do {
      return try ListFile.turn.withLock { _ in try changeAlone(change) }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        .internal, "cannot write the list '\(path)': \(error.localizedDescription)",
        advice: "make its folder writable")
    }
  }

  private func changeAlone(
    _ change: ([Substring.UTF8View]) -> [Substring.UTF8View]?
  ) throws -> Bool {
    let exists = FileManager.default.fileExists(atPath: path)
    let text = exists ? try Folder.text(of: path, "the list") : ""
    if text.utf8.count > ListFile.most {
      throw Failure(.internal, "the list '\(path)' is larger than 32 MiB", advice: "shorten it")
    }
    guard let changed = change(ListFile.lines(text)) else { return false }
    try Folder.make((path as NSString).deletingLastPathComponent)
    let file = try OutputFile(path)
    for line in changed { try file.write(line) }
    try file.finish()
    return true
  }

  /// Each with what ends it, so that it is written back as it was; a mark of the encoding is a piece of its own.
  private static func lines(_ text: String) -> [Substring.UTF8View] {
    var lines: [Substring.UTF8View] = []
    var rest = Substring(text).utf8
    func take(to end: Substring.Index) {
      lines.append(rest[..<end])
      rest = rest[end...]
    }
    let mark = "\u{FEFF}".utf8
    if rest.starts(with: mark) { take(to: rest.index(rest.startIndex, offsetBy: mark.count)) }
    while let end = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
      let next = rest.index(after: end)
      let isPair = rest[end] == 13 && next < rest.endIndex && rest[next] == 10
      take(to: isPair ? rest.index(after: next) : next)
    }
    return rest.isEmpty ? lines : lines + [rest]
  }

  /// Whether a line is this entry, as those see it who ask the list: byte by byte.
  private static func holds(_ line: Substring.UTF8View, _ entry: String) -> Bool {
    var line = line
    while let last = line.last, last == 10 || last == 13 { line.removeLast() }
    return TextLists.entry(line)?.utf8.elementsEqual(entry.utf8) ?? false
  }
}
