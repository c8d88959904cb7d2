/// Where the parts of a stream's buffer lie for a given capacity; the same for all entities of a stage.
///
/// One allocation holds, each contiguous: times, numbers, then per text lane its symbols and the position of the
/// previous event with the same symbol, the local hours, and the summaries of full blocks of 16, 256 and 4,096 numbers.
struct StreamLayout {
  var hasNumber: Bool
  var lanes: Int
  var hasHours: Bool
  var hasBlocks: Bool

  /// Blocks are kept once a buffer is larger than what a window reads number by number anyway.
  static let smallestWithBlocks = 128
  static let levels = 3

  @inline(__always)
  func blocks(_ capacity: Int) -> Bool {
    hasBlocks && capacity >= StreamLayout.smallestWithBlocks
  }

  @inline(__always) func numbers(_ capacity: Int) -> Int { 8 * capacity }

  @inline(__always)
  func symbols(_ lane: Int, _ capacity: Int) -> Int {
    8 * capacity * ((hasNumber ? 2 : 1) + lane)
  }

  @inline(__always)
  func earlier(_ lane: Int, _ capacity: Int) -> Int { symbols(lane, capacity) + 4 * capacity }

  @inline(__always) func hours(_ capacity: Int) -> Int { symbols(lanes, capacity) }

  func blockStart(_ level: Int, _ capacity: Int) -> Int {
    var offset = symbols(lanes, capacity) + (hasHours ? 4 * capacity : 0)
    for below in 1..<level { offset += blockCount(below, capacity) * MemoryLayout<Summary>.stride }
    return offset
  }

  private func blockCount(_ level: Int, _ capacity: Int) -> Int { (capacity >> (4 * level)) + 2 }

  func bytes(_ capacity: Int) -> Int {
    blocks(capacity)
      ? blockStart(StreamLayout.levels + 1, capacity)
      : symbols(lanes, capacity) + (hasHours ? 4 * capacity : 0)
  }
}

/// The remembered events of one entity in one stream, in order of (time, arrival).
///
/// Position 0 is the oldest that is still held; `base` events came before it and have been let go. An event is let go
/// only when no window of any event that may still arrive can reach it.
struct StreamState {
  var buffer: UnsafeMutableRawPointer?
  var base: Int64
  var count: Int32
  var capacity: Int32
  /// The number of its `CoarseStream`; 0 where all that windows may reach is held here.
  var coarse: Int32

  static var empty: StreamState {
    StreamState(buffer: nil, base: 0, count: 0, capacity: 0, coarse: 0)
  }
  /// In the place of a previous position: the event has no such text and is never counted.
  static let noText = Int32.max

  @inline(__always)
  var times: UnsafeMutablePointer<Int64> {
    unsafe(buffer, 0, Int64.self)
  }

  @inline(__always)
  func numbers(_ layout: StreamLayout) -> UnsafeMutablePointer<Double> {
    unsafe(buffer, layout.numbers(Int(capacity)), Double.self)
  }

  @inline(__always)
  func symbols(_ lane: Int, _ layout: StreamLayout) -> UnsafeMutablePointer<UInt32> {
    unsafe(buffer, layout.symbols(lane, Int(capacity)), UInt32.self)
  }

  @inline(__always)
  func earlier(_ lane: Int, _ layout: StreamLayout) -> UnsafeMutablePointer<Int32> {
    unsafe(buffer, layout.earlier(lane, Int(capacity)), Int32.self)
  }

  @inline(__always)
  func hours(_ layout: StreamLayout) -> UnsafeMutablePointer<UInt32> {
    unsafe(buffer, layout.hours(Int(capacity)), UInt32.self)
  }

  @inline(__always)
  private func unsafe<T>(_ buffer: UnsafeMutableRawPointer?, _ offset: Int, _: T.Type)
    -> UnsafeMutablePointer<T>
  {
    // Unchecked: callers reach for a part only of a stream that holds events, which has a buffer.
    (buffer.unsafelyUnwrapped + offset).assumingMemoryBound(to: T.self)
  }

  // MARK: finding

