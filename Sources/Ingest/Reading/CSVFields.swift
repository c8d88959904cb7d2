import Glibc

/// Cuts a CSV record (RFC 4180) into its fields; quoted ones come without their quotes, doubled quotes as one.
///
/// A quote inside a field that does not start with one is an ordinary byte.
final class CSVFields {
  private(set) var count = 0
  private var fields: UnsafeMutablePointer<UnsafeBufferPointer<UInt8>>
  private var capacity = 64
  private var space: UnsafeMutablePointer<UInt8>
  private var spaceCapacity = 1 << 10

  init() {
    fields = .allocate(capacity: capacity)
    space = .allocate(capacity: spaceCapacity)
  }

  deinit {
    fields.deallocate()
    space.deallocate()
  }

  /// Valid until the next `split` and as long as the record.
  subscript(index: Int) -> UnsafeBufferPointer<UInt8> { fields[index] }

  func split(_ frame: Frame, delimiter: UInt8) {
    count = 0
    if frame.hasQuotes {
      splitQuoted(frame.bytes, delimiter)
    } else {
      splitPlain(frame.bytes, delimiter)
    }
  }

  @inline(__always)
  private func append(_ field: UnsafeBufferPointer<UInt8>) {
    if count == capacity { grow() }
    fields[count] = field
    count &+= 1
  }

  private func grow() {
    let larger = UnsafeMutablePointer<UnsafeBufferPointer<UInt8>>.allocate(
      capacity: capacity * 2)
    larger.update(from: fields, count: count)
    fields.deallocate()
    fields = larger
    capacity *= 2
  }

  private func splitPlain(_ bytes: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8) {
    guard let base = bytes.baseAddress else {
      append(bytes)
      return
    }
    // Eight bytes a step: of a byte that is the delimiter, and of no other, the top bit comes out set.
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let pattern = UInt64(delimiter) &* 0x0101_0101_0101_0101
    let raw = UnsafeRawPointer(base)
    let length = bytes.count
    var start = 0
    var at = 0
    while at &+ 8 <= length {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      let rest = word ^ pattern
      var found = ~(((rest & low) &+ low) | rest | low)
      while found != 0 {
        let end = at &+ found.trailingZeroBitCount &>> 3
        append(UnsafeBufferPointer(start: base + start, count: end &- start))
        start = end &+ 1
        found &= found &- 1
      }
      at &+= 8
    }
    while at < length {
      if base[at] == delimiter {
        append(UnsafeBufferPointer(start: base + start, count: at &- start))
        start = at &+ 1
      }
      at &+= 1
    }
    append(UnsafeBufferPointer(start: base + start, count: length &- start))
  }

  private func splitQuoted(_ bytes: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8) {
    if spaceCapacity < bytes.count {
      space.deallocate()
      spaceCapacity = bytes.count * 2
      space = .allocate(capacity: spaceCapacity)
    }
    var written = 0
    var at = 0
    while true {
      if at < bytes.count && bytes[at] == 0x22 {
        let start = written
        at += 1
        while at < bytes.count {
          if bytes[at] == 0x22 {
            if at + 1 < bytes.count && bytes[at + 1] == 0x22 { at += 1 } else { break }
          }
          space[written] = bytes[at]
          written += 1
          at += 1
        }
        append(UnsafeBufferPointer(start: space + start, count: written - start))
        at += 1
        while at < bytes.count && bytes[at] != delimiter { at += 1 }
      } else {
        let start = at
        while at < bytes.count && bytes[at] != delimiter { at += 1 }
        append(UnsafeBufferPointer(rebasing: bytes[start..<at]))
      }
      if at >= bytes.count { return }
      at += 1
    }
  }
}
