import Glibc
import Primitives

/// Knows for a stretch of a buffer whether bytes ahead are plain text and where the next quote stands, so that each
/// byte is looked at once for all records that it belongs to.
///
/// Places count from the buffer's base; `shift` tells of bytes that moved down.
struct ByteScout {
  /// Bytes from some place up to here are ASCII and not NUL.
  private var plainEnd = 0
  /// No quote stands between some place and here; there is one here unless all bytes were searched.
  private var quotePlace = 0
  private var quoteSearched = 0

  mutating func reset() {
    plainEnd = 0
    quotePlace = 0
    quoteSearched = 0
  }

  mutating func shift(by count: Int) {
    plainEnd -= count
    quotePlace -= count
    quoteSearched -= count
  }

  /// Whether all bytes from `start` up to `stop` are ASCII and not NUL; `end` is where the filled bytes end.
  @inline(__always)
  mutating func isPlain(
    _ base: UnsafePointer<UInt8>, from start: Int, to stop: Int, filled end: Int
  ) -> Bool {
    if stop <= plainEnd { return true }
    return look(base, from: max(start, plainEnd), to: stop, filled: end)
  }

  private mutating func look(
    _ base: UnsafePointer<UInt8>, from start: Int, to stop: Int, filled end: Int
  ) -> Bool {
    plainEnd =
      start + UTF8Check.plainCount(UnsafeBufferPointer(start: base + start, count: end - start))
    return stop <= plainEnd
  }

  /// Whether a quote stands between `start` and `stop`.
  @inline(__always)
  mutating func hasQuote(
    _ base: UnsafePointer<UInt8>, from start: Int, to stop: Int, filled end: Int
  ) -> Bool {
    if start <= quotePlace && stop <= quotePlace { return false }
    if start <= quotePlace && quotePlace < quoteSearched { return true }
    return search(base, from: start, to: stop, filled: end)
  }

  private mutating func search(
    _ base: UnsafePointer<UInt8>, from start: Int, to stop: Int, filled end: Int
  ) -> Bool {
    quoteSearched = end
    if let found = memchr(base + start, 0x22, end - start) {
      quotePlace = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - base
    } else {
      quotePlace = end
    }
    return quotePlace < stop
  }
}
