import Console
import Foundation
import Primitives

/// What a tab offers.
struct Completion: Equatable {
  /// The part of the line that the candidates take the place of.
  var typed: String
  /// In order, each once.
  var candidates: [String]
  /// What follows a candidate that is the only one, such as a closing quote.
  var closing = ""

  init(_ typed: String, among known: some Sequence<String>, closing: String = "") {
    self.typed = typed
    candidates = Array(Set(known.filter { $0.hasPrefix(typed) && isPlain($0) })).sorted()
    self.closing = closing
  }

  /// How far the candidates are the same.
  var common: String {
    guard var common = candidates.first else { return typed }
    for candidate in candidates.dropFirst() {
      common = common.commonPrefix(with: candidate)
    }
    return common
  }

  /// The candidates below each other in columns, at most 100.
  func columns(width: Int) -> String {
    let shown = candidates.prefix(100)
    let size = (shown.map { displayWidth($0) }.max() ?? 0) + 2
    let across = max(1, width / size)
    let rows = (shown.count + across - 1) / across
    var text = ""
    for row in 0..<rows {
      var line = ""
      for column in 0..<across {
        let index = column * rows + row
        guard index < shown.count else { continue }
        let candidate = shown[shown.startIndex + index]
        line += candidate + String(repeating: " ", count: size - displayWidth(candidate))
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    let left = candidates.count - shown.count
    return left > 0 ? text + "… and \(left) more\n" : text
  }
}

/// Names from events may hold what moves the cursor or ends a text of Lua: those are not offered.
private func isPlain(_ name: String) -> Bool {
  !name.isEmpty && safe(name) == name && !name.contains("\"") && !name.contains("\\")
    && name.utf8.count < 200
}
