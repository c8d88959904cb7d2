/// Pair of symbols → slot: an open-addressing table at most half full; removal closes the gap, so lookups stay short.
struct PairIndex {
  private var keys = UnsafeMutablePointer<UInt64>.allocate(capacity: 64)
  private var slots = UnsafeMutablePointer<Int32>.allocate(capacity: 64)
  private var size = 64
  private var used = 0

  init() {
    keys.initialize(repeating: 0, count: size)
    slots.initialize(repeating: -1, count: size)
  }

  @inline(__always)
  private func home(_ key: UInt64) -> Int {
    let mixed = (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 32) & (size - 1)
  }

  /// −1 for a pair that is not known.
  @inline(__always)
  func slot(_ key: UInt64) -> Int32 {
    var place = home(key)
    while keys[place] != 0 {
      if keys[place] == key { return slots[place] }
      place = (place + 1) & (size - 1)
    }
    return -1
  }

  /// For a pair that is not known. Returns the growth in bytes.
  mutating func add(_ key: UInt64, _ slot: Int32) -> Int {
    let before = size
    if (used + 1) * 2 > size { grow() }
    put(key, slot)
    used += 1
    return (size - before) * 12
  }

  mutating func remove(_ key: UInt64) {
    var gap = home(key)
    while keys[gap] != key {
      if keys[gap] == 0 { return }
      gap = (gap + 1) & (size - 1)
    }
    used -= 1
    var place = (gap + 1) & (size - 1)
    while keys[place] != 0 {
      // An entry moves into the gap unless its home lies after the gap.
      let distance = (place &- home(keys[place])) & (size - 1)
      if distance >= (place &- gap) & (size - 1) {
        keys[gap] = keys[place]
        slots[gap] = slots[place]
        gap = place
      }
      place = (place + 1) & (size - 1)
    }
    keys[gap] = 0
  }

  private mutating func put(_ key: UInt64, _ slot: Int32) {
    var place = home(key)
    while keys[place] != 0 { place = (place + 1) & (size - 1) }
    keys[place] = key
    slots[place] = slot
  }

  private mutating func grow() {
    let (oldKeys, oldSlots, oldSize) = (keys, slots, size)
    size *= 2
    keys = .allocate(capacity: size)
    slots = .allocate(capacity: size)
    keys.initialize(repeating: 0, count: size)
    slots.initialize(repeating: -1, count: size)
    for place in 0..<oldSize where oldKeys[place] != 0 { put(oldKeys[place], oldSlots[place]) }
    oldKeys.deallocate()
    oldSlots.deallocate()
  }

  func deallocate() {
    keys.deallocate()
    slots.deallocate()
  }
}
