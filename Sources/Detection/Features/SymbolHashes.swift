import Primitives

/// A hash of each text that is the same in every run, kept by symbol: what decides which partition owns an entity.
///
/// One for each shard, because it fills itself as symbols are met.
final class SymbolHashes {
  private let interner: Interner
  private var hashes: UnsafeMutablePointer<UInt32>
  private var size = 1024

  init(_ interner: Interner) {
    self.interner = interner
    hashes = .allocate(capacity: size)
    hashes.initialize(repeating: 0, count: size)
  }

  var bytes: Int { size * 4 }

  /// The partition of an entity: of a text, or of two texts together.
  @inline(__always)
  func partition(_ key: EntityKey) -> Int { Int((mixed(key) &* 0x9E37_79B1) >> 26) }

  /// A hash of an entity's name, which is not 0.
  @inline(__always)
  func mixed(_ key: EntityKey) -> UInt32 {
    let hash = self[key.symbol]
    return key.second == 0 ? hash : (hash &* 0x9E37_79B1) ^ self[key.second]
  }

  @inline(__always)
  private subscript(symbol: UInt32) -> UInt32 {
    if Int(symbol) < size {
      let known = hashes[Int(symbol)]
      if known != 0 { return known }
    }
    return computed(symbol)
  }

  /// A hash of a text with 64 mixed bits.
  func stable(_ symbol: UInt32) -> UInt64 { StableHash.of(UInt64(self[symbol])) }

  private func computed(_ symbol: UInt32) -> UInt32 {
    if Int(symbol) >= size {
      let larger = max(size * 2, Int(symbol) + 1)
      let moved = UnsafeMutablePointer<UInt32>.allocate(capacity: larger)
      moved.update(from: hashes, count: size)
      (moved + size).initialize(repeating: 0, count: larger - size)
      hashes.deallocate()
      hashes = moved
      size = larger
    }
    let hash = StableHash.of(interner.bytes(of: Symbol(rawValue: symbol)))
    hashes[Int(symbol)] = UInt32(truncatingIfNeeded: hash) | 1
    return hashes[Int(symbol)]
  }

  deinit { hashes.deallocate() }
}

/// What names an entity within a stage: the symbol of its text, or of both where two fields together are one entity.
struct EntityKey: Hashable {
  var symbol: UInt32
  /// 0 where one field is the entity.
  var second: UInt32 = 0

  @inline(__always)
  var isMissing: Bool { symbol == 0 }
  @inline(__always)
  var packed: UInt64 { UInt64(symbol) << 32 | UInt64(second) }
}
