import Detection
import Primitives

/// The first record of a CSV file, checked against what its source needs.
enum CSVHeader {
  /// The column names in order, spelt as the mapping spells them.
  ///
  /// A later file without a header, as `split` cuts them, goes on with the header before it.
  static func read(
    _ input: OpenInput, mapping: SourceMapping, previous: [String]?
  ) throws(Failure) -> [String] {
    let shown = input.path == "-" ? "standard input" : input.path
    if let previous, try !startsWithHeader(input, mapping, previous) { return previous }
    guard let frame = try input.records.nextRecord(delimiter: mapping.delimiter) else {
      throw Failure(.input, "\(ByteSource.shown(input.path)) is empty")
    }
    guard frame.problem == .none, UTF8Check.isValid(frame.bytes) else {
      throw Failure(
        .input, "\(shown):\(frame.line): the header cannot be read",
        advice: "the first line should name the columns")
    }
    let names = split(frame, mapping).map { settled($0, mapping) }
    try check(names, mapping, place: "\(shown):\(frame.line)")
    return names
  }

  /// Whether the next line names columns rather than holding values.
  private static func startsWithHeader(
    _ input: OpenInput, _ mapping: SourceMapping, _ previous: [String]
  ) throws(Failure) -> Bool {
    try input.records.lookAhead(lines: 1, bytes: 1 << 20)
    let line = input.records.unread.prefix { $0 != 0x0A && $0 != 0x0D }
    let frame = Frame(
      bytes: UnsafeBufferPointer(rebasing: line), line: 1, offset: 0,
      hasQuotes: line.contains(0x22))
    let names = split(frame, mapping)
    guard names.count == previous.count,
      let at = previous.firstIndex(where: { mapping.timeColumns.contains($0) })
    else { return true }
    var parser = TimeParser(mapping.timeFormat, zone: mapping.zone)
    var time = names[at]
    return time.withUTF8 { parser.parse(trimmed($0)) } == nil
  }

  private static func split(_ frame: Frame, _ mapping: SourceMapping) -> [String] {
    let fields = CSVFields()
    fields.split(frame, delimiter: mapping.delimiter)
    return (0..<fields.count).map { String(decoding: trimmed(fields[$0]), as: UTF8.self) }
  }

  /// Names that differ from the mapping's in case only are taken as the mapping's.
  private static func settled(_ name: String, _ mapping: SourceMapping) -> String {
    let known = names(of: mapping)
    if known.contains(name) { return name }
    return known.first { $0.lowercased() == name.lowercased() } ?? name
  }

  private static func names(of mapping: SourceMapping) -> [String] {
    var names = mapping.timeColumns + mapping.eventIDColumns + mapping.columns.map(\.name)
    if case .column(let columns, _, _) = mapping.kind { names += columns }
    if let truth = mapping.truth { names += truth.columns + truth.nameColumns }
    for combination in mapping.combinations { names += combination.columns }
    return names
  }

  private static func check(
    _ names: [String], _ mapping: SourceMapping, place: String
  ) throws(Failure) {
    let used = Set(self.names(of: mapping))
    var seen = Set<String>()
    for name in names where used.contains(name) && !seen.insert(name).inserted {
      throw Failure(.input, "\(place): column '\(name)' comes twice", advice: "keep one")
    }
    var needed: [[String]] = [mapping.timeColumns]
    if case .column(let columns, _, nil) = mapping.kind { needed.append(columns) }
    needed += mapping.columns.filter(\.isRequired).map { [$0.name] }
    for alternatives in needed where !alternatives.contains(where: seen.contains) {
      let name = alternatives[0]
      let near = nearestName(to: name, among: names.filter { !used.contains($0) })
      throw Failure(
        .input,
        "\(place): column '\(name)' of source '\(mapping.id)' is missing"
          + (near.map { ", did you mean '\($0)'?" } ?? ""))
    }
  }
}
