/// A 64-bit hash that is the same in every run and on every machine. Not for defence against chosen input.
///
/// FNV-1a over the bytes with the finaliser of SplitMix64.
package enum StableHash {
  package static func of(_ bytes: some Sequence<UInt8>, seed: UInt64 = 0) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ mixed(seed)
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return mixed(hash)
  }

  package static func of(_ words: UInt64...) -> UInt64 {
    words.reduce(0x9E37_79B9_7F4A_7C15) { mixed($0 ^ mixed($1 &+ 0x9E37_79B9_7F4A_7C15)) }
  }

  /// As `of`, eight bytes at a time; another function, for tables that are kept.
  @inline(__always)
  package static func quick(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt64 {
    let raw = UnsafeRawBufferPointer(bytes)
    var hash = mixed(seed ^ UInt64(truncatingIfNeeded: raw.count))
    var offset = 0
    while offset &+ 8 <= raw.count {
      let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      hash = folded(hash ^ UInt64(littleEndian: word))
      offset &+= 8
    }
    var rest: UInt64 = 0
    while offset < raw.count {
      rest = rest &<< 8 | UInt64(raw[offset])
      offset &+= 1
    }
    return mixed(hash ^ rest)
  }

  @inline(__always)
  private static func folded(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }
}
