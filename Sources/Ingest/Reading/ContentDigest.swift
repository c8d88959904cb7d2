import Primitives

/// A 128-bit digest of a record, its position and its source, the same on every machine.
///
/// Eight bytes a step, folded by 64 × 64 → 128-bit multiplication, in two lanes with different constants. It names events;
/// it does not defend against chosen input.
struct ContentDigest {
  private let seed: UInt64

  init(source: String) { seed = StableHash.of(source.utf8) }

  /// Writes 32 hexadecimal digits.
  func write(
    _ position: RecordPosition, content: UnsafeBufferPointer<UInt8>,
    to space: UnsafeMutablePointer<UInt8>
  ) {
    let seed = seed ^ position.file
    var first = folded(seed ^ position.place, 0xA076_1D64_78BD_642F ^ position.copy)
    var second = folded(seed &+ position.place, 0xE703_7ED1_A0B4_28DB &+ position.copy)
    let raw = UnsafeRawBufferPointer(content)
    var offset = 0
    while offset + 8 <= raw.count {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      first = folded(first ^ word, 0x8EBC_6AF0_9C88_C6E3)
      second = folded(second &+ word, 0x5899_65CC_7537_4CC3)
      offset += 8
    }
    var tail = UInt64(raw.count - offset)
    while offset < raw.count {
      tail = tail << 8 | UInt64(raw[offset])
      offset += 1
    }
    first = folded(first ^ tail, 0x1D8E_4E27_C47D_124F ^ UInt64(raw.count))
    second = folded(second &+ tail, 0xEB44_ACCA_B455_D165 ^ UInt64(raw.count))
    writeHexadecimal(first ^ (second >> 32), space)
    writeHexadecimal(second ^ (first << 32), space + 16)
  }

  private func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = (a ^ 0x2D35_8DCC_AA6C_78A5).multipliedFullWidth(by: b | 1)
    return product.high ^ product.low
  }

  private func writeHexadecimal(_ word: UInt64, _ space: UnsafeMutablePointer<UInt8>) {
    for index in 0..<16 {
      let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * index)) & 15
      space[index] = digit + (digit < 10 ? 0x30 : 0x57)
    }
  }
}
