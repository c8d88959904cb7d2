import Detection
import Ingest
import Primitives
import Synchronization

/// The events of a job: files or standard input, read on a thread of their own, with what could not be read put aside.
final class EventInput {
  let schema: Schema
  let interner: Interner
  private let reader: Reader
  private let letters: DeadLetters
  private let duplicates: DuplicateFilter
  private let meter: SourceMeter
  private let strict: Bool
  /// The share of the input that is read, as bits; written by the reading thread.
  private let share = ReadShare()

  /// - Throws: `Failure(.input)` where an input is missing, empty or not what its source says.
  init(
    _ inputs: [String], mapping: SourceMapping, settings: Settings, strict: Bool
  ) throws(Failure) {
    let interner = Interner()
    self.interner = interner
    self.strict = strict
    var options = Reader.Options()
    options.isStrict = strict
    let letters = DeadLetters(folder: settings.dataDirectory)
    self.letters = letters
    reader = try Reader(
      inputs: inputs, mapping: mapping, interner: interner, options: options,
      deadLetters: { (letter) throws(Failure) in try letters.add(letter) })
    schema = reader.schema
    duplicates = DuplicateFilter()
    meter = SourceMeter(interner: interner)
  }

  /// Starts reading; `renew` as in `BatchPump`.
  func pump(renew: (@Sendable () -> BoundGeneration?)? = nil) -> BatchPump {
    let reader = reader
    let duplicates = duplicates
    let meter = meter
    let share = share
    return BatchPump(schema: schema, renew: renew) { (batch) throws(Failure) in
      while try reader.next(into: batch) {
        share.value = reader.progress
        duplicates.clean(batch)
        meter.observe(batch)
        if !batch.isEmpty { return reader.drainLabels() }
      }
      return nil
    }
  }

  /// Share of the input that was read; missing for a pipe. Any thread may ask.
  var progress: Double? { share.value }

  /// Everything at once, in order of arrival, with the source's own labels.
  func records(
    progress: some JobProgress
  ) throws(Failure) -> (events: [EventRecord], labels: [Label]) {
    var events: [EventRecord] = []
    var labels: [Label] = []
    let pump = pump()
    defer { pump.cancel() }
    while let batch = try pump.next() {
      for row in 0..<batch.events.count {
        events.append(batch.events.record(row, interner: interner))
      }
      labels += batch.labels
      progress.advance(to: events.count, share: self.progress)
      pump.recycle(batch)
    }
    try finish()
    return (events, labels)
  }

  /// An event that came too late to be placed by its time, and where it stood.
  func putAside(late record: EventRecord, origin: EventOrigin) throws(Failure) {
    try letters.add(DeadLetter(late: record, origin: origin, interner: interner))
  }

  /// - Throws: `Failure(.input)` where there were records and none of them could be read: most likely the wrong source.
  func finish() throws(Failure) {
    try letters.finish()
    let statistics = reader.statistics
    guard statistics.events == 0, letters.count > 0 else { return }
    let reasons = letters.byReason.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    throw Failure(
      .input,
      "none of the \(statistics.records) records could be read as source '\(reader.mapping.id)'"
        + " (\(reasons.prefix(3).map { "\($0.key) \($0.value)" }.joined(separator: ", ")))",
      advice: "check --source; the records are in \(letters.path ?? "the dead letters")")
  }

  var deadLetterPath: String? { letters.path }

  func fill(_ report: inout DetectReport) {
    report.deadLetters = letters.count
    report.deadLettersByReason = letters.byReason
    report.duplicates = duplicates.dropped
    report.sources = meter.readings
  }
}

/// Dead letters of a run, in a file that is made for the first of them.
final class DeadLetters: Sendable {
  private struct State {
    var file: DeadLetterFile?
    var path: String?
    var byReason: [String: Int] = [:]
  }

  private let folder: String
  private let state = Mutex(State())

  init(folder: String) { self.folder = folder }

  func add(_ letter: DeadLetter) throws(Failure) {
    try state.withLock { (state) throws(Failure) in
      if state.file == nil {
        let path = folder + "/dead-letters.jsonl"
        try Folder.make(folder)
        state.file = try DeadLetterFile(path: path)
        state.path = path
      }
      try state.file?.write(letter)
      state.byReason[letter.reason.rawValue, default: 0] += 1
    }
  }

  func finish() throws(Failure) {
    try state.withLock { (state) throws(Failure) in try state.file?.flush() }
  }

  var count: Int { state.withLock { $0.byReason.values.reduce(0, +) } }
  var byReason: [String: Int] { state.withLock { $0.byReason } }
  var path: String? { state.withLock { $0.path } }
}

/// A share of 0 to 1 that one thread writes and others read.
private final class ReadShare: Sendable {
  private let bits = Atomic<UInt64>(Double.nan.bitPattern)

  var value: Double? {
    get {
      let share = Double(bitPattern: bits.load(ordering: .relaxed))
      return share.isNaN ? nil : share
    }
    set { bits.store((newValue ?? .nan).bitPattern, ordering: .relaxed) }
  }
}

extension DeadLetter {
  init(late record: EventRecord, origin: EventOrigin, interner: Interner) {
    self.init(
      file: origin.file.isMissing ? record.source : interner.text(of: origin.file),
      line: origin.line, byteOffset: origin.byteOffset, reason: .late,
      detail: "the event is older than its entity's newest by more than the allowed lateness",
      raw: Array(EventWriter.line(record).utf8))
  }
}
