/// Column names written as a range: `V1..V28`, `id_01..id_38` (leading zeros are kept).
enum ColumnRange {
  private static let limit = 10_000

  /// The names in order; missing where the text is no range, and then it is one name.
  static func expand(_ text: String) -> [String]? {
    guard let dots = text.firstRange(of: "..") else { return nil }
    guard let first = split(text[..<dots.lowerBound]),
      let last = split(text[dots.upperBound...]), first.stem == last.stem,
      first.number <= last.number, last.number - first.number < limit
    else { return nil }
    let width = first.digits.hasPrefix("0") ? first.digits.count : 1
    return (first.number...last.number).map { number in
      let digits = String(number)
      return first.stem + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
  }

  private static func split(
    _ name: Substring
  ) -> (stem: String, digits: String, number: Int)? {
    let digits = String(name.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
    guard let number = Int(digits) else { return nil }
    return (String(name.dropLast(digits.count)), digits, number)
  }
}

/// The field name that a raw column gets by itself: lower snake case, `sourceIPAddress` → `source_ip_address`.
func snakeCase(_ name: String) -> String {
  let bytes = Array(name.utf8)
  func isUpper(_ index: Int) -> Bool {
    bytes.indices.contains(index) && (65...90).contains(bytes[index])
  }
  func isLower(_ index: Int) -> Bool {
    bytes.indices.contains(index) && (97...122).contains(bytes[index])
  }
  func isDigit(_ index: Int) -> Bool {
    bytes.indices.contains(index) && (48...57).contains(bytes[index])
  }
  var result: [UInt8] = []
  for (index, byte) in bytes.enumerated() {
    guard isUpper(index) || isLower(index) || isDigit(index) else {
      if !result.isEmpty && result.last != 0x5F { result.append(0x5F) }
      continue
    }
    if isUpper(index) {
      let startsWord = isLower(index - 1) || (isUpper(index - 1) && isLower(index + 1))
      if startsWord && result.last != 0x5F { result.append(0x5F) }
      result.append(byte + 32)
    } else {
      result.append(byte)
    }
  }
  while result.last == 0x5F { result.removeLast() }
  let text = String(decoding: result, as: UTF8.self)
  if text.isEmpty { return "field" }
  return (48...57).contains(result[0]) ? "f_" + text : text
}
