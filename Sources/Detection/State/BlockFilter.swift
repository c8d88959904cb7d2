import Primitives

/// Says of a text that it is certainly not among the ids or values of a block, or that it may be.
///
/// A Bloom filter of 10 bits and 5 places a text: about one in a hundred that is not there is taken for one that may be.
package struct BlockFilter: Hashable, Sendable {
  private static let bitsEach = 10
  private static let places = 5

  /// What a text is in its block.
  package enum Role: UInt64, Sendable {
    case id = 1
    case value = 2
  }

  package private(set) var bytes: [UInt8]

  /// An empty one with room for so many texts.
  package init(room count: Int) {
    bytes = [UInt8](repeating: 0, count: max(8, (count * BlockFilter.bitsEach + 7) / 8))
  }

  /// One that was kept; empty bytes let everything through.
  package init(bytes: [UInt8]) { self.bytes = bytes }

  package mutating func add(_ text: UnsafeBufferPointer<UInt8>, as role: Role) {
    let hash = StableHash.quick(text, seed: role.rawValue)
    let count = UInt64(bytes.count) * 8
    bytes.withUnsafeMutableBufferPointer { bytes in
      for place in 0..<BlockFilter.places {
        let bit = BlockFilter.bit(hash, place, of: count)
        bytes[bit &>> 3] |= 1 &<< UInt8(truncatingIfNeeded: bit & 7)
      }
    }
  }

  package func mayHold(_ text: String, as role: Role) -> Bool {
    if bytes.isEmpty { return true }
    var text = text
    let hash = text.withUTF8 { StableHash.quick($0, seed: role.rawValue) }
    let count = UInt64(bytes.count) * 8
    return (0..<BlockFilter.places).allSatisfy { place in
      let bit = BlockFilter.bit(hash, place, of: count)
      return bytes[bit >> 3] & 1 << UInt8(bit & 7) != 0
    }
  }

  @inline(__always)
  private static func bit(_ hash: UInt64, _ place: Int, of count: UInt64) -> Int {
    let step = hash &>> 32 | 1
    let drawn = (hash &+ step &* UInt64(place)) & 0xFFFF_FFFF
    return Int((drawn &* count) &>> 32)
  }
}
