import Primitives

/// Writes numbers and texts of a state, compactly: whole numbers in groups of 7 bits, the lowest first.
package struct StateWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func byte(_ value: UInt8) { bytes.append(value) }

  package mutating func count(_ value: Int) { word(UInt64(value)) }

  package mutating func word(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Small numbers of either sign take few bytes.
  package mutating func signed(_ value: Int64) {
    word(UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63))
  }

  /// All 64 bits, so that every number comes back as it was.
  package mutating func number(_ value: Double) { fixed(value.bitPattern) }

  package mutating func number(_ value: Float) {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func fixed(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func raw(_ text: UnsafeBufferPointer<UInt8>) {
    count(text.count)
    bytes.append(contentsOf: text)
  }

  package mutating func append(_ other: [UInt8]) {
    count(other.count)
    bytes.append(contentsOf: other)
  }
}

/// What is wrong with bytes that should be a state.
package struct StateDamage: Error {
  package var what: String

  package init(what: String) { self.what = what }
}

/// Reads what a `StateWriter` wrote; whatever the bytes are, it reads within them or throws.
package struct StateReader {
  private let bytes: ArraySlice<UInt8>
  private var place: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  package var left: Int { bytes.endIndex - place }

  private mutating func take(_ size: Int) throws(StateDamage) -> ArraySlice<UInt8> {
    guard size >= 0 && size <= left else { throw StateDamage(what: "it ends too early") }
    defer { place += size }
    return bytes[place..<(place + size)]
  }

  package mutating func byte() throws(StateDamage) -> UInt8 {
    guard place < bytes.endIndex else { throw StateDamage(what: "it ends too early") }
    defer { place += 1 }
    return bytes[place]
  }

  package mutating func word() throws(StateDamage) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      if shift == 63 && next > 1 { throw StateDamage(what: "a number is out of range") }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
    }
  }

  /// Goes over so many bytes.
  mutating func skip(_ size: Int) throws(StateDamage) {
    guard size >= 0 && size <= left else { throw StateDamage(what: "it ends too early") }
    place += size
  }

  /// Goes over so many whole numbers: each ends with its first byte below 128.
  mutating func skipWords(_ count: Int) throws(StateDamage) {
    var ends = 0
    while ends < count { if try byte() < 0x80 { ends += 1 } }
  }

  /// So many whole numbers at once, as `word` would give them one by one.
  mutating func words(_ count: Int) throws(StateDamage) -> [UInt64] {
    // Each takes a byte at least: a false count asks for no more memory than there are bytes.
    guard count <= left else { throw StateDamage(what: "it ends too early") }
    var words = [UInt64](repeating: 0, count: count)
    let (place, start) = (self.place, bytes.startIndex)
    let taken = bytes.withUnsafeBufferPointer { bytes -> Int? in
      var next = place - start
      for index in 0..<count {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
          if next >= bytes.count { return nil }
          let byte = bytes[next]
          next += 1
          if shift == 63 && byte > 1 { return -1 }
          value |= UInt64(byte & 0x7F) << shift
          if byte < 0x80 { break }
          shift += 7
        }
        words[index] = value
      }
      return next
    }
    guard let taken else { throw StateDamage(what: "it ends too early") }
    guard taken >= 0 else { throw StateDamage(what: "a number is out of range") }
    self.place = start + taken
    return words
  }

  package mutating func signed() throws(StateDamage) -> Int64 { StateReader.unfolded(try word()) }

  /// A number of either sign that was written as a whole one.
  static func unfolded(_ raw: UInt64) -> Int64 {
    Int64(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
  }

  /// A number of things that take at least `each` bytes apiece, so never more than the rest can hold.
  package mutating func count(each: Int = 1) throws(StateDamage) -> Int {
    let value = try word()
    guard let count = Int(exactly: value), count <= left / max(1, each) else {
      throw StateDamage(what: "it announces more than it holds")
    }
    return count
  }

  /// A whole number up to `most`.
  package mutating func size(upTo most: Int) throws(StateDamage) -> Int {
    let value = try word()
    guard let size = Int(exactly: value), size <= most else {
      throw StateDamage(what: "a number is out of range")
    }
    return size
  }

  package mutating func fixed() throws(StateDamage) -> UInt64 {
    var value: UInt64 = 0
    for (index, byte) in try take(8).enumerated() { value |= UInt64(byte) << UInt64(8 * index) }
    return value
  }

  package mutating func number() throws(StateDamage) -> Double { Double(bitPattern: try fixed()) }

  package mutating func float() throws(StateDamage) -> Float {
    var value: UInt32 = 0
    for (index, byte) in try take(4).enumerated() { value |= UInt32(byte) << UInt32(8 * index) }
    return Float(bitPattern: value)
  }

  package mutating func raw() throws(StateDamage) -> ArraySlice<UInt8> { try take(try count()) }
}

/// A 64-bit sum over bytes, eight at a time; any change of one of them changes it.
func stateChecksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.withUnsafeBytes { raw in
    var sum = 0x9E37_79B9_7F4A_7C15 ^ UInt64(raw.count)
    var offset = 0
    while offset + 8 <= raw.count {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      sum = (sum ^ word) &* 0x0000_0100_0000_01B3
      sum ^= sum >> 29
      offset += 8
    }
    while offset < raw.count {
      sum = (sum ^ UInt64(raw[offset])) &* 0x0000_0100_0000_01B3
      offset += 1
    }
    return StableHash.of(sum)
  }
}
