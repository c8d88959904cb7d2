import Detection
import Primitives

/// Takes the records of opened inputs into batches, one after another, and puts aside what cannot become an event.
final class RecordIntake {
  enum Outcome {
    /// The batch is full; there may be more.
    case full
    /// The input keeps the batch waiting, or holds no whole record for now.
    case waiting
    /// The input has ended.
    case ended
  }

  let mapping: SourceMapping
  let interner: Interner
  let options: Reader.Options
  let discovered: Discovery.Fields
  private(set) var statistics = Reader.Statistics()
  private let sink: Reader.Sink?
  private(set) var decoder: RecordDecoder?
  private var labels: [Label] = []
  private var ordinal: UInt64 = 0
  private var repeated: Repeated?
  /// What the run before this one knew of the year.
  var resumedClock: (year: Int, month: Int)?

  /// A line that stands for several events, not all of which are in a batch yet.
  private struct Repeated {
    var frame: Frame
    var input: OpenInput
    var position: RecordPosition
    var total: UInt64
  }

  init(
    mapping: SourceMapping, interner: Interner, options: Reader.Options,
    discovered: Discovery.Fields, sink: Reader.Sink?
  ) {
    self.mapping = mapping
    self.interner = interner
    self.options = options
    self.discovered = discovered
    self.sink = sink
  }

  /// Every field that the source can fill: the mapping's, then those found. One found with two types keeps the mapping's
  /// or the first.
  var fields: [(name: String, type: FieldType)] {
    var fields = mapping.fields
    var names = Set(fields.map(\.name))
    for one in discovered.native + discovered.canonical where names.insert(one.field).inserted {
      fields.append((one.field, one.type))
    }
    return fields
  }

  /// Empties the batch and makes ready to fill it; true where its schema is a new one and inputs must be begun again.
  func begin(_ batch: EventBatch) -> Bool {
    batch.removeAll()
    batch.firstArrival = statistics.events
    if let decoder, decoder.schema == batch.schema {
      decoder.bind(batch)
      return false
    }
    decoder = RecordDecoder(
      mapping: mapping, discovered: discovered, batch: batch, interner: interner,
      limit: options.recordLimit, previous: decoder)
    if let resumedClock {
      decoder?.clock = resumedClock
      self.resumedClock = nil
    }
    return true
  }

  /// Counts what the batch got.
  func end(_ batch: EventBatch) {
    statistics.events += UInt64(batch.count)
    guard let decoder else { return }
    labels += decoder.takeLabels()
    statistics.unreadableValues = UInt64(decoder.unreadable)
  }

  func drainLabels() -> [Label] {
    defer { labels.removeAll() }
    return labels
  }

  /// Whether a record has more events than the last batch had room for.
  var isRepeating: Bool { repeated != nil }

  /// The first byte and line of the first record of an input that is not in batches whole, and how many of its events are.
  func place(of input: OpenInput) -> (offset: Int64, line: Int, copies: UInt64) {
    guard let repeated, repeated.input === input else {
      return (input.records.offset, input.records.line, 0)
    }
    return (repeated.frame.offset, repeated.frame.line, repeated.position.copy)
  }

  /// Where times carry no year: the year and month of the last one.
  var clock: (year: Int, month: Int)? { decoder?.clock ?? resumedClock }

  /// Takes records until the batch is full or the input has none.
  func take(
    from input: OpenInput, into batch: EventBatch, upTo limit: Int = .max
  ) throws(Failure) -> Outcome {
    guard let decoder else { preconditionFailure("a batch is begun before records are taken") }
    let records = input.records
    records.willMove = { decoder.settle() }
    defer {
      decoder.settle()
      records.willMove = nil
    }
    while !batch.isFull && batch.count < limit {
      if repeated != nil {
        repeatLine(decoder)
        continue
      }
      if !batch.isEmpty && !records.isReady(withinMilliseconds: options.waitMilliseconds) {
        return .waiting
      }
      guard
        let frame = input.isCSV
          ? try records.nextRecord(delimiter: mapping.delimiter) : try records.nextLine()
      else { return records.isGrowing ? .waiting : .ended }
      if frame.bytes.isEmpty && frame.problem == .none { continue }
      ordinal += 1
      statistics.records += 1
      let position =
        input.salt.map { RecordPosition(file: $0, place: UInt64(frame.offset), copy: 0) }
        ?? RecordPosition(file: 0, place: ordinal, copy: 0)
      do {
        let copies = try decoder.decode(frame, input, position)
        if copies != 1 || input.copiesToSkip > 0 {
          settle(copies, frame, input, position, batch)
        }
      } catch {
        try bury(frame, input.path, error)
      }
    }
    return .full
  }

  private func settle(
    _ copies: Int, _ frame: Frame, _ input: OpenInput, _ position: RecordPosition,
    _ batch: EventBatch
  ) {
    var next = position
    next.copy = 1
    if input.copiesToSkip > 0 {
      decoder?.settle()
      if copies > 0 { batch.remove([batch.count - 1]) }
      next.copy = input.copiesToSkip
      input.copiesToSkip = 0
    }
    if copies == 0 {
      statistics.ignored += 1
    } else if next.copy < UInt64(copies) {
      repeated = Repeated(frame: frame, input: input, position: next, total: UInt64(copies))
    }
  }

  private func repeatLine(_ decoder: RecordDecoder) {
    guard var line = repeated else { return }
    decoder.again(line.frame, line.input, line.position)
    line.position.copy += 1
    repeated = line.position.copy < line.total ? line : nil
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
}
