package import Detection
import Glibc
package import Primitives

/// Reads files, or standard input as `-`, one after another as one stream of events.
///
/// Plain, gzip and zstd data are told apart by their first bytes. A record that cannot become an event goes to the
/// dead letters and the rest goes on. Positions count over all inputs, so a file cut into ten gives the same event ids.
package final class Reader: @unchecked Sendable {
  // Unchecked because one thread at a time owns a reader; it may be made on one and used on another.
  package struct Options: Sendable {
    /// Stop at the first record that cannot become an event.
    package var isStrict = false
    /// Longest record in bytes.
    package var recordLimit = 1 << 20
    /// How many records of JSON lines are looked at for fields that no mapping names.
    package var discoveryRecords = 1000
    /// How long a pipe may keep a batch waiting that holds an event already.
    package var waitMilliseconds: Int32 = 10

    package init() {}
  }

  package struct Statistics: Sendable, Equatable {
    /// Records seen: events, dead letters and ignored lines. A repeated syslog line is one record of many events.
    package var records: UInt64 = 0
    package var events: UInt64 = 0
    /// Lines that the source is known to hold and that are no events (syslog only).
    package var ignored: UInt64 = 0
    /// Optional numbers and flags that could not be read and count as missing.
    package var unreadableValues: UInt64 = 0
    package var deadLetters: [DeadLetter.Reason: UInt64] = [:]

    package init() {}

    package var deadLetterCount: UInt64 { deadLetters.values.reduce(0, +) }
  }

  package typealias Sink = (DeadLetter) throws(Failure) -> Void

  package let mapping: SourceMapping
  /// Every field that this reader can fill: the mapping's, then those found in the first records.
  package let fields: [(name: String, type: FieldType)]
  /// A schema of just these fields; a batch of a larger one may be filled too.
  package let schema: Schema
  package private(set) var statistics = Statistics()

  private let inputs: [String]
  private let options: Options
  private let interner: Interner
  private let sink: Sink?
  private let discovered: [Discovery.Found]
  private let discoveredCanonical: [Discovery.Found]
  private var opened: [Int: OpenInput] = [:]
  private var next = 0
  private var current: OpenInput?
  private var header: [String]?
  private var decoders: Decoders?
  private let csv = CSVFields()
  private var ordinal: UInt64 = 0
  private var repeated: (frame: Frame, done: UInt64, total: UInt64)?
  private var pending: Failure?
  private var labels: [Label] = []
  private var times: TimeParser
  private var canonicalTimes: TimeParser
  private var takenBytes: Int64 = 0
  private let totalBytes: Int64?

  /// What depends on the batch's schema.
  private final class Decoders {
    let schema: Schema
    let native: RowAssembler
    let canonical: RowAssembler
    let nativePlan: RowPlan
    let nativeJSON: JSONObjectDecoder
    let canonicalJSON: JSONObjectDecoder
    let syslog: SyslogDecoder

    init(
      schema: Schema, native: RowAssembler, canonical: RowAssembler, nativePlan: RowPlan,
      nativeJSON: JSONObjectDecoder, canonicalJSON: JSONObjectDecoder, syslog: SyslogDecoder
    ) {
      self.schema = schema
      self.native = native
      self.canonical = canonical
      self.nativePlan = nativePlan
      self.nativeJSON = nativeJSON
      self.canonicalJSON = canonicalJSON
      self.syslog = syslog
    }
  }

  /// Looks at every path and at the first records; fails where an input is not there, empty or no text.
  package init(
    inputs: [String], mapping: SourceMapping, interner: Interner, options: Options = Options(),
    deadLetters sink: Sink? = nil
  ) throws(Failure) {
    if inputs.isEmpty {
      throw Failure(.usage, "no input is named", advice: "name files, or - for standard input")
    }
    self.inputs = inputs
    self.mapping = mapping
    self.interner = interner
    self.options = options
    self.sink = sink
    times = TimeParser(mapping.timeFormat, zone: mapping.zone)
    canonicalTimes = TimeParser(.iso8601, zone: mapping.zone)
    totalBytes = try Reader.totalBytes(of: inputs)
    var native = Discovery(mapping: mapping, isCanonical: false)
    var canonical = Discovery(mapping: mapping, isCanonical: true)
    var opened: [Int: OpenInput] = [:]
    for (index, path) in inputs.enumerated() {
      let input = try OpenInput(path, mapping: mapping, limit: options.recordLimit)
      opened[index] = input
      if !mapping.discovers && !input.isCanonical { break }
      let wanted = options.discoveryRecords - native.lines - canonical.lines
      try input.records.lookAhead(lines: wanted, bytes: 16 << 20)
      for line in input.records.unread.split(separator: 0x0A).prefix(wanted) {
        let bytes = UnsafeBufferPointer(rebasing: line)
        if input.isCanonical { canonical.look(at: bytes) } else { native.look(at: bytes) }
      }
      if native.lines + canonical.lines >= options.discoveryRecords { break }
    }
    self.opened = opened
    discovered = native.settled()
    discoveredCanonical = canonical.settled()
    fields = Reader.united(mapping.fields, discovered + discoveredCanonical)
    schema = try Schema(fields)
  }

  /// A field found with two types keeps the mapping's or the first.
  private static func united(
    _ declared: [(name: String, type: FieldType)], _ found: [Discovery.Found]
  ) -> [(name: String, type: FieldType)] {
    var fields = declared
    var names = Set(declared.map(\.name))
    for one in found where names.insert(one.field).inserted { fields.append((one.field, one.type)) }
    return fields
  }

  private static func totalBytes(of inputs: [String]) throws(Failure) -> Int64? {
    var total: Int64? = 0
    for path in inputs where path != "-" {
      let source = try ByteSource(path: path)
      if let size = source.size, let sum = total { total = sum + size } else { total = nil }
    }
    return inputs.contains("-") ? nil : total
  }

  /// The share of the inputs' bytes that is read; missing where a pipe is among them.
  package var progress: Double? {
    guard let totalBytes, totalBytes > 0 else { return nil }
    return min(1, Double(takenBytes + (current?.records.source.taken ?? 0)) / Double(totalBytes))
  }

  /// What the ground truth says about the events read so far; each label comes out once.
  package func drainLabels() -> [Label] {
    defer { labels.removeAll() }
    return labels
  }

  /// Empties the batch and fills it; false at the end. A pipe's batch may be handed over before it is full.
  ///
  /// Fails where an input cannot be read any further; the events before that have been handed over by then.
  package func next(into batch: EventBatch) throws(Failure) -> Bool {
    if let failure = pending {
      pending = nil
      throw failure
    }
    batch.removeAll()
    batch.firstArrival = statistics.events
    bind(batch)
    do {
      while !batch.isFull, try step(batch) {}
    } catch {
      if batch.isEmpty {
        gatherLabels()
        throw error
      }
      pending = error
    }
    statistics.events += UInt64(batch.count)
    gatherLabels()
    return !batch.isEmpty
  }

  private func gatherLabels() {
    guard let decoders else { return }
    labels += decoders.native.takeLabels()
    labels += decoders.canonical.takeLabels()
    statistics.unreadableValues =
      UInt64(decoders.native.unreadable + decoders.canonical.unreadable)
  }

  private func bind(_ batch: EventBatch) {
    if let decoders, decoders.schema == batch.schema {
      decoders.native.batch = batch
      decoders.canonical.batch = batch
      return
    }
    if let decoders {
      times = decoders.native.times
      canonicalTimes = decoders.canonical.times
    }
    let plan = RowPlan.native(mapping, discovered: discovered, batch.schema, interner)
    let canonicalPlan = RowPlan.canonical(
      mapping, discovered: discoveredCanonical, batch.schema, interner)
    decoders = Decoders(
      schema: batch.schema,
      native: RowAssembler(
        mapping: mapping, plan: plan, isCanonical: false, times: times, batch: batch,
        interner: interner),
      canonical: RowAssembler(
        mapping: mapping, plan: canonicalPlan, isCanonical: true, times: canonicalTimes,
        batch: batch, interner: interner), nativePlan: plan,
      nativeJSON: JSONObjectDecoder(plan: plan),
      canonicalJSON: JSONObjectDecoder(plan: canonicalPlan),
      syslog: SyslogDecoder(
        mapping: mapping, plan: plan, schema: batch.schema, interner: interner))
    guard let current else { return }
    decoders?.native.fileName = interner.intern(current.stem)
    if mapping.format == .csv && !current.isCanonical, let header { bindColumns(header, current) }
  }

  // MARK: one record

  /// Reads one record; false where there is none now.
  private func step(_ batch: EventBatch) throws(Failure) -> Bool {
    if repeated != nil {
      try repeatLine()
      return true
    }
    guard let input = try currentInput() else { return false }
    let records = input.records
    if !batch.isEmpty && !records.isReady(withinMilliseconds: options.waitMilliseconds) {
      return false
    }
    let isCSV = mapping.format == .csv && !input.isCanonical
    guard
      let frame = isCSV
        ? try records.nextRecord(delimiter: mapping.delimiter) : try records.nextLine()
    else {
      takenBytes += records.source.taken
      current = nil
      return true
    }
    if frame.bytes.isEmpty && frame.problem == .none { return true }
    ordinal += 1
    statistics.records += 1
    do {
      try decode(frame, input)
    } catch {
      batch.discardRow()
      try bury(frame, input.path, error)
    }
    return true
  }

  private func decode(_ frame: Frame, _ input: OpenInput) throws(Rejection) {
    guard let decoders else { return }
    switch frame.problem {
    case .none: break
    case .overlong:
      throw Rejection(
        reason: .tooLong, detail: "the record is longer than \(options.recordLimit) bytes")
    case .unterminatedQuote:
      throw Rejection(reason: .badQuotes, detail: "a quote is not closed")
    case .textAfterQuote:
      throw Rejection(reason: .badQuotes, detail: "text follows a closing quote")
    }
    if !UTF8Check.isValid(frame.bytes) {
      throw Rejection(reason: .invalidUTF8, detail: "the record is not UTF-8")
    }
    if let base = frame.bytes.baseAddress, memchr(base, 0, frame.bytes.count) != nil {
      throw Rejection(reason: .nulByte, detail: "the record holds a NUL byte")
    }
    if input.isCanonical {
      try decodeJSON(frame, decoders.canonicalJSON, decoders.canonical)
      return
    }
    switch mapping.format {
    case .csv: try decodeCSV(frame, input, decoders.native)
    case .jsonl: try decodeJSON(frame, decoders.nativeJSON, decoders.native)
    case .syslog: try decodeSyslog(frame, decoders)
    }
  }

  private func decodeCSV(
    _ frame: Frame, _ input: OpenInput, _ row: RowAssembler
  ) throws(Rejection) {
    csv.split(frame, delimiter: mapping.delimiter)
    if csv.count != input.width {
      throw Rejection(
        reason: .columnCount, detail: "\(csv.count) columns instead of \(input.width)")
    }
    row.begin()
    for (field, action) in input.columns { row.take(csv[field], action: action) }
    for (slot, fields) in input.combined { row.combine(fields, of: csv, slot: slot) }
    try row.finish(content: frame.bytes, ordinal: ordinal, copy: 0)
  }

  private func decodeJSON(
    _ frame: Frame, _ decoder: JSONObjectDecoder, _ row: RowAssembler
  ) throws(Rejection) {
    row.begin()
    do {
      try decoder.decode(frame.bytes, into: row)
    } catch {
      throw Rejection(
        reason: .badJSON, detail: "not JSON at byte \(error.offset + 1): \(error.message)")
    }
    try row.finish(content: frame.bytes, ordinal: ordinal, copy: 0)
  }

  private func decodeSyslog(_ frame: Frame, _ decoders: Decoders) throws(Rejection) {
    decoders.native.begin()
    let copies = try decoders.syslog.decode(frame.bytes, into: decoders.native)
    if copies == 0 {
      decoders.native.batch.discardRow()
      statistics.ignored += 1
      return
    }
    try decoders.native.finish(content: frame.bytes, ordinal: ordinal, copy: 0)
    if copies > 1 { repeated = (frame, 1, UInt64(copies)) }
  }

  /// One more event of a line that stands for several; the line has proved readable.
  private func repeatLine() throws(Failure) {
    guard let (frame, done, total) = repeated, let decoders else { return }
    decoders.native.begin()
    do {
      _ = try decoders.syslog.decode(frame.bytes, into: decoders.native)
      try decoders.native.finish(content: frame.bytes, ordinal: ordinal, copy: done)
    } catch {
      preconditionFailure("a line that was read once can be read again")
    }
    repeated = done + 1 < total ? (frame, done + 1, total) : nil
  }

  private func bury(_ frame: Frame, _ path: String, _ rejection: Rejection) throws(Failure) {
    statistics.deadLetters[rejection.reason, default: 0] += 1
    if options.isStrict {
      throw Failure(
        .input, "\(path):\(frame.line): \(rejection.detail)",
        advice: "correct it, or leave --strict out to set such records aside")
    }
    try sink?(
      DeadLetter(
        file: path, line: frame.line, byteOffset: frame.offset, reason: rejection.reason,
        detail: rejection.detail, raw: Array(frame.bytes)))
  }

  // MARK: inputs

  private func currentInput() throws(Failure) -> OpenInput? {
    if let current { return current }
    guard next < inputs.count else { return nil }
    let index = next
    next += 1
    let input: OpenInput
    if let known = opened.removeValue(forKey: index) {
      input = known
    } else {
      input = try OpenInput(inputs[index], mapping: mapping, limit: options.recordLimit)
    }
    if mapping.format == .csv && !input.isCanonical { try readHeader(input) }
    decoders?.native.fileName = interner.intern(input.stem)
    current = input
    return input
  }

  private func readHeader(_ input: OpenInput) throws(Failure) {
    let names = try CSVHeader.read(input, mapping: mapping, previous: header)
    header = names
    bindColumns(names, input)
  }

  private func bindColumns(_ names: [String], _ input: OpenInput) {
    guard let plan = decoders?.nativePlan else { return }
    input.width = names.count
    input.columns = []
    for (field, name) in names.enumerated() {
      guard let place = plan.names.firstIndex(of: name) else { continue }
      for action in plan.ranges[place] { input.columns.append((field, action)) }
    }
    input.combined = plan.combinations.filter { names.contains($0.columns[0]) }.map { combination in
      (combination.slot, combination.columns.compactMap { names.firstIndex(of: $0) })
    }
  }
}
