/// Shell-like text patterns: `*` is any run of bytes, `?` one UTF-8 character; matched in linear space and at most
/// (pattern × text) time, without backtracking over more than the last star.
package enum Glob {
  /// - Parameter anyCase: whether a letter of ASCII matches its other case too, as in the names of Windows.
  package static func matches(_ pattern: String, _ text: String, anyCase: Bool = false) -> Bool {
    var pattern = pattern
    var text = text
    return pattern.withUTF8 { p in text.withUTF8 { t in matches(p, t, anyCase: anyCase) } }
  }

  /// The same over bytes, without allocation.
  package static func matches(
    _ p: UnsafeBufferPointer<UInt8>, _ t: UnsafeBufferPointer<UInt8>, anyCase: Bool = false
  ) -> Bool {
    var i = 0
    var j = 0
    var starPattern = -1
    var starText = 0
    while j < t.count {
      if i < p.count, p[i] == UInt8(ascii: "*") {
        starPattern = i + 1
        starText = j
        i += 1
      } else if i < p.count, p[i] == UInt8(ascii: "?") {
        i += 1
        j += 1
        while j < t.count, t[j] & 0xC0 == 0x80 { j += 1 }
      } else if i < p.count, p[i] == t[j] || anyCase && folded(p[i]) == folded(t[j]) {
        i += 1
        j += 1
      } else if starPattern >= 0 {
        starText += 1
        i = starPattern
        j = starText
      } else {
        return false
      }
    }
    while i < p.count, p[i] == UInt8(ascii: "*") { i += 1 }
    return i == p.count
  }

  private static func folded(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }
}
