/// Whether bytes are well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates.
package enum UTF8Check {
  package static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let raw = UnsafeRawBufferPointer(bytes)
    let count = bytes.count
    var position = 0
    while position < count {
      while position + 8 <= count,
        raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        position += 8
      }
      if position == count { return true }
      let first = bytes[position]
      if first < 0x80 {
        position += 1
        continue
      }
      let length: Int
      var low: UInt8 = 0x80
      var high: UInt8 = 0xBF
      switch first {
      case 0xC2...0xDF: length = 2
      case 0xE0:
        length = 3
        low = 0xA0
      case 0xED:
        length = 3
        high = 0x9F
      case 0xE1...0xEF: length = 3
      case 0xF0:
        length = 4
        low = 0x90
      case 0xF1...0xF3: length = 4
      case 0xF4:
        length = 4
        high = 0x8F
      default: return false
      }
      if position + length > count { return false }
      if bytes[position + 1] < low || bytes[position + 1] > high { return false }
      for follower in 2..<max(2, length) where bytes[position + follower] & 0xC0 != 0x80 {
        return false
      }
      position += length
    }
    return true
  }

  /// How many bytes at the start are ASCII and not NUL: such bytes are UTF-8 and need no further look.
  package static func plainCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let raw = UnsafeRawBufferPointer(bytes)
    let ones: UInt64 = 0x0101_0101_0101_0101
    func word(_ offset: Int) -> UInt64 {
      raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    /// Has a top bit set where a byte is not ASCII or, with only ASCII before it, NUL.
    func marks(_ word: UInt64) -> UInt64 { word | (word &- ones) }
    var at = 0
    while at + 32 <= bytes.count {
      let found =
        marks(word(at)) | marks(word(at + 8)) | marks(word(at + 16)) | marks(word(at + 24))
      if found & (0x80 &* ones) != 0 { break }
      at += 32
    }
    while at < bytes.count, bytes[at] &- 1 < 0x7F { at += 1 }
    return at
  }
}
