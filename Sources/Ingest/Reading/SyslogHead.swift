/// Where the parts of a syslog line stand.
struct SyslogHead {
  var time: Range<Int>
  var host: Range<Int>
  var program: Range<Int>
  var pid: Range<Int>
  var message: Range<Int>

  init?(_ line: UnsafeBufferPointer<UInt8>) {
    var at = 0
    if line.first == UInt8(ascii: "<") {
      guard let close = line.prefix(6).firstIndex(of: UInt8(ascii: ">")) else { return nil }
      at = close + 1
    }
    func wordEnd(_ start: Int) -> Int {
      var end = start
      while end < line.count && line[end] != 0x20 { end += 1 }
      return end
    }
    let start = at
    if at < line.count && line[at] &- 0x30 < 10 {
      at = wordEnd(at)
    } else {
      at += 15
    }
    guard at < line.count, line[at] == 0x20 else { return nil }
    time = start..<at
    let hostEnd = wordEnd(at + 1)
    host = (at + 1)..<hostEnd
    guard hostEnd < line.count else { return nil }
    let tagEnd = wordEnd(hostEnd + 1)
    guard tagEnd > hostEnd + 1, line[tagEnd - 1] == UInt8(ascii: ":") else { return nil }
    var programEnd = tagEnd - 1
    pid = programEnd..<programEnd
    if line[programEnd - 1] == UInt8(ascii: "]"),
      let open = line[(hostEnd + 1)..<programEnd].firstIndex(of: UInt8(ascii: "["))
    {
      pid = (open + 1)..<(programEnd - 1)
      programEnd = open
    }
    program = (hostEnd + 1)..<programEnd
    message = min(tagEnd + 1, line.count)..<line.count
  }
}
