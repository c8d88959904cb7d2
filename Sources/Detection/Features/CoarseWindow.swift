/// A window of an entity with very many events, as a row of buckets of 1/256 of its length.
///
/// It is answered with all buckets that it touches, so as if it were between 1 and 257/256 of its length; for a late event
/// the same holds at its new end. Buckets lie at fixed places in time, so the answers do not depend on batches or shards.
struct CoarseWindow {
  struct Bucket {
    /// Time divided by the width.
    var index: Int64
    var events: Int64 = 0
    /// Of the numbers; empty in a stream without.
    var summary = Summary()
    /// The number of the earliest event.
    var first = Double.nan
    var firstTime = Int64.max
  }

  /// What a window holds.
  struct Content {
    var events: Int64 = 0
    var summary = Summary()
    var first = Double.nan
  }

  static let parts: Int64 = 256

  let width: Int64
  /// The oldest first; only buckets that hold something.
  private(set) var buckets: [Bucket] = []
  var distinct: [CoarseDistinct]
  /// All but the newest bucket of the window that was asked for last.
  private var closed = Content()
  private var closedFrom = Int64.max
  private var closedTo = Int64.min

  init(length: Int64, lanes: Int) {
    width = max(1, (length == WindowPlan.today ? 86_400_000_000 : length) / CoarseWindow.parts)
    distinct = (0..<lanes).map { _ in CoarseDistinct() }
  }

  var bytes: Int {
    buckets.capacity * MemoryLayout<Bucket>.stride + distinct.reduce(0) { $0 + $1.bytes }
  }

  /// The bucket of an instant, rounded down also before 1970.
  func index(_ time: Int64) -> Int64 {
    let quotient = time / width
    return time % width < 0 ? quotient - 1 : quotient
  }

  /// Takes in an event; `number` is NaN in a stream without numbers.
  mutating func insert(_ time: Int64, _ number: Double) {
    let index = index(time)
    var place = buckets.count - 1
    if place < 0 || buckets[place].index < index {
      buckets.append(Bucket(index: index))
      place += 1
    } else if buckets[place].index > index {
      place = position(index)
      if buckets[place].index != index { buckets.insert(Bucket(index: index), at: place) }
      closedFrom = .max
    }
    buckets[place].events += 1
    if number.isNaN { return }
    withUnsafePointer(to: number) {
      buckets[place].summary.append(Summary($0, 0, 1, spread: true, extremes: true))
    }
    if time < buckets[place].firstTime {
      buckets[place].firstTime = time
      buckets[place].first = number
    }
  }

  /// Lets go of what lies before an instant.
  mutating func forget(before time: Int64) {
    let oldest = index(time)
    let gone = position(oldest)
    // Seldom, because it moves the rest.
    if gone < 64 { return }
    buckets.removeFirst(gone)
    for lane in distinct.indices { distinct[lane].forget(before: oldest) }
    closedFrom = .max
  }

  /// The first place whose bucket is `index` or later.
  private func position(_ index: Int64) -> Int {
    var low = 0
    var high = buckets.count
    while low < high {
      let middle = (low + high) >> 1
      if buckets[middle].index < index { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// What lies from `start` to `end`, both included.
  mutating func content(from start: Int64, to end: Int64) -> Content {
    let first = index(start)
    guard let newest = buckets.last?.index else { return Content() }
    let last = min(index(end), newest)
    if last < first { return Content() }
    if last != newest { return merged(from: first, before: last &+ 1) }
    if closedFrom != first || closedTo != last {
      closed = merged(from: first, before: last)
      closedFrom = first
      closedTo = last
    }
    var content = closed
    CoarseWindow.append(buckets[buckets.count - 1], to: &content)
    return content
  }

  private func merged(from first: Int64, before end: Int64) -> Content {
    var content = Content()
    var place = position(first)
    while place < buckets.count && buckets[place].index < end {
      CoarseWindow.append(buckets[place], to: &content)
      place += 1
    }
    return content
  }

  private static func append(_ bucket: Bucket, to content: inout Content) {
    if content.summary.count == 0 { content.first = bucket.first }
    content.events += bucket.events
    content.summary.append(bucket.summary)
  }

  // MARK: as bytes

  func encode(_ texts: inout TextTable, _ writer: inout StateWriter) {
    writer.count(buckets.count)
    for bucket in buckets {
      writer.signed(bucket.index)
      writer.signed(bucket.events)
      let summary = bucket.summary
      for value in [
        summary.count, summary.origin, summary.sum, summary.squares, summary.smallest,
        summary.largest, bucket.first,
      ] { writer.number(value) }
      writer.signed(bucket.firstTime)
    }
    for lane in distinct { lane.encode(&texts, &writer) }
  }

  mutating func decode(_ reader: inout StateReader, _ texts: [UInt32]) throws(StateDamage) {
    for _ in 0..<(try reader.count(each: 59)) {
      var bucket = Bucket(index: try reader.signed())
      if let last = buckets.last, last.index >= bucket.index {
        throw StateDamage(what: "buckets are out of order")
      }
      bucket.events = try reader.signed()
      bucket.summary.count = try reader.number()
      bucket.summary.origin = try reader.number()
      bucket.summary.sum = try reader.number()
      bucket.summary.squares = try reader.number()
      bucket.summary.smallest = try reader.number()
      bucket.summary.largest = try reader.number()
      bucket.first = try reader.number()
      bucket.firstTime = try reader.signed()
      buckets.append(bucket)
    }
    for lane in distinct.indices { try distinct[lane].decode(&reader, texts) }
  }
}
