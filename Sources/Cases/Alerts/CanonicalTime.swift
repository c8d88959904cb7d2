import Primitives

extension Timestamp {
  /// The canonical form that `description` writes: `2026-03-01T14:00:00Z`, with 0, 3 or 6 digits of fraction.
  init?(utc text: String) {
    let bytes = Array(text.utf8)
    func digits(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var n = 0
      for byte in bytes[range] {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        n = n * 10 + Int(byte - 0x30)
      }
      return n
    }
    func marks(_ places: [(Int, String)]) -> Bool {
      places.allSatisfy { $0.0 < bytes.count && bytes[$0.0] == $0.1.utf8.first }
    }
    guard [20, 24, 27].contains(bytes.count), bytes.last == UInt8(ascii: "Z"),
      marks([(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]),
      bytes.count == 20 || marks([(19, ".")]),
      let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10),
      let hour = digits(11..<13), let minute = digits(14..<16), let second = digits(17..<19)
    else { return nil }
    var fraction = 0
    if bytes.count > 20 {
      guard let read = digits(20..<bytes.count - 1) else { return nil }
      fraction = bytes.count == 24 ? read * 1000 : read
    }
    guard
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second,
        microsecond: fraction)
    else { return nil }
    self = civil.timestamp()
  }
}
