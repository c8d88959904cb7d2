import Primitives

/// The date that stood in the record before: most records of a source are of the same day.
struct DateMemory {
  private var head: UInt64 = 0
  private var tail: UInt16 = 0
  private var day: Int64?

  /// The first ten bytes, `2018-04-01`, as microseconds since the epoch; missing where there is no such day.
  @inline(__always)
  mutating func day(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    if bytes.count < 10 { return nil }
    let raw = UnsafeRawBufferPointer(bytes)
    let head = raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
    let tail = raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    if head == self.head && tail == self.tail { return day }
    return read(bytes, head, tail)
  }

  private mutating func read(
    _ bytes: UnsafeBufferPointer<UInt8>, _ head: UInt64, _ tail: UInt16
  ) -> Int64? {
    guard let year = ClockText.digits(bytes, 0, 4), bytes[4] == 0x2D,
      let month = ClockText.digits(bytes, 5, 2), bytes[7] == 0x2D,
      let day = ClockText.digits(bytes, 8, 2),
      let civil = CivilTime(year: year, month: month, day: day)
    else { return nil }
    self.head = head
    self.tail = tail
    self.day = civil.timestamp().microseconds
    return self.day
  }
}
