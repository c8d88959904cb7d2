/// Which values each entity has had, and since when: the memory behind `isNew`.
///
/// An open-addressing table at most half full, keyed by the entity's birth number and the value's symbol. Values of
/// entities that are gone stay until the table next grows.
struct SeenPairs {
  private var keys: [UInt64]
  private var times: [Int64]
  private var used = 0

  init() {
    keys = [UInt64](repeating: 0, count: 64)
    times = [Int64](repeating: 0, count: 64)
  }

  var bytes: Int { keys.count * 16 }

  var needsRoom: Bool { used * 2 >= keys.count }

  /// Reads what `wasSeen` will read first, so that it lies near when it is asked for.
  @inline(__always)
  func touch(birth: UInt32, symbol: UInt32) -> Int64 {
    let slot = SeenPairs.slot(UInt64(birth) << 32 | UInt64(symbol), keys.count)
    return Int64(truncatingIfNeeded: keys[slot]) &+ times[slot]
  }

  /// Whether the pair was seen at `time` or earlier; it counts as seen from `time` on afterwards. Births start at 1.
  mutating func wasSeen(birth: UInt32, symbol: UInt32, time: Int64) -> Bool {
    let key = UInt64(birth) << 32 | UInt64(symbol)
    var slot = SeenPairs.slot(key, keys.count)
    while keys[slot] != 0 {
      if keys[slot] == key {
        let before = times[slot] <= time
        if !before { times[slot] = time }
        return before
      }
      slot = (slot + 1) & (keys.count - 1)
    }
    keys[slot] = key
    times[slot] = time
    used += 1
    return false
  }

  /// The values of each entity, by its birth, in order of symbol.
  var byBirth: [UInt32: [(symbol: UInt32, time: Int64)]] {
    var found: [UInt32: [(symbol: UInt32, time: Int64)]] = [:]
    for slot in keys.indices where keys[slot] != 0 {
      found[UInt32(keys[slot] >> 32), default: []].append(
        (UInt32(truncatingIfNeeded: keys[slot]), times[slot]))
    }
    return found.mapValues { values in values.sorted { $0.symbol < $1.symbol } }
  }

  /// Drops the values of entities that are gone and doubles the table where it is still more than a quarter full.
  mutating func makeRoom(alive: Set<UInt32>) {
    let kept = keys.indices.filter { keys[$0] != 0 && alive.contains(UInt32(keys[$0] >> 32)) }
    var size = keys.count
    while kept.count * 4 > size { size *= 2 }
    var newKeys = [UInt64](repeating: 0, count: size)
    var newTimes = [Int64](repeating: 0, count: size)
    for old in kept {
      var slot = SeenPairs.slot(keys[old], size)
      while newKeys[slot] != 0 { slot = (slot + 1) & (size - 1) }
      newKeys[slot] = keys[old]
      newTimes[slot] = times[old]
    }
    keys = newKeys
    times = newTimes
    used = kept.count
  }

  private static func slot(_ key: UInt64, _ size: Int) -> Int {
    let mixed = (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 32) & (size - 1)
  }
}
