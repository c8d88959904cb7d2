import Glibc
package import Primitives

/// A small CSV file row by row, each row by column name; for labels, lists and the like, not for the stream.
package struct CSVTable: Sendable {
  package struct Row: Sendable {
    /// From 1.
    package var line: Int
    package var fields: [String]
  }

  package var columns: [String]
  package var rows: [Row]

  /// Every row must have as many fields as the header; the first that has not is an error with its line.
  package static func read(_ path: String) throws(Failure) -> CSVTable {
    let records = RecordBuffer(try ByteSource(path: path), limit: 1 << 20)
    try records.skipByteOrderMark()
    let splitter = CSVFields()
    var table: CSVTable?
    while let frame = try records.nextRecord(delimiter: UInt8(ascii: ",")) {
      if frame.bytes.isEmpty && frame.problem == .none { continue }
      try check(frame, path)
      splitter.split(frame, delimiter: UInt8(ascii: ","))
      let fields = (0..<splitter.count).map { String(decoding: splitter[$0], as: UTF8.self) }
      if let width = table?.columns.count {
        if fields.count != width {
          throw Failure(
            .input,
            "\(path):\(frame.line): \(ColumnCount.words(fields.count, insteadOf: width))",
            advice: "each row needs as many as the header")
        }
        table?.rows.append(Row(line: frame.line, fields: fields))
      } else {
        table = CSVTable(columns: fields, rows: [])
      }
    }
    guard let table else {
      throw Failure(
        .input, "\(ByteSource.shown(path)) is empty",
        advice: "leave it out or check how it was made")
    }
    return table
  }

  private static func check(_ frame: Frame, _ path: String) throws(Failure) {
    let problem: String
    switch frame.problem {
    case .none:
      if UTF8Check.isValid(frame.bytes) { return }
      problem = "the record is not UTF-8"
    case .overlong: problem = "the record is longer than 1 MiB"
    case .unterminatedQuote: problem = "a quote is not closed"
    case .textAfterQuote: problem = "text follows a closing quote"
    }
    throw Failure(.input, "\(path):\(frame.line): \(problem)")
  }
}
