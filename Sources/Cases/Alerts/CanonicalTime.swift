import Primitives

extension Timestamp {
  /// The form that `description` writes: `2026-03-01T14:00:00Z`, with 0, 3 or 6 digits of fraction. Every instant is read
  /// back, also those whose year has more than four digits or a sign.
  init?(utc text: String) {
    let bytes = Array(text.utf8)
    // What stands after the year, counted from the end, is as long as its fraction says.
    let point = [5, 8].first { $0 <= bytes.count && bytes[bytes.count - $0] == UInt8(ascii: ".") }
    let start = bytes.count - (point.map { $0 - 1 } ?? 0) - "-03-01T14:00:00Z".utf8.count
    guard start >= 4, bytes.last == UInt8(ascii: "Z"),
      let year = Int(String(decoding: bytes[..<start], as: UTF8.self)),
      (-999_999...999_999).contains(year)
    else { return nil }
    func digits(_ range: Range<Int>) -> Int? {
      var n = 0
      for byte in bytes[range] {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        n = n * 10 + Int(byte - 0x30)
      }
      return n
    }
    func number(at offset: Int, after mark: String) -> Int? {
      let place = start + offset
      guard bytes[place] == mark.utf8.first else { return nil }
      return digits(place + 1..<place + 3)
    }
    guard let month = number(at: 0, after: "-"), let day = number(at: 3, after: "-"),
      let hour = number(at: 6, after: "T"), let minute = number(at: 9, after: ":"),
      let second = number(at: 12, after: ":"),
      (1...12).contains(month), day >= 1, day <= CivilTime.days(in: month, of: year),
      hour <= 23, minute <= 59, second <= 59
    else { return nil }
    var fraction = 0
    if let point {
      guard let read = digits(start + 16..<bytes.count - 1) else { return nil }
      fraction = point == 5 ? read * 1000 : read
    }
    // The day of the first instant begins before it: 128 bits hold that.
    let days = Int128(CivilTime.days(toYear: year, month: month, day: day))
    let seconds = days * 86_400 + Int128(hour * 3600 + minute * 60 + second)
    guard let whole = Int64(exactly: seconds * 1_000_000 + Int128(fraction)) else { return nil }
    self.init(microseconds: whole)
  }
}
