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
}
