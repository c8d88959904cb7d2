/// Whether lines of Lua that were read so far leave a bracket open, found by looking at signs only: where it cannot tell,
/// because of a long text or comment, it says no, and the compiler decides.
struct OpenBrackets {
  private var depth = 0
  private var isUnsure = false

  var areOpen: Bool { depth > 0 && !isUnsure }

  mutating func take(_ line: String) {
    if line.contains("[[") || line.contains("[=") || line.contains("]]") { isUnsure = true }
    var quote: UInt8?
    var bytes = line.utf8.makeIterator()
    var last: UInt8 = 0
    while let byte = bytes.next() {
      if let open = quote {
        if byte == UInt8(ascii: "\\") { _ = bytes.next() }
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
      case UInt8(ascii: "("), UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "-") where last == byte: return
      default: break
      }
      last = byte
    }
  }
}
