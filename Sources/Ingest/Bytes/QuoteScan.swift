/// Finds the end of a CSV record whose quoted fields may hold line breaks, over as many fillings of the buffer as it takes.
struct QuoteScan {
  enum Found {
    /// Its length without the line feed, and how many lines it spans.
    case record(length: Int, lines: Int)
    case textAfterQuote
    case needsMore
  }
  private enum State { case fieldStart, plain, quoted, afterQuote }

  private let delimiter: UInt8
  private var state = State.fieldStart
  private(set) var at = 0
  private(set) var lines = 1
  /// Where the line begins at which it stopped.
  private(set) var lineStart = 0

  init(delimiter: UInt8) { self.delimiter = delimiter }

  var isInsideQuotes: Bool { state == .quoted }

  /// Goes on where it stopped; the bytes begin with the record.
  mutating func go(_ bytes: UnsafeBufferPointer<UInt8>) -> Found {
    while at < bytes.count {
      let byte = bytes[at]
      switch state {
      case .quoted:
        if byte == 0x22 {
          state = .afterQuote
        } else if byte == 0x0A {
          lines += 1
          lineStart = at + 1
        }
      case .afterQuote where byte == 0x22: state = .quoted
      case .fieldStart where byte == 0x22: state = .quoted
      case .fieldStart, .plain, .afterQuote:
        if byte == 0x0A { return .record(length: at, lines: lines) }
        if byte == delimiter {
          state = .fieldStart
        } else if state == .afterQuote && byte != 0x0D {
          return .textAfterQuote
        } else if state == .fieldStart {
          state = .plain
        }
      }
      at += 1
    }
    return .needsMore
  }
}
