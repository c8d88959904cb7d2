package import Detection
package import Primitives

/// Reads files, or standard input as `-`, one after another as one stream of events.
///
/// Plain, gzip and zstd data are told apart by their first bytes. A record that cannot become an event goes to the
/// dead letters and the rest goes on. Positions count over all inputs, so a file cut into ten gives the same event ids.
package final class Reader: @unchecked Sendable {
  // Unchecked because one thread at a time owns a reader; it may be made on one and used on another.
  package typealias Sink = (DeadLetter) throws(Failure) -> Void

  package let mapping: SourceMapping
  /// Every field that this reader can fill: the mapping's, then those found in the first records.
  package let fields: [(name: String, type: FieldType)]
  /// A schema of just these fields; a batch of a larger one may be filled too.
  package let schema: Schema
  package var statistics: Statistics { intake.statistics }

  private let inputs: [String]
  private let intake: RecordIntake
  private var opened: [Int: OpenInput] = [:]
  private var next = 0
  private var current: OpenInput?
  private var header: [String]?
  private var pending: Failure?
  private var takenBytes: Int64 = 0
  private let totalBytes: Int64?

  /// Looks at every path and at the first records; fails where an input is not there, empty or no text.
  package init(
    inputs: [String], mapping: SourceMapping, interner: Interner, options: Options = Options(),
    deadLetters sink: Sink? = nil
  ) throws(Failure) {
    if inputs.isEmpty {
      throw Failure(.usage, "no input is named", advice: "name files, or - for standard input")
    }
    let inputs = try InputPaths.expand(inputs)
    self.inputs = inputs
    self.mapping = mapping
    totalBytes = try Reader.totalBytes(of: inputs)
    var look = DiscoveryLook(mapping: mapping, records: options.discoveryRecords)
    var opened: [Int: OpenInput] = [:]
    for (index, path) in inputs.enumerated() {
      let input = try OpenInput(
        path, mapping: mapping, limit: options.recordLimit, interner: interner)
      opened[index] = input
      if try !look.goesOn(after: input) { break }
    }
    self.opened = opened
    intake = RecordIntake(
      mapping: mapping, interner: interner, options: options, discovered: look.fields, sink: sink)
    fields = intake.fields
    schema = try Schema(fields)
  }

  private static func totalBytes(of inputs: [String]) throws(Failure) -> Int64? {
    var total: Int64? = 0
    for path in inputs where path != "-" {
      let size = try ByteSource.size(of: path)
      if let size, let sum = total { total = sum + size } else { total = nil }
    }
    return inputs.contains("-") ? nil : total
  }

  /// The share of the inputs' bytes that is read; missing where a pipe is among them.
  package var progress: Double? {
    guard let totalBytes, totalBytes > 0 else { return nil }
    return min(1, Double(takenBytes + (current?.records.source.taken ?? 0)) / Double(totalBytes))
  }

  /// What the ground truth says about the events read so far; each label comes out once.
  package func drainLabels() -> [Label] { intake.drainLabels() }

  /// Empties the batch and fills it; false at the end. A pipe's batch may be handed over before it is full.
  ///
  /// Fails where an input cannot be read any further; the events before that have been handed over by then.
  package func next(into batch: EventBatch) throws(Failure) -> Bool {
    if let failure = pending {
      pending = nil
      throw failure
    }
    if intake.begin(batch), let current { intake.decoder?.begin(current) }
    defer { intake.end(batch) }
    do {
      try fill(batch)
    } catch {
      if batch.isEmpty { throw error }
      pending = error
    }
    return !batch.isEmpty
  }

  private func fill(_ batch: EventBatch) throws(Failure) {
    while let input = try currentInput() {
      switch try intake.take(from: input, into: batch) {
      case .full, .waiting: return
      case .ended:
        takenBytes += input.records.source.taken
        current = nil
      }
    }
  }

  private func currentInput() throws(Failure) -> OpenInput? {
    if let current { return current }
    guard next < inputs.count else { return nil }
    let index = next
    next += 1
    let input: OpenInput
    if let known = opened.removeValue(forKey: index) {
      input = known
    } else {
      input = try OpenInput(
        inputs[index], mapping: mapping, limit: intake.options.recordLimit,
        interner: intake.interner)
    }
    if input.isCSV {
      header = try CSVHeader.read(input, mapping: mapping, previous: header)
      input.header = header
    }
    intake.decoder?.begin(input)
    current = input
    return input
  }
}
