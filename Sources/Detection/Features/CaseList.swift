/// One event of an entity that turned out bad, and from when on that is known.
struct ConfirmedCase {
  var time: Int64
  var knownAt: Int64
}

/// The bad events of one entity in order of (time, arrival); few, because bad events are.
struct CaseList {
  private(set) var buffer: UnsafeMutablePointer<ConfirmedCase>?
  private(set) var count: Int32
  private(set) var capacity: Int32
  /// The longest time (µs) that any of them took to be known.
  private(set) var slowest: Int64

  /// Beyond this many per entity the oldest are let go, whatever windows reach back to them.
  static let most = 65_536

  static var empty: CaseList { CaseList(buffer: nil, count: 0, capacity: 0, slowest: 0) }

  var bytes: Int { Int(capacity) * MemoryLayout<ConfirmedCase>.stride }

  subscript(position: Int) -> ConfirmedCase {
    guard let buffer else { preconditionFailure("an empty list of cases was read") }
    return buffer[position]
  }

  /// The first position whose time is `time` or later.
  func lowerBound(_ time: Int64) -> Int {
    guard let buffer else { return 0 }
    var low = 0
    var high = Int(count)
    while low < high {
      let middle = (low + high) >> 1
      if buffer[middle].time < time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func upperBound(_ time: Int64) -> Int { time == .max ? Int(count) : lowerBound(time + 1) }

  /// Cases with time in `first ... last` that are known at `now`.
  func known(from first: Int64, to last: Int64, at now: Int64) -> Int {
    guard let buffer, count > 0, first <= last else { return 0 }
    let start = lowerBound(first)
    let end = upperBound(last)
    let (age, overflow) = now.subtractingReportingOverflow(last)
    if !overflow && age >= slowest { return max(0, end - start) }
    var found = 0
    for position in start..<max(start, end) where buffer[position].knownAt <= now { found += 1 }
    return found
  }

  /// Time of the newest case up to `last` that is known at `now`; missing where there is none.
  func newest(to last: Int64, at now: Int64) -> Int64? {
    guard let buffer else { return nil }
    var position = upperBound(last) - 1
    while position >= 0 {
      if buffer[position].knownAt <= now { return buffer[position].time }
      position -= 1
    }
    return nil
  }

  /// Takes in a case; lets go of the first `cut(self)` before it would have to grow. Returns the change in bytes held.
  mutating func insert(_ new: ConfirmedCase, cut: (CaseList) -> Int) -> Int {
    let before = bytes
    if count == capacity {
      resize(cut: max(cut(self), Int(count) - CaseList.most + 1))
    }
    guard let buffer else { preconditionFailure("a list of cases has room after it was resized") }
    let position = upperBound(new.time)
    (buffer + position + 1).update(from: buffer + position, count: Int(count) - position)
    buffer[position] = new
    count += 1
    let (delay, overflow) = new.knownAt.subtractingReportingOverflow(new.time)
    slowest = max(slowest, overflow ? .max : delay)
    return bytes - before
  }

  private mutating func resize(cut: Int) {
    let cut = min(max(0, cut), Int(count))
    let kept = Int(count) - cut
    var size = 4
    while size < kept + kept / 4 + 1 { size *= 2 }
    let target = UnsafeMutablePointer<ConfirmedCase>.allocate(capacity: size)
    target.initialize(repeating: ConfirmedCase(time: 0, knownAt: 0), count: size)
    if let buffer { target.update(from: buffer + cut, count: kept) }
    buffer?.deallocate()
    buffer = target
    count = Int32(kept)
    capacity = Int32(size)
  }

  /// Frees the cases; returns the bytes that were held.
  mutating func free() -> Int {
    let held = bytes
    buffer?.deallocate()
    self = .empty
    return held
  }
}
