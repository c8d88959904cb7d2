import Detection
import Glibc
import Primitives

/// Turns the records of one source into rows of batches, whatever their format.
///
/// Bound to the schema of the batches that it fills. A record may be in the source's own format or an event line as
/// Moonwatch writes them.
final class RecordDecoder {
  let schema: Schema
  private let mapping: SourceMapping
  private let interner: Interner
  private let limit: Int
  private let native: RowAssembler
  private let canonical: RowAssembler
  private let plan: RowPlan
  private let nativeJSON: JSONLines
  private let canonicalJSON: JSONLines
  private let syslog: SyslogDecoder
  private let csv = CSVFields()

  /// - Parameter previous: the decoder of another schema that read the records before, whose knowledge of times goes on.
  init(
    mapping: SourceMapping, discovered: Discovery.Fields, batch: EventBatch, interner: Interner,
    limit: Int, previous: RecordDecoder?
  ) {
    schema = batch.schema
    self.mapping = mapping
    self.interner = interner
    self.limit = limit
    plan = RowPlan.native(
      mapping, discovered: discovered.native, batch.schema, interner)
    let canonicalPlan = RowPlan.canonical(
      mapping, discovered: discovered.canonical, batch.schema, interner)
    native = RowAssembler(
      mapping: mapping, plan: plan, isCanonical: false,
      times: previous?.native.times ?? TimeParser(mapping.timeFormat, zone: mapping.zone),
      batch: batch, interner: interner)
    canonical = RowAssembler(
      mapping: mapping, plan: canonicalPlan, isCanonical: true,
      times: previous?.canonical.times ?? TimeParser(.iso8601, zone: mapping.zone), batch: batch,
      interner: interner)
    nativeJSON = JSONLines(plan: plan)
    canonicalJSON = JSONLines(plan: canonicalPlan)
    syslog = SyslogDecoder(
      mapping: mapping, plan: plan, schema: batch.schema, interner: interner)
  }

  /// Goes on in another batch of the same schema.
  func bind(_ batch: EventBatch) {
    native.bind(batch)
    canonical.bind(batch)
  }

  /// Gives texts that wait their symbols, before the bytes of records move or a batch is handed over.
  func settle() {
    native.settle()
    canonical.settle()
  }

  /// Makes ready for the records of another file.
  func begin(_ input: OpenInput) {
    settle()
    if let header = input.header { input.layout = CSVLayout(header: header, plan: plan) }
  }

  /// Where times carry no year: the year and month of the last one.
  var clock: (year: Int, month: Int)? {
    get { native.times.clock }
    set { if let newValue { native.times.clock = newValue } }
  }

  func takeLabels() -> [Label] { native.takeLabels() + canonical.takeLabels() }

  var unreadable: Int { native.unreadable + canonical.unreadable }

  /// Adds the events of one record to the batch and tells how many it stands for: the first is there now, the others
  /// come from `again`. 0 where the record is known to be none.
  func decode(
    _ frame: Frame, _ input: OpenInput, _ position: RecordPosition
  ) throws(Rejection) -> Int {
    native.fileName = input.fileName
    do {
      try check(frame)
      let origin = EventOrigin(file: input.name, line: frame.line, byteOffset: frame.offset)
      if input.isCSV {
        try decodeCSV(frame, input.layout, position, origin)
        return 1
      }
      if input.isCanonical {
        try decodeJSON(frame, canonicalJSON, canonical, position, origin)
        return 1
      }
      if mapping.format == .jsonl {
        try decodeJSON(frame, nativeJSON, native, position, origin)
        return 1
      }
      return try decodeSyslog(frame, position, origin)
    } catch {
      (input.isCanonical ? canonical : native).discard()
      throw error
    }
  }

  /// One more event of a line that stands for several; the line has proved readable.
  func again(_ frame: Frame, _ input: OpenInput, _ position: RecordPosition) {
    native.fileName = input.fileName
    let origin = EventOrigin(file: input.name, line: frame.line, byteOffset: frame.offset)
    do {
      _ = try decodeSyslog(frame, position, origin)
    } catch {
      preconditionFailure("a line that was read once can be read again")
    }
  }

  private func check(_ frame: Frame) throws(Rejection) {
    switch frame.problem {
    case .none: break
    case .overlong:
      throw Rejection(
        reason: .tooLong, detail: "the record is longer than \(limit) bytes")
    case .unterminatedQuote:
      throw Rejection(reason: .badQuotes, detail: "a quote is not closed")
    case .textAfterQuote:
      throw Rejection(reason: .badQuotes, detail: "text follows a closing quote")
    }
    if frame.isPlain { return }
    if !UTF8Check.isValid(frame.bytes) {
      throw Rejection(reason: .invalidUTF8, detail: "the record is not UTF-8")
    }
    if let base = frame.bytes.baseAddress, memchr(base, 0, frame.bytes.count) != nil {
      throw Rejection(reason: .nulByte, detail: "the record holds a NUL byte")
    }
  }

  private func decodeCSV(
    _ frame: Frame, _ layout: CSVLayout, _ position: RecordPosition, _ origin: EventOrigin
  ) throws(Rejection) {
    csv.split(frame, delimiter: mapping.delimiter)
    if csv.count != layout.width {
      throw Rejection(
        reason: .columnCount,
        detail: ColumnCount.words(csv.count, insteadOf: layout.width))
    }
    native.begin(frame.bytes)
    for (field, action) in layout.columns { native.take(csv[field], action: action) }
    for (slot, fields) in layout.combined { combine(fields, slot: slot) }
    try native.finish(content: frame.bytes, position: position, origin: origin)
  }

  /// A text made of several fields of a CSV record, joined with `-`; missing without the first.
  private func combine(_ fields: [Int], slot: Int) {
    guard let first = fields.first, !csv[first].isEmpty else { return }
    var length = 0
    for field in fields { length += csv[field].count + 1 }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { space in
      var at = 0
      for field in fields where !csv[field].isEmpty {
        if at > 0 {
          space[at] = UInt8(ascii: "-")
          at += 1
        }
        for byte in csv[field] {
          space[at] = byte
          at += 1
        }
      }
      native.take(
        made: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(space)[..<at]), slot: slot)
    }
  }

  private func decodeJSON(
    _ frame: Frame, _ decoder: JSONLines, _ row: RowAssembler, _ position: RecordPosition,
    _ origin: EventOrigin
  ) throws(Rejection) {
    row.begin(frame.bytes)
    do {
      try decoder.decode(frame.bytes, into: row)
    } catch {
      throw Rejection(
        reason: .badJSON, detail: "not JSON at byte \(error.offset + 1): \(error.message)")
    }
    try row.finish(content: frame.bytes, position: position, origin: origin)
  }

  private func decodeSyslog(
    _ frame: Frame, _ position: RecordPosition, _ origin: EventOrigin
  ) throws(Rejection) -> Int {
    native.begin(frame.bytes)
    let copies = try syslog.decode(frame.bytes, into: native)
    if copies == 0 {
      native.discard()
      return 0
    }
    try native.finish(content: frame.bytes, position: position, origin: origin)
    return copies
  }
}
