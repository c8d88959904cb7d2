import Glibc
import Primitives

/// Cuts the bytes of one input into records: lines, or CSV records whose quoted fields may hold line breaks.
///
/// Lines end at a line feed; one carriage return before it is dropped. A record above the limit is skipped without
/// being stored. After a record with broken quotes, or with quotes that stay open beyond the limit, reading goes on at its
/// second line, so that one stray quote costs one line. The lines up to the one at which that was found out hold no line
/// breaks in quotes then, so that no byte is looked through for each stray quote before it.
final class RecordBuffer {
  private static let blockBytes = 1 << 18
  /// What a dead letter keeps of an over-long record.
  private static let keptBytes = 1 << 10

  let source: ByteSource
  let limit: Int
  private(set) var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var start = 0
  private(set) var end = 0
  private(set) var line = 1
  private(set) var offset: Int64 = 0
  private var ended = false
  /// More bytes may be written later: a record without a line feed waits for the rest.
  var isGrowing = false
  /// Told before the bytes of records that were handed out are moved or written over.
  var willMove: (() -> Void)?
  private var scout = ByteScout()
  private var kept: UnsafeMutablePointer<UInt8>
  /// An over-long record is being skipped up to its line feed.
  private var skipping = false
  /// Records that begin before this place are single lines, because quotes were found broken up to here.
  private var singleUntil: Int64 = 0

  init(_ source: ByteSource, limit: Int) {
    self.source = source
    self.limit = limit
    capacity = RecordBuffer.blockBytes
    base = .allocate(capacity: capacity)
    kept = .allocate(capacity: RecordBuffer.keptBytes)
  }

  deinit {
    base.deallocate()
    kept.deallocate()
  }

