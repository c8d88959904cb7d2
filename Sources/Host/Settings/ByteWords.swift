/// Sizes as people write them: `2 GiB`, `500 MB`, `1048576`.
enum ByteWords {
  private static let units: [String: Double] = [
    "": 1, "b": 1, "bytes": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 0x1p10,
    "mib": 0x1p20, "gib": 0x1p30, "tib": 0x1p40,
  ]

  /// Missing where it is no size, or one beyond a petabyte.
  static func count(_ words: String) -> Int? {
    let number = words.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = words.dropFirst(number.count).drop { $0 == " " }.lowercased()
    guard let value = Double(number), let size = units[unit], value >= 0, value * size <= 1e15
    else { return nil }
    return Int(value * size)
  }
}
