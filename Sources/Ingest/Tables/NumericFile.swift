package import Primitives

/// The columns of a CSV file, plain or compressed, row after row; an empty cell is NaN.
///
/// A column that holds a text in its first 1,000 rows is one of categories, as is one that is said to be: its cells are
/// places in the list of its distinct texts. A text further down in a numeric column is an error with its line. In what
/// cannot be read twice, as a pipe, columns are numeric unless said otherwise. `nan`, `NA`, `null` and `none` count as
/// empty; `true` and `false` are texts.
package struct NumericFile: Sendable {
  package private(set) var names: [String]
  package private(set) var rows: Int
  /// Row-major, `rows × names.count`, as the nearest 32-bit floats.
  package private(set) var values: [Float]
  /// By column, its distinct texts in the order in which they first come; empty for a column of numbers.
  package private(set) var categories: [[String]]

  /// Columns of categories that nobody named: those with texts among their first rows.
  package let texts: [String]

  private static let sampleRows = 1000
  /// Bytes of a category.
  private static let longest = 1000

  /// - Parameters:
  ///   - categorical: columns whose numbers are names.
  ///   - without: columns that are not read.
  ///   - wanted: the columns of texts that are read, where not all are.
  package static func read(
    _ path: String, categorical: Set<String> = [], without: Set<String> = [],
    wanted: Set<String>? = nil
  ) throws(Failure) -> NumericFile {
    let records = RecordBuffer(try ByteSource(path: path), limit: 1 << 22)
    try records.skipByteOrderMark()
    let fields = CSVFields()
    guard let header = try record(records, fields, path) else {
      throw Failure(
        .input, "\(ByteSource.shown(path)) is empty",
        advice: "leave it out or check how it was made")
    }
    let names = (0..<fields.count).map { String(decoding: trimmed(fields[$0]), as: UTF8.self) }
    var seen = Set<String>()
    for name in names where !seen.insert(name).inserted {
      throw Failure(
        .input, "\(path):\(header.line): column '\(name)' comes twice", advice: "rename one")
    }
    let isNumber =
      path != "-" && records.source.isRegular
      ? try sample(path, width: names.count) : [Bool](repeating: true, count: names.count)
    for (said, name) in [("categories", categorical), ("left out", without)].flatMap({ pair in
      pair.1.sorted().map { (pair.0, $0) }
    }) where !names.contains(name) {
      let near = nearestName(to: name, among: names)
      throw Failure(
        .usage, "\(path): there is no column '\(name)' to be \(said)",
        advice: near.map { "did you mean '\($0)'?" } ?? "leave it out")
    }
    let kept = names.indices.filter {
      !without.contains(names[$0]) && (isNumber[$0] || wanted?.contains(names[$0]) ?? true)
    }
    if kept.isEmpty {
      throw Failure(.input, "\(ByteSource.shown(path)) has no column to read")
    }
    var words = kept.map { column in
      isNumber[column] && !categorical.contains(names[column]) ? nil : TextCodes()
    }
    var values: [Float] = []
    var rows = 0
    while let frame = try record(records, fields, path) {
      if fields.count != names.count {
        throw Failure(
          .input,
          "\(path):\(frame.line): \(ColumnCount.words(fields.count, insteadOf: names.count))",
          advice: "each row needs as many as the header")
      }
      for (place, column) in kept.enumerated() {
        do throws(Refusal) {
          if words[place] == nil {
            values.append(try number(orRefuse: fields[column]))
          } else if let code = try words[place]?.code(of: fields[column]) {
            values.append(code)
          }
        } catch {
          throw Failure(
            .input, "\(path):\(frame.line): column '\(names[column])' \(error.what)",
            advice: error.advice)
        }
      }
      rows += 1
    }
    return NumericFile(
      names: kept.map { names[$0] }, rows: rows, values: values,
      categories: words.map { $0?.texts ?? [] },
      texts: kept.filter { !isNumber[$0] && !categorical.contains(names[$0]) }.map { names[$0] })
  }

  /// Why a cell cannot be taken.
  private struct Refusal: Error {
    var what: String
    var advice: String
  }

  private static func number(
    orRefuse cell: UnsafeBufferPointer<UInt8>
  ) throws(Refusal) -> Float {
    if let value = number(cell) { return value }
    let text = String(decoding: cell.prefix(40), as: UTF8.self)
    throw Refusal(
      what: "holds '\(text)', not a number", advice: "leave it empty where a number is missing")
  }

  /// Texts by the order in which they first come.
  private struct TextCodes {
    private(set) var texts: [String] = []
    private var places: [String: Float] = [:]

    /// NaN where the cell is empty.
    ///
    /// Refused where it is too long or no UTF-8, which a model could not name, or where there are more texts than a
    /// number can tell apart.
    mutating func code(of cell: UnsafeBufferPointer<UInt8>) throws(Refusal) -> Float {
      let bytes = trimmed(cell)
      if bytes.isEmpty || MissingWord.matches(bytes) { return .nan }
      guard UTF8Check.isValid(bytes) else {
        throw Refusal(what: "is not UTF-8", advice: "convert the file, or leave the column out")
      }
      guard bytes.count <= NumericFile.longest else {
        throw Refusal(
          what: "has a text of \(bytes.count) bytes; a category has at most \(NumericFile.longest)",
          advice: "leave the column out")
      }
      let text = String(decoding: bytes, as: UTF8.self)
      if let known = places[text] { return known }
      guard texts.count < 1 << 24 else {
        throw Refusal(
          what: "has more than \(1 << 24) different texts", advice: "leave the column out")
      }
      let place = Float(texts.count)
      places[text] = place
      texts.append(text)
      return place
    }
  }

  /// Which columns of the first rows hold nothing but numbers.
  private static func sample(_ path: String, width: Int) throws(Failure) -> [Bool] {
    let records = RecordBuffer(try ByteSource(path: path), limit: 1 << 22)
    try records.skipByteOrderMark()
    let fields = CSVFields()
    var isNumber = [Bool](repeating: true, count: width)
    _ = try record(records, fields, path)
    for _ in 0..<sampleRows {
      guard try record(records, fields, path) != nil else { break }
      for column in 0..<min(width, fields.count) where number(fields[column]) == nil {
        isNumber[column] = false
      }
    }
    return isNumber
  }

  private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Float? {
    if bytes.isEmpty { return .nan }
    if let value = DecimalNumber.parse(bytes) { return Float(value) }
    let text = trimmed(bytes)
    if text.isEmpty || MissingWord.matches(text) { return .nan }
    return DecimalNumber.parse(text).map { Float($0) }
  }

  /// Splits the next record that is not blank.
  private static func record(
    _ records: RecordBuffer, _ fields: CSVFields, _ path: String
  ) throws(Failure) -> Frame? {
    while let frame = try records.nextRecord(delimiter: UInt8(ascii: ",")) {
      switch frame.problem {
      case .none: break
      case .overlong:
        throw Failure(.input, "\(path):\(frame.line): the record is longer than 4 MiB")
      case .unterminatedQuote:
        throw Failure(.input, "\(path):\(frame.line): a quote is not closed")
      case .textAfterQuote:
        throw Failure(.input, "\(path):\(frame.line): text follows a closing quote")
      }
      if frame.bytes.isEmpty { continue }
      fields.split(frame, delimiter: UInt8(ascii: ","))
      return frame
    }
    return nil
  }
}
