import Primitives

/// Numbers the texts of one block from 1 in the order in which they are met; 0 stands for a missing one.
///
/// A table of its own, since a block meets few of the texts of a run: it stays in the nearest cache.
struct LocalTexts: ~Copyable {
  private(set) var symbols: [Symbol] = []
  private var slots: UnsafeMutablePointer<(symbol: UInt32, number: UInt32)>
  private var mask: Int

  init() {
    mask = 4095
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: (0, 0), count: mask + 1)
  }

  deinit { slots.deallocate() }

  @inline(__always)
  mutating func number(_ symbol: Symbol) -> UInt64 {
    if symbol.isMissing { return 0 }
    var slot = place(symbol.rawValue)
    while slots[slot].symbol != symbol.rawValue {
      if slots[slot].symbol == 0 { return add(symbol, slot) }
      slot = (slot &+ 1) & mask
    }
    return UInt64(slots[slot].number)
  }

  @inline(__always)
  private func place(_ symbol: UInt32) -> Int {
    Int(truncatingIfNeeded: (symbol &* 0x9E37_79B1) &>> 8) & mask
  }

  private mutating func add(_ symbol: Symbol, _ slot: Int) -> UInt64 {
    symbols.append(symbol)
    slots[slot] = (symbol.rawValue, UInt32(symbols.count))
    if symbols.count * 2 > mask { grow() }
    return UInt64(symbols.count)
  }

  private mutating func grow() {
    slots.deallocate()
    mask = mask * 2 + 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: (0, 0), count: mask + 1)
    for (index, symbol) in symbols.enumerated() {
      var slot = place(symbol.rawValue)
      while slots[slot].symbol != 0 { slot = (slot + 1) & mask }
      slots[slot] = (symbol.rawValue, UInt32(index + 1))
    }
  }
}