  /// Bytes read and not yet consumed.
  var unread: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + start, count: end - start)
  }

  /// Whether a whole line is there, or more than a line should hold.
  var holdsLine: Bool { feed(from: 0) != nil || end - start >= 1 << 16 }

  /// Whether `nextLine` can answer without waiting for a pipe.
  func isReady(withinMilliseconds wait: Int32) -> Bool {
    if ended || source.isRegular { return true }
    if memchr(base + start, 0x0A, end - start) != nil { return true }
    return source.isReady(withinMilliseconds: wait)
  }

  /// Reads ahead until the unread bytes hold this many lines, or the byte limit or the end is reached.
  func lookAhead(lines: Int, bytes: Int) throws(Failure) {
    var found = 0
    var searched = 0
    while true {
      while found < lines, let feed = feed(from: searched) {
        found += 1
        searched = feed + 1
      }
      if found >= lines || end - start >= bytes { return }
      searched = max(searched, end - start)
      if try !fill() { return }
    }
  }

  /// Drops a byte order mark at the very start.
  func skipByteOrderMark() throws(Failure) {
    while end - start < 3 { if try !fill() { return } }
    if base[start] == 0xEF && base[start + 1] == 0xBB && base[start + 2] == 0xBF {
      consume(3, lines: 0)
    }
  }

  /// Drops bytes of the decompressed input up to a place that was reached before; false where it ends earlier.
  func skip(to place: Int64, line: Int) throws(Failure) -> Bool {
    if place - offset > Int64(end - start), source.seek(to: place) {
      start = end
      offset = place
    }
    while offset < place {
      if start == end, try !fill() { return false }
      consume(Int(min(Int64(end - start), place - offset)), lines: 0)
    }
    self.line = line
    return true
  }

  /// The next line; missing at the end, and where a growing input holds no whole line yet.
  func nextLine() throws(Failure) -> Frame? {
    if skipping, try !skipRest() { return nil }
    var searched = 0
    while true {
      if let feed = feed(from: searched) {
        if feed > limit { return try overlong(endingAt: feed) }
        return take(feed, consuming: feed + 1, lines: 1)
      }
      searched = end - start
      if searched > limit { return try overlong(endingAt: nil) }
      if try !fill() {
        if searched == 0 || isGrowing { return nil }
        return take(searched, consuming: searched, lines: 1)
      }
    }
  }

  /// The next CSV record (RFC 4180); missing at the end, and where a growing input holds no whole record yet.
  func nextRecord(delimiter: UInt8) throws(Failure) -> Frame? {
    if skipping, try !skipRest() { return nil }
    guard let feed = try firstFeed() else { return try nextLine() }
    if feed > limit { return try overlong(endingAt: feed) }
    if !scout.hasQuote(base, from: start, to: start + feed, filled: end) {
      return take(feed, consuming: feed + 1, lines: 1)
    }
    var quotes = QuoteScan(delimiter: delimiter)
    let isSingle = offset < singleUntil
    let most = isSingle ? feed + 1 : limit + 1
    while true {
      // No byte beyond the limit, so that it does not depend on how many are there at once.
      switch quotes.go(UnsafeBufferPointer(rebasing: unread.prefix(most))) {
      case .record(let length, let lines):
        var frame = take(length, consuming: length + 1, lines: lines)
        frame.hasQuotes = true
        return frame
      case .textAfterQuote: return firstLine(problem: .textAfterQuote, quotes)
      case .needsMore: break
      }
      if quotes.at == most { return firstLine(problem: .unterminatedQuote, quotes) }
      if try !fill() {
        if isGrowing { return nil }
        if quotes.isInsideQuotes { return firstLine(problem: .unterminatedQuote, quotes) }
        var frame = take(quotes.at, consuming: quotes.at, lines: quotes.lines)
        frame.hasQuotes = true
        return frame
      }
    }
  }

  /// Where the first line ends; missing where it is the last without a line feed and without quotes, or too long.
  private func firstFeed() throws(Failure) -> Int? {
    var searched = 0
    while true {
      if let feed = feed(from: searched) { return feed }
      searched = end - start
      if searched > limit { return nil }
      if try !fill() {
        if isGrowing { return nil }
        return searched > 0 && memchr(base + start, 0x22, searched) != nil ? searched : nil
      }
    }
  }

  /// Gives up on a record with broken quotes: only its first line is consumed.
  private func firstLine(problem: Frame.Problem, _ quotes: QuoteScan) -> Frame {
    singleUntil = max(singleUntil, offset + Int64(quotes.lineStart))
    let length = feed(from: 0) ?? end - start
    var frame = take(length, consuming: min(length + 1, end - start), lines: 1)
    frame.problem = problem
    return frame
  }

  private func overlong(endingAt feed: Int?) throws(Failure) -> Frame {
    let count = min(RecordBuffer.keptBytes, end - start)
    kept.update(from: base + start, count: count)
    let first = Frame(
      bytes: UnsafeBufferPointer(start: kept, count: count), line: line, offset: offset,
      problem: .overlong)
    if let feed {
      consume(feed + 1, lines: 1)
    } else {
      skipping = true
      _ = try skipRest()
    }
    return first
  }

  /// Drops the rest of an over-long record; false where a growing input does not hold its end yet.
  private func skipRest() throws(Failure) -> Bool {
    while true {
      if let feed = feed(from: 0) {
        consume(feed + 1, lines: 1)
        skipping = false
        return true
      }
      consume(end - start, lines: 0)
      if try !fill() {
        if isGrowing { return false }
        line += 1
        skipping = false
        return true
      }
    }
  }

  private func feed(from searched: Int) -> Int? {
    guard let found = memchr(base + start + searched, 0x0A, end - start - searched) else {
      return nil
    }
    return found - UnsafeMutableRawPointer(base + start)
  }

  private func take(_ length: Int, consuming: Int, lines: Int) -> Frame {
    let text = base + start
    let drop = length > 0 && text[length - 1] == 0x0D ? 1 : 0
    var frame = Frame(
      bytes: UnsafeBufferPointer(start: text, count: length - drop), line: line, offset: offset)
    frame.isPlain = scout.isPlain(base, from: start, to: start + length, filled: end)
    consume(consuming, lines: lines)
    return frame
  }

  private func consume(_ count: Int, lines: Int) {
    start += count
    offset += Int64(count)
    line += lines
  }

  /// Reads more behind the unread bytes; false at the end, which a growing input may have only reached for now.
  private func fill() throws(Failure) -> Bool {
    if ended { return false }
    willMove?()
    if start == end {
      start = 0
      end = 0
      scout.reset()
    } else if capacity - end < RecordBuffer.blockBytes / 2 {
      base.update(from: base + start, count: end - start)
      end -= start
      scout.shift(by: start)
      start = 0
      if capacity - end < RecordBuffer.blockBytes / 2 {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
        larger.update(from: base, count: end)
        base.deallocate()
        base = larger
        capacity *= 2
      }
    }
    let space = UnsafeMutableBufferPointer(start: base + end, count: capacity - end)
    let count = try source.read(into: space)
    end += count
    ended = count == 0 && !isGrowing
    return count > 0
  }
}
