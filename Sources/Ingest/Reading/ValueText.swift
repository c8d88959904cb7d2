import Primitives

/// Numbers and flags as files write them.
enum ValueText {
  /// NaN where it is missing or no number.
  static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Double {
    if bytes.isEmpty { return .nan }
    return DecimalNumber.parse(bytes) ?? DecimalNumber.parse(trimmed(bytes)) ?? .nan
  }

  /// Empty, or what table programs write for it.
  static func isMissingNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let text = trimmed(bytes)
    return text.isEmpty || MissingWord.matches(text)
  }

  /// 1 or 0; NaN where it is missing or neither.
  static func flag(_ bytes: UnsafeBufferPointer<UInt8>) -> Double {
    if bytes.count == 1 {
      switch bytes[0] | 0x20 {
      case 0x31 | 0x20, 0x74, 0x79: return 1
      case 0x30 | 0x20, 0x66, 0x6E: return 0
      default: return .nan
      }
    }
    if equalsWord(bytes, "true") || equalsWord(bytes, "yes") { return 1 }
    if equalsWord(bytes, "false") || equalsWord(bytes, "no") { return 0 }
    return .nan
  }
}

/// Without blanks and tabs at both ends.
func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
  var start = 0
  var end = bytes.count
  while start < end && (bytes[start] == 0x20 || bytes[start] == 0x09) { start += 1 }
  while end > start && (bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09) { end -= 1 }
  if end - start == bytes.count { return bytes }
  return UnsafeBufferPointer(rebasing: bytes[start..<end])
}

/// Whether bytes are a lower-case ASCII word, whatever their case.
func equalsWord(_ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
  if bytes.count != word.utf8CodeUnitCount { return false }
  for index in 0..<bytes.count where bytes[index] | 0x20 != word.utf8Start[index] { return false }
  return true
}

/// The words that table programs write for a number that is not there.
enum MissingWord {
  static func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if bytes.count > 4 || bytes.count < 2 { return false }
    return equalsWord(bytes, "na") || equalsWord(bytes, "nan") || equalsWord(bytes, "null")
      || equalsWord(bytes, "none")
  }
}
