/// Bytes of one column on their way into a block: appended without a check for each, after room was asked for once.
struct ByteColumn: ~Copyable {
  /// The most that one whole number takes in groups of 7 bits.
  static let widest = 10

  private var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    self.capacity = max(64, capacity)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  mutating func reserve(_ more: Int) {
    if count + more <= capacity { return }
    capacity = max(count + more, capacity * 2)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
  }

  /// Back to an earlier length.
  mutating func cut(to length: Int) { count = length }

  @inline(__always)
  mutating func byte(_ value: UInt8) {
    base[count] = value
    count &+= 1
  }

  /// Takes up to `widest` bytes of the room.
  @inline(__always)
  mutating func word(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      byte(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    byte(UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  mutating func signed(_ value: Int64) { word(ByteColumn.folded(value)) }

  /// Small numbers of either sign become small ones.
  @inline(__always)
  static func folded(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: value &<< 1) ^ UInt64(bitPattern: value &>> 63)
  }

  static func unfolded(_ word: UInt64) -> Int64 {
    Int64(bitPattern: (word &>> 1) ^ (0 &- (word & 1)))
  }

  @inline(__always)
  mutating func fixed(_ value: UInt64) {
    var rest = value
    for _ in 0..<8 {
      byte(UInt8(truncatingIfNeeded: rest))
      rest &>>= 8
    }
  }

  @inline(__always)
  mutating func raw(_ text: UnsafeBufferPointer<UInt8>, from start: Int = 0) {
    guard let source = text.baseAddress, text.count > start else { return }
    (base + count).update(from: source + start, count: text.count &- start)
    count &+= text.count &- start
  }
}
