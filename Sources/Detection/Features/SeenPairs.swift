/// Which values each entity has had, and since when: the memory behind `isNew`.
///
/// An open-addressing table at most half full, keyed by the entity's birth number and the value's symbol. Values of
/// entities that are gone stay until the table next grows.
final class SeenPairs {
  /// Side by side, so that a look costs one line of memory. A key of 0 stands for an empty place: births start at 1.
  private struct Place {
    var key: UInt64 = 0
    var time: Int64 = 0
  }

  private var places: UnsafeMutablePointer<Place>
  private var size = 64
  private var used = 0

  init() {
    places = .allocate(capacity: size)
    places.initialize(repeating: Place(), count: size)
  }

  deinit { places.deallocate() }

  var bytes: Int { size * MemoryLayout<Place>.stride }

  var needsRoom: Bool { used * 2 >= size }

  /// Reads what `wasSeen` will read first, so that it lies near when it is asked for.
  @inline(__always)
  func touch(birth: UInt32, symbol: UInt32) -> Int64 {
    Int64(
      truncatingIfNeeded: places[SeenPairs.slot(UInt64(birth) << 32 | UInt64(symbol), size)].key)
  }

  /// Whether the pair was seen at `time` or earlier; it counts as seen from `time` on afterwards.
  func wasSeen(birth: UInt32, symbol: UInt32, time: Int64) -> Bool {
    let key = UInt64(birth) << 32 | UInt64(symbol)
    var slot = SeenPairs.slot(key, size)
    while places[slot].key != 0 {
      if places[slot].key == key {
        let before = places[slot].time <= time
        if !before { places[slot].time = time }
        return before
      }
      slot = (slot + 1) & (size - 1)
    }
    places[slot] = Place(key: key, time: time)
    used += 1
    return false
  }

  /// The values of each entity, by its birth, in order of symbol.
  var byBirth: [UInt32: [(symbol: UInt32, time: Int64)]] {
    var found: [UInt32: [(symbol: UInt32, time: Int64)]] = [:]
    for slot in 0..<size where places[slot].key != 0 {
      found[UInt32(places[slot].key >> 32), default: []].append(
        (UInt32(truncatingIfNeeded: places[slot].key), places[slot].time))
    }
    return found.mapValues { values in values.sorted { $0.symbol < $1.symbol } }
  }

  /// Drops the values of entities that are gone and doubles the table where it is still more than a quarter full.
  func makeRoom(alive: Set<UInt32>) {
    let kept = (0..<size).filter {
      places[$0].key != 0 && alive.contains(UInt32(places[$0].key >> 32))
    }
    var newSize = size
    while kept.count * 4 > newSize { newSize *= 2 }
    let new = UnsafeMutablePointer<Place>.allocate(capacity: newSize)
    new.initialize(repeating: Place(), count: newSize)
    for old in kept {
      var slot = SeenPairs.slot(places[old].key, newSize)
      while new[slot].key != 0 { slot = (slot + 1) & (newSize - 1) }
      new[slot] = places[old]
    }
    places.deallocate()
    places = new
    size = newSize
    used = kept.count
  }

  private static func slot(_ key: UInt64, _ size: Int) -> Int {
    let mixed = (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 32) & (size - 1)
  }
}
