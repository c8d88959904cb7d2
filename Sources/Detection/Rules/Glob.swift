/// Shell-like text patterns: `*` is any run of bytes, `?` one UTF-8 character; matched in linear space and at most
/// (pattern × text) time, without backtracking over more than the last star.
package enum Glob {
  package static func matches(_ pattern: String, _ text: String) -> Bool {
    let p = Array(pattern.utf8)
    let t = Array(text.utf8)
    var i = 0
    var j = 0
    var star: (pattern: Int, text: Int)?
    while j < t.count {
      if i < p.count, p[i] == UInt8(ascii: "*") {
        star = (i + 1, j)
        i += 1
      } else if i < p.count, p[i] == UInt8(ascii: "?") {
        i += 1
        j += 1
        while j < t.count, t[j] & 0xC0 == 0x80 { j += 1 }
      } else if i < p.count, p[i] == t[j] {
        i += 1
        j += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        i = last.pattern
        j = last.text + 1
      } else {
        return false
      }
    }
    while i < p.count, p[i] == UInt8(ascii: "*") { i += 1 }
    return i == p.count
  }
}
