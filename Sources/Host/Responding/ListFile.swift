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
    try change(entry) { lines, has in has ? nil : lines + [entry] }
  }

  func remove(_ entry: String) throws(Failure) -> Bool {
    try change(entry) { lines, has in
      has ? lines.filter { ListFile.trimmed($0) != entry } : nil
    }
  }

  /// - Returns: whether anything changed.
  private func change(
    _ entry: String, _ change: ([String], Bool) -> [String]?
  ) throws(Failure) -> Bool {
    let isSound =
      ListFile.trimmed(entry) == entry && !entry.isEmpty && entry.utf8.count <= 512
      && !entry.hasPrefix("#") && safe(entry) == entry
    if !isSound {
      throw Failure(
        .unmet, "'\(safe(String(entry.prefix(80))))' is no entry of a list",
        advice: "an entry is one line of at most 512 bytes that does not begin with #")
    }
    do {
      return try ListFile.turn.withLock { _ in try changeAlone(entry, change) }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        .internal, "cannot write the list '\(path)': \(error.localizedDescription)",
        advice: "make its folder writable")
    }
  }

  private func changeAlone(
    _ entry: String, _ change: ([String], Bool) -> [String]?
  ) throws -> Bool {
    let exists = FileManager.default.fileExists(atPath: path)
    let text = exists ? try Folder.text(of: path, "the list") : ""
    if text.utf8.count > ListFile.most {
      throw Failure(.internal, "the list '\(path)' is larger than 32 MiB", advice: "shorten it")
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    let has = lines.contains { ListFile.trimmed($0) == entry }
    guard let changed = change(lines, has) else { return false }
    try Folder.make((path as NSString).deletingLastPathComponent)
    let file = try OutputFile(path)
    try file.write(Array(changed.map { $0 + "\n" }.joined().utf8))
    try file.finish()
    return true
  }

  private static func trimmed(_ line: String) -> String {
    line.trimmingCharacters(in: CharacterSet(charactersIn: " \t\r"))
  }
}
