import Foundation
import Glibc
import Primitives

/// What was typed in earlier conversations: one JSON string a line, readable by its owner only.
///
/// Where it cannot be read or written the conversation goes on without it.
final class HistoryFile {
  private static let most = 2000
  private let path: String?
  private(set) var lines: [String] = []

  /// - Parameter path: missing where nothing is to be kept.
  init(_ path: String?) {
    self.path = path
    guard let path, let data = FileManager.default.contents(atPath: path), data.count < 16 << 20
    else { return }
    for line in data.split(separator: UInt8(ascii: "\n")) {
      // A line of another form was written by something else, or half written: it is no line of ours.
      guard let value = parsed(Array(line)), let text = value.text else { continue }
      lines.append(text)
    }
    if lines.count > HistoryFile.most {
      lines.removeFirst(lines.count - HistoryFile.most)
      write(lines.map(encoded).joined(), flags: O_WRONLY | O_CREAT | O_TRUNC)
    }
  }

  /// Adds a line unless it is empty, is the last once more, or was typed behind a space, as shells do.
  func append(_ line: String) -> Bool {
    guard !line.isEmpty, line != lines.last, line.first != " ", line.utf8.count < 1 << 16 else {
      return false
    }
    lines.append(line)
    write(encoded(line), flags: O_WRONLY | O_CREAT | O_APPEND)
    return true
  }

  private func parsed(_ bytes: [UInt8]) -> JSONValue? {
    do throws(JSONProblem) { return try JSONValue.parse(bytes) } catch { return nil }
  }

  private func encoded(_ line: String) -> String { JSONValue.text(line).serialized() + "\n" }

  private func write(_ text: String, flags: Int32) {
    guard let path else { return }
    let descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return }
    fchmod(descriptor, 0o600)
    _ = text.withCString { Glibc.write(descriptor, $0, strlen($0)) }
    close(descriptor)
  }
}
