import Glibc
import Primitives

/// One opened input of a run: its records, and whether they are the source's own or Moonwatch's event lines.
final class OpenInput {
  let path: String
  let records: RecordBuffer
  /// Its records are event lines as `EventWriter` writes them.
  let isCanonical: Bool
  /// Its records are CSV with a header.
  let isCSV: Bool
  /// Names the file in the ids of its events where their place in it does; missing where records are counted.
  var salt: UInt64?
  /// Events of the next record that a run before this one handed over.
  var copiesToSkip: UInt64 = 0
  /// CSV: the names of its columns.
  var header: [String]?
  /// CSV: what becomes of the fields of a record.
  var layout = CSVLayout()
  /// The path as a text of the run, for the origin of events.
  let name: Symbol
  /// The file's name as a text of the run, for the mapping's file field.
  let fileName: Symbol

  /// Opens and looks at the first bytes; refuses what is empty or no text.
  init(
    _ path: String, mapping: SourceMapping, limit: Int, interner: Interner,
    isGrowing: Bool = false
  ) throws(Failure) {
    self.path = path
    name = interner.intern(path)
    fileName = interner.intern(OpenInput.stem(path))
    records = RecordBuffer(try ByteSource(path: path, isGrowing: isGrowing), limit: limit)
    records.isGrowing = isGrowing
    try records.lookAhead(lines: 1, bytes: 1 << 16)
    let shown = ByteSource.shown(path)
    let start = records.unread
    guard let first = start.baseAddress, !start.isEmpty else {
      throw Failure(.input, "\(shown) is empty", advice: "leave it out or check how it was made")
    }
    if memchr(first, 0, min(start.count, 1 << 16)) != nil {
      throw Failure(
        .input, "\(shown) does not look like \(mapping.format.rawValue): it holds NUL bytes",
        advice: "text should be UTF-8, plain, .gz or .zst")
    }
    try records.skipByteOrderMark()
    isCanonical = try OpenInput.holdsEvents(records.unread, shown, mapping)
    isCSV = mapping.format == .csv && !isCanonical
  }

  /// Whether something of a file that is gone waits to be read.
  var holdsRest: Bool {
    !records.isGrowing || !records.unread.isEmpty || records.source.hasMore
  }

  /// Whether the first record is an event line; one of another source is refused.
  private static func holdsEvents(
    _ bytes: UnsafeBufferPointer<UInt8>, _ shown: String, _ mapping: SourceMapping
  ) throws(Failure) -> Bool {
    if mapping.discovers { return false }
    let line = UnsafeBufferPointer(rebasing: bytes.prefix { $0 != 0x0A })
    // What is no event line is read as the mapping says.
    guard line.first == UInt8(ascii: "{"), let value = try? JSONValue.parse(line),
      let source = value["source"]?.text, value["time"]?.text != nil, value["id"]?.text != nil,
      value["kind"]?.text != nil
    else { return false }
    if source == mapping.id { return true }
    if mapping.format == .jsonl { return false }
    throw Failure(
      .input, "\(shown) holds events of source '\(source)', not '\(mapping.id)'",
      advice: "use --source \(source), or --source generic-jsonl for a mix")
  }

  /// The file's name without folders and without the endings of compression and format.
  private static func stem(_ path: String) -> String {
    if path == "-" { return "stdin" }
    var name = Substring(path)
    if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
    for ending in [".gz", ".zst", ".csv", ".jsonl", ".json", ".log", ".txt"] {
      if name.hasSuffix(ending) && name.count > ending.count { name = name.dropLast(ending.count) }
    }
    return String(name)
  }
}
