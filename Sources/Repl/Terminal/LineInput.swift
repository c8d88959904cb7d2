import Glibc
import Primitives

/// Where the lines of a conversation come from.
protocol LineInput: AnyObject {
  func next(prompt: String) -> InputLine
  /// More lines are there already: nobody waits for an answer before the next.
  var hasMore: Bool { get }
  /// Forgets lines that wait, after an error in the middle of a paste.
  func forgetWaiting()
  func remember(_ line: String)
}

enum InputLine: Equatable {
  case line(String)
  /// ^C: what was typed so far is thrown away.
  case interrupted
  case end
}

/// Lines of a text that was given whole.
final class TextInput: LineInput {
  private var lines: ArraySlice<Substring>

  init(_ text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    self.lines = lines[...]
  }

  func next(prompt: String) -> InputLine {
    guard let line = lines.popFirst() else { return .end }
    return .line(line.last == "\r" ? String(line.dropLast()) : String(line))
  }

  var hasMore: Bool { !lines.isEmpty }
  func forgetWaiting() {}
  func remember(_ line: String) {}
}

/// Lines of standard input that is no terminal; bytes that are no UTF-8 become replacement characters.
final class PipeInput: LineInput {
  /// A line that is longer is read as several.
  private static let longest = 4 << 20
  private var bytes: [UInt8] = []
  private var at = 0
  private var isAtEnd = false

  func next(prompt: String) -> InputLine {
    var searched = at
    while true {
      if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { at = end + 1 }
        return .line(text(bytes[at..<end]))
      }
      searched = bytes.count
      if isAtEnd || bytes.count - at > PipeInput.longest {
        guard at < bytes.count else { return .end }
        defer { at = bytes.count }
        return .line(text(bytes[at...]))
      }
      if at > 0 {
        bytes.removeFirst(at)
        searched -= at
        at = 0
      }
      var block = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(STDIN_FILENO, &block, block.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { isAtEnd = true } else { bytes += block[..<count] }
    }
  }

  private func text(_ line: ArraySlice<UInt8>) -> String {
    let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    return String(decoding: line, as: UTF8.self)
  }

  /// Nobody reads answers between the lines of one expression.
  var hasMore: Bool { true }
  func forgetWaiting() {}
  func remember(_ line: String) {}
}
