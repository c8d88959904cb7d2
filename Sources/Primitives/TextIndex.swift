/// The index of an interner: from the bytes of a text to its number.
///
/// Open addressing, at most five eighths full. Texts of up to 16 bytes stand in their slot whole, so finding one of
/// them touches one place in memory; a longer one has its 64-bit hash there and is compared byte by byte by the caller.
/// Hashes fold 64 × 64 → 128-bit products with secrets drawn per process (the scheme of wyhash): hostile texts cannot
/// be made to collide.
struct TextIndex: ~Copyable {
  /// A text made ready for comparison: up to 16 bytes are `head` and `tail` whole, which may overlap.
  struct Key {
    var head: UInt64
    var tail: UInt64
    var length: UInt32
    var hash: UInt64

    var isWhole: Bool { length <= 16 }
  }

  struct Slot {
    var head: UInt64 = 0
    var tail: UInt64 = 0
    /// 0 where the slot is free.
    var number: UInt32 = 0
    var length: UInt32 = 0
  }

  private let secret = UInt64.random(in: .min ... .max)
  private let other = UInt64.random(in: .min ... .max)
  private(set) var slots: UnsafeMutablePointer<Slot>
  private(set) var mask: Int

  init() {
    mask = 1023
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: Slot(), count: mask + 1)
  }

  deinit { slots.deallocate() }

  var memoryBytes: Int { (mask + 1) * MemoryLayout<Slot>.stride }

  @inline(__always)
  func key(_ bytes: UnsafeBufferPointer<UInt8>) -> Key {
    let count = bytes.count
    let raw = UnsafeRawBufferPointer(bytes)
    if count > 16 { return long(raw) }
    let head: UInt64
    var tail: UInt64 = 0
    if count >= 8 {
      head = raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
      tail = raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      let first = raw.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
      let last = raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      head = UInt64(first) | UInt64(last) &<< 32
    } else if count > 0 {
      head =
        UInt64(raw[0]) | UInt64(raw[count &>> 1]) &<< 8 | UInt64(raw[count &- 1]) &<< 16
    } else {
      head = 0
    }
    return Key(
      head: head, tail: tail, length: UInt32(truncatingIfNeeded: count),
      hash: hash(head: head, tail: tail, length: UInt32(truncatingIfNeeded: count)))
  }

  @inline(__always)
  private func hash(head: UInt64, tail: UInt64, length: UInt32) -> UInt64 {
    TextIndex.folded(head ^ secret, tail ^ other ^ (UInt64(length) << 56))
  }

  private func long(_ raw: UnsafeRawBufferPointer) -> Key {
    func word(_ offset: Int) -> UInt64 {
      raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    var state = secret ^ UInt64(raw.count)
    var offset = 0
    while offset + 16 < raw.count {
      state = TextIndex.folded(word(offset) ^ other, word(offset + 8) ^ state)
      offset += 16
    }
    state = TextIndex.folded(word(raw.count - 16) ^ secret, word(raw.count - 8) ^ state)
    return Key(
      head: state, tail: word(raw.count - 8), length: UInt32(clamping: raw.count), hash: state)
  }

  @inline(__always)
  private static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// Brings the slot of a hash near; what it gives means nothing.
  @inline(__always)
  func touch(_ hash: UInt64) -> UInt32 {
    slots[Int(truncatingIfNeeded: hash) & mask].number
  }

  /// Writes into a free slot that a search ended at, and makes room where the index is too full.
  mutating func fill(_ slot: Int, _ key: Key, number: UInt32, count: Int) {
    slots[slot] = Slot(head: key.head, tail: key.tail, number: number, length: key.length)
    if count * 8 > mask * 5 { grow() }
  }

  private mutating func grow() {
    let old = slots
    let size = mask + 1
    mask = size * 2 - 1
    slots = .allocate(capacity: size * 2)
    slots.initialize(repeating: Slot(), count: size * 2)
    for place in 0..<size where old[place].number != 0 {
      let moved = old[place]
      let hash =
        moved.length > 16
        ? moved.head : hash(head: moved.head, tail: moved.tail, length: moved.length)
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot].number != 0 { slot = (slot + 1) & mask }
      slots[slot] = moved
    }
    old.deallocate()
  }
}
