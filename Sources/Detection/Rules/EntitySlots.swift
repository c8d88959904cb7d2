import Primitives

/// Gives each entity a small number under which its state is kept, and takes numbers back when entities grow old or many.
///
/// Which entity goes depends on the events alone, never on hashing: the least recently touched first.
struct EntitySlots {
  private var slots: [UInt32: Int32] = [:]
  /// By slot: the entity, and when it was last touched, counted in touches; 0 where the slot is free.
  private var symbols: [UInt32] = []
  private var touches: [UInt64] = []
  private var free: [Int32] = []
  private var clock: UInt64 = 0
  private var nextSweep = EntitySlots.firstSweep
  private let capacity: Int
  /// Entities dropped because there were too many, while their state still mattered.
  private(set) var evicted = 0

  private static let firstSweep = 1024

  init(capacity: Int) {
    precondition(capacity > 0, "there is room for at least one entity")
    self.capacity = capacity
  }

  var count: Int { slots.count }
  /// Slots given out so far, free ones included.
  var reach: Int { symbols.count }

  /// The slot of an entity that is known.
  func slot(of symbol: Symbol) -> Int? { slots[symbol.rawValue].map { Int($0) } }

  func symbol(at slot: Int) -> Symbol { Symbol(rawValue: symbols[slot]) }

  /// Notes that an entity was seen just now.
  mutating func touch(_ slot: Int) {
    clock += 1
    touches[slot] = clock
  }

  /// A slot for an entity that has none. `isOver` says whether what a slot holds can never matter again.
  mutating func claim(_ symbol: Symbol, isOver: (Int) -> Bool) -> Int {
    if slots.count >= min(nextSweep, capacity) { makeRoom(isOver) }
    let slot: Int
    if let known = free.popLast() {
      slot = Int(known)
      symbols[slot] = symbol.rawValue
    } else {
      slot = symbols.count
      symbols.append(symbol.rawValue)
      touches.append(0)
    }
    slots[symbol.rawValue] = Int32(truncatingIfNeeded: slot)
    touch(slot)
    return slot
  }

  private mutating func makeRoom(_ isOver: (Int) -> Bool) {
    for slot in symbols.indices where touches[slot] > 0 && isOver(slot) { release(slot) }
    if slots.count >= capacity {
      let oldest = symbols.indices.filter { touches[$0] > 0 }.sorted { touches[$0] < touches[$1] }
      for slot in oldest.prefix(max(1, capacity / 8)) {
        release(slot)
        evicted += 1
      }
    }
    nextSweep = max(EntitySlots.firstSweep, 2 * slots.count)
  }

  private mutating func release(_ slot: Int) {
    slots[symbols[slot]] = nil
    touches[slot] = 0
    free.append(Int32(truncatingIfNeeded: slot))
  }

  mutating func code(_ coder: inout StateCoder) {
    var known = symbols.map { Symbol(rawValue: $0) }
    coder.list(&known, upTo: Int(Int32.max), empty: .missing) { $0.symbol(&$1) }
    coder.list(&touches, upTo: known.count, empty: 0) { $0.word(&$1) }
    coder.list(&free, upTo: known.count, empty: 0) {
      $0.whole(&$1, in: 0...Int32(max(0, known.count - 1)))
    }
    coder.word(&clock)
    coder.whole(&nextSweep, in: 0...StateCoder.most)
    coder.whole(&evicted, in: 0...StateCoder.most)
    coder.require(touches.count == known.count, "an entity lacks its place")
    guard coder.isReading && coder.damage == nil else { return }
    symbols = known.map(\.rawValue)
    slots = [:]
    for (slot, touch) in touches.enumerated() where touch > 0 {
      slots[symbols[slot]] = Int32(truncatingIfNeeded: slot)
    }
  }
}