  /// The first position in `low ..< high` whose time is `time` or later.
  func lowerBound(_ time: Int64, _ low: Int, _ high: Int) -> Int {
    var low = low
    var high = high
    while low < high {
      let middle = (low + high) >> 1
      if times[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The first position whose time is after `time`: where an event of that time that arrives now belongs.
  func upperBound(_ time: Int64) -> Int {
    time == .max ? Int(count) : lowerBound(time + 1, 0, Int(count))
  }

  /// The last position before `end` with this symbol; −1 where there is none.
  func previous(_ symbol: UInt32, _ lane: Int, before end: Int, _ layout: StreamLayout) -> Int32 {
    if end == 0 { return -1 }
    let symbols = symbols(lane, layout)
    var position = end - 1
    while position >= 0 && symbols[position] != symbol { position -= 1 }
    return Int32(truncatingIfNeeded: position)
  }

  /// How many texts of a lane in `start ..< end` are the first of their kind there.
  func distinct(_ start: Int, _ end: Int, _ lane: Int, _ layout: StreamLayout) -> Int {
    if start >= end { return 0 }
    let earlier = earlier(lane, layout)
    let limit = Int32(truncatingIfNeeded: start)
    var found: Int32 = 0
    for position in start..<end { found &+= earlier[position] < limit ? 1 : 0 }
    return Int(found)
  }

  // MARK: summaries

  @inline(__always)
  private func block(_ level: Int, _ absolute: Int64, _ layout: StreamLayout)
    -> UnsafeMutablePointer<Summary>
  {
    let shift = Int64(4 * level)
    let index = Int((absolute >> shift) - (base >> shift))
    return unsafe(buffer, layout.blockStart(level, Int(capacity)), Summary.self) + index
  }

  /// The numbers at `start ..< end`, at least one.
  ///
  /// Up to 64 are read one by one, more are put together from blocks at fixed places in the entity's history. The result
  /// depends on those numbers and their places in the history alone, to the last bit: not on later events, not on what
  /// has been let go, not on how events came in batches.
  func summary(
    _ start: Int, _ end: Int, _ layout: StreamLayout, spread: Bool, extremes: Bool
  ) -> Summary {
    let values = numbers(layout)
    if end - start <= 64 {
      return Summary(values, start, end, spread: spread, extremes: extremes)
    }
    var result = Summary()
    var position = base + Int64(start)
    let stop = base + Int64(end)
    while position < stop {
      var level = 0
      while level < StreamLayout.levels {
        let size = Int64(16) << Int64(4 * level)
        if position & (size - 1) != 0 || position + size > stop { break }
        level += 1
      }
      if level == 0 {
        let next = min((position | 15) + 1, stop)
        result.append(
          Summary(
            values, Int(position - base), Int(next - base), spread: spread, extremes: extremes))
        position = next
      } else {
        result.append(block(level, position, layout).pointee)
        position += Int64(1) << Int64(4 * level)
      }
    }
    return result
  }

  /// Sums up the blocks that end with the newest event.
  @inline(__always)
  func closeBlocks(_ layout: StreamLayout) {
    let end = base + Int64(count)
    if end & 15 == 0 { closeBlocks(endingAt: end, layout) }
  }

  private func closeBlocks(endingAt end: Int64, _ layout: StreamLayout) {
    if end - 16 < base { return }
    let position = Int(end - base)
    block(1, end - 16, layout).initialize(
      to: Summary(numbers(layout), position - 16, position, spread: true, extremes: true))
    var level = 2
    while level <= StreamLayout.levels {
      let size = Int64(1) << Int64(4 * level)
      if end & (size - 1) != 0 || end - size < base { return }
      var whole = Summary()
      let first = block(level - 1, end - size, layout)
      for part in 0..<16 { whole.append(first[part]) }
      block(level, end - size, layout).initialize(to: whole)
      level += 1
    }
  }

  /// Sums up again every block that holds a position from `start` on.
  func rebuildBlocks(from start: Int, _ layout: StreamLayout) {
    if !layout.blocks(Int(capacity)) { return }
    var end = ((base + Int64(start)) | 15) + 1
    while end <= base + Int64(count) {
      closeBlocks(endingAt: end, layout)
      end += 16
    }
  }

  // MARK: room

  /// Lets go of the oldest `cut` events and moves the rest to a buffer of `size`; returns the change in bytes held.
  mutating func resize(cut: Int, to size: Int, _ layout: StreamLayout) -> Int {
    let kept = Int(count) - cut
    let old = buffer
    let oldCapacity = Int(capacity)
    let target: UnsafeMutableRawPointer
    if size == oldCapacity, let old {
      target = old
    } else {
      target = .allocate(byteCount: layout.bytes(size), alignment: 16)
    }
    if let old, kept > 0 {
      func move(_ from: Int, _ to: Int, _ width: Int) {
        (target + to).copyMemory(from: old + from + cut * width, byteCount: kept * width)
      }
      move(0, 0, 8)
      if layout.hasNumber { move(layout.numbers(oldCapacity), layout.numbers(size), 8) }
      for lane in 0..<layout.lanes {
        move(layout.symbols(lane, oldCapacity), layout.symbols(lane, size), 4)
        move(layout.earlier(lane, oldCapacity), layout.earlier(lane, size), 4)
      }
      if layout.hasHours { move(layout.hours(oldCapacity), layout.hours(size), 4) }
    }
    if size != oldCapacity { old?.deallocate() }
    buffer = target
    base += Int64(cut)
    count = Int32(kept)
    capacity = Int32(size)
    for lane in 0..<layout.lanes where cut > 0 {
      let earlier = earlier(lane, layout)
      for position in 0..<kept where earlier[position] != StreamState.noText {
        earlier[position] = max(-1, earlier[position] - Int32(cut))
      }
    }
    rebuildBlocks(from: 0, layout)
    return layout.bytes(size) - (old == nil ? 0 : layout.bytes(oldCapacity))
  }

  /// Opens a gap at `position` for a late event; the caller fills in time, number, symbols and hour.
  mutating func openGap(at position: Int, _ layout: StreamLayout) {
    let moved = Int(count) - position
    func shift<T>(_ part: UnsafeMutablePointer<T>) {
      (part + position + 1).update(from: part + position, count: moved)
    }
    shift(times)
    if layout.hasNumber { shift(numbers(layout)) }
    if layout.hasHours { shift(hours(layout)) }
    for lane in 0..<layout.lanes {
      shift(symbols(lane, layout))
      let earlier = earlier(lane, layout)
      shift(earlier)
      for later in (position + 1)..<(Int(count) + 1)
      where earlier[later] != StreamState.noText && Int(earlier[later]) >= position {
        earlier[later] += 1
      }
    }
    count += 1
  }
}
