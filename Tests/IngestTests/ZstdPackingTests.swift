import Ingest
import Primitives
import Testing

@Suite("Packing")
struct ZstdPackingTests {
  @Test("What is packed comes back, and a changed byte is noticed")
  func roundTrip() throws {
    let packer = try ZstdPacker()
    var random = SeededRandom(seed: 2)
    for size in [0, 1, 100, 100_000] {
      let bytes = (0..<size).map { _ in UInt8(random.below(7)) }
      let packed = try packer.pack(bytes)
      #expect(ZstdPacker.unpack(packed, limit: size) == bytes)
      if size > 0 { #expect(ZstdPacker.unpack(packed, limit: size - 1) == nil) }
      for _ in 0..<20 {
        var damaged = packed
        damaged[random.below(damaged.count)] ^= UInt8(1 + random.below(255))
        #expect(ZstdPacker.unpack(damaged, limit: 1 << 20) != bytes || size == 0)
      }
    }
    #expect(ZstdPacker.unpack([], limit: 10) == nil)
    #expect(ZstdPacker.unpack([1, 2, 3], limit: 10) == nil)
  }
}
