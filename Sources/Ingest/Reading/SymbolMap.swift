import Primitives

/// From one text of a run to another, for a few texts that are known before the first event.
///
/// A table of pairs at most a quarter full; looking up allocates nothing. Its owner calls `free`.
struct SymbolMap {
  private let slots: UnsafeMutablePointer<(key: Symbol, value: Symbol)>
  private let mask: UInt32

  /// Of a key that comes twice the last value counts.
  init(_ pairs: [(key: Symbol, value: Symbol)]) {
    var size = 4
    while size < pairs.count * 4 { size *= 2 }
    mask = UInt32(size - 1)
    slots = .allocate(capacity: size)
    slots.initialize(repeating: (.missing, .missing), count: size)
    for (key, value) in pairs {
      var slot = SymbolMap.hash(key) & mask
      while !slots[Int(slot)].key.isMissing && slots[Int(slot)].key != key {
        slot = (slot &+ 1) & mask
      }
      slots[Int(slot)] = (key, value)
    }
  }

  func free() { slots.deallocate() }

  /// Missing where the key is not there.
  @inline(__always)
  subscript(key: Symbol) -> Symbol {
    var slot = SymbolMap.hash(key) & mask
    while true {
      let found = slots[Int(slot)]
      if found.key.rawValue == key.rawValue { return found.value }
      if found.key.rawValue == 0 { return found.value }
      slot = (slot &+ 1) & mask
    }
  }

  private static func hash(_ key: Symbol) -> UInt32 {
    let product = key.rawValue &* 0x9E37_79B1
    return product ^ (product >> 15)
  }
}
