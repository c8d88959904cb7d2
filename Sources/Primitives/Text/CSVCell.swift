/// A cell of a CSV file that programs read back: in quotes by RFC 4180 where it needs them, otherwise as it is.
package enum CSVCell {
  package static func append(_ bytes: some Collection<UInt8>, to line: inout [UInt8]) {
    let needsQuotes = bytes.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    if !needsQuotes {
      line.append(contentsOf: bytes)
      return
    }
    line.append(0x22)
    for byte in bytes {
      if byte == 0x22 { line.append(0x22) }
      line.append(byte)
    }
    line.append(0x22)
  }

  /// Cells with commas between them and a line feed at the end.
  package static func line(_ cells: some Sequence<String>) -> String {
    var bytes: [UInt8] = []
    for (place, cell) in cells.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      append(cell.utf8, to: &bytes)
    }
    bytes.append(0x0A)
    return String(decoding: bytes, as: UTF8.self)
  }
}
