/// A sentence with holes: `Failed password for {user} from {src_ip:word} port {port:word} *`.
///
/// `{name}` takes any text, as much as lets the rest match, so that a text which imitates the rest cannot push the
/// real rest aside; one pattern has at most one such hole. `{name:word}` takes one or more bytes up to a blank. A `*` at the end
/// lets anything follow; without it the message must end there. There are at most 64 holes.
package struct SyslogPattern: Sendable, Equatable {
  enum Piece: Sendable, Equatable {
    case literal([UInt8])
    case word(String)
    case text(String)
  }

  /// As many ranges a decoder keeps for the holes of one message.
  static let holeLimit = 64

  package let source: String
  let pieces: [Piece]
  let isOpen: Bool

  package var captures: [String] {
    pieces.compactMap {
      switch $0 {
      case .literal: nil
      case .word(let name), .text(let name): name
      }
    }
  }

  /// Missing with a sentence on what is wrong.
  package static func parse(_ text: String) -> Result<SyslogPattern, Problem> {
    var pieces: [Piece] = []
    var rest = Substring(text)
    let isOpen = rest.hasSuffix("*")
    if isOpen { rest = rest.dropLast() }
    var texts = 0
    while !rest.isEmpty {
      guard let open = rest.firstIndex(of: "{") else {
        pieces.append(.literal(Array(rest.utf8)))
        break
      }
      if open > rest.startIndex { pieces.append(.literal(Array(rest[..<open].utf8))) }
      guard let close = rest[open...].firstIndex(of: "}") else {
        return .failure(Problem(message: "a '{' of the pattern has no '}'"))
      }
      let inside = rest[rest.index(after: open)..<close]
      let parts = inside.split(separator: ":", omittingEmptySubsequences: false)
      let name = String(parts[0])
      if name.isEmpty || parts.count > 2 || (parts.count == 2 && parts[1] != "word") {
        return .failure(Problem(message: "'{\(inside)}' is neither {name} nor {name:word}"))
      }
      if case .literal = pieces.last ?? .literal([]) {
      } else {
        return .failure(Problem(message: "two holes of the pattern stand side by side"))
      }
      if parts.count == 1 { texts += 1 }
      pieces.append(parts.count == 2 ? .word(name) : .text(name))
      rest = rest[rest.index(after: close)...]
    }
    if texts > 1 {
      return .failure(Problem(message: "the pattern has more than one hole for any text"))
    }
    let pattern = SyslogPattern(source: text, pieces: pieces, isOpen: isOpen)
    if pattern.captures.count > holeLimit {
      return .failure(Problem(message: "the pattern has more than \(holeLimit) holes"))
    }
    if pieces.isEmpty { return .failure(Problem(message: "the pattern is empty")) }
    return .success(pattern)
  }

  package struct Problem: Error, Equatable { package var message: String }

  /// Fills one range a capture, in order, and says whether the message matches.
  func matches(
    _ message: UnsafeBufferPointer<UInt8>, captures: UnsafeMutableBufferPointer<Range<Int>>
  ) -> Bool {
    match(piece: 0, at: 0, capture: 0, message, captures)
  }

  private func match(
    piece: Int, at start: Int, capture: Int, _ message: UnsafeBufferPointer<UInt8>,
    _ captures: UnsafeMutableBufferPointer<Range<Int>>
  ) -> Bool {
    if piece == pieces.count { return isOpen || start == message.count }
    switch pieces[piece] {
    case .literal(let bytes):
      guard start + bytes.count <= message.count else { return false }
      for index in 0..<bytes.count where message[start + index] != bytes[index] { return false }
      return match(
        piece: piece + 1, at: start + bytes.count, capture: capture, message, captures)
    case .word:
      var end = start
      while end < message.count && message[end] != 0x20 { end += 1 }
      if end == start { return false }
      captures[capture] = start..<end
      return match(piece: piece + 1, at: end, capture: capture + 1, message, captures)
    case .text:
      var end = message.count
      while end >= start {
        captures[capture] = start..<end
        if match(piece: piece + 1, at: end, capture: capture + 1, message, captures) { return true }
        end -= 1
      }
      return false
    }
  }
}
