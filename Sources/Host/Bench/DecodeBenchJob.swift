import Detection
import Foundation
import Ingest
package import Primitives
import Synthetic

/// Measures how fast one core reads files into typed columns: bytes in, batches out, nothing done with them.
///
/// Without inputs it makes card payments as JSON lines of some 270 bytes and as CSV in the layout of the fraud detection
/// handbook.
package struct DecodeBenchJob: Sendable {
  private struct Trial {
    var name: String
    var unit: String
    var paths: [String]
    var mapping: SourceMapping
  }

  private let settings: Settings
  private let inputs: [String]
  private let source: String?
  private let events: Int
  private let repeats: Int
  private let command: [String]

  /// - Parameters:
  ///   - source: needed with inputs.
  ///   - events: how many are made where no input is given.
  package init(
    settings: Settings, inputs: [String], source: String?, events: Int, repeats: Int,
    command: [String]
  ) {
    self.settings = settings
    self.inputs = inputs
    self.source = source
    self.events = events
    self.repeats = repeats
    self.command = command
  }

  package func run(progress: some JobProgress) throws(Failure) -> BenchReport {
    var report = BenchReport("decode", command: command)
    report.settings = [.init("threads", 1)]
    if let source {
      let mapping = try Installation.source(source, settings)
      let trial = Trial(name: "events", unit: "events", paths: inputs, mapping: mapping)
      try measure(trial, &report, progress)
      return report
    }
    let folder = NSTemporaryDirectory() + "moonwatch-bench-\(getpid())"
    defer { ScratchFolder.remove(folder) }
    try Folder.make(folder)
    let (lines, rows) = (folder + "/payments.jsonl", folder + "/payments.csv")
    progress.begin("make", total: nil)
    try DecodeBenchJob.make(events, lines: lines, rows: rows)
    progress.end("\(events) payments")
    for (name, id, path) in [
      ("jsonl_events", "generic-jsonl", lines), ("csv_rows", "card-transactions", rows),
    ] {
      let mapping = try Installation.source(id, settings)
      let unit = name == "csv_rows" ? "rows" : "events"
      try measure(
        Trial(name: name, unit: unit, paths: [path], mapping: mapping), &report, progress)
    }
    return report
  }

  private func measure(
    _ trial: Trial, _ report: inout BenchReport, _ progress: some JobProgress
  ) throws(Failure) {
    var rate = BenchReport.Measure("\(trial.name)_per_s", unit: "\(trial.unit)/s")
    var cost = BenchReport.Measure("\(trial.name)_cpu_ns", unit: "ns")
    var read = 0
    progress.begin(trial.mapping.id, total: repeats)
    for repetition in 0..<repeats {
      let clock = BenchClock()
      let reader = try Reader(
        inputs: trial.paths, mapping: trial.mapping, interner: Interner())
      let batch = EventBatch(schema: reader.schema)
      while try reader.next(into: batch) { _ = reader.drainLabels() }
      read = Int(reader.statistics.events)
      rate.samples.append(Double(read) / clock.wallSeconds)
      cost.samples.append(clock.processorSeconds / Double(max(1, read)) * 1e9)
      progress.advance(to: repetition + 1)
    }
    progress.end("\(read) \(trial.unit)")
    let bytes = trial.paths.reduce(0) { $0 + DecodeBenchJob.size(of: $1) }
    report.settings += [
      .init("\(trial.name)", .integer(Int64(read))),
      .init("\(trial.name)_bytes", .integer(Int64(bytes))),
    ]
    report.measures += [rate, cost]
  }

  private static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  private static func make(_ events: Int, lines: String, rows: String) throws(Failure) {
    let (lineFile, rowFile) = (try OutputFile(lines), try OutputFile(rows))
    var stream = PaymentStream(
      users: PaymentStream.defaultUsers, rate: 2, fraudRate: PaymentStream.defaultFraudRate,
      seed: 1, start: World.usualStart)
    try rowFile.write(
      "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,"
        + "TX_FRAUD,TX_FRAUD_SCENARIO\n")
    var line: [UInt8] = []
    for number in 0..<events {
      let payment = stream.next()
      line.removeAll(keepingCapacity: true)
      stream.append(payment, to: &line)
      try lineFile.write(line)
      let since = (payment.time - World.usualStart).microseconds / 1_000_000
      let time = Timestamp(seconds: payment.time.microseconds / 1_000_000).description
      let fraud = payment.fraud.map { "1,\($0.rawValue + 1)" } ?? "0,0"
      let row =
        "\(number),\(time.dropLast(10)) \(time.dropFirst(11).dropLast()),\(payment.person),"
        + "\(payment.terminal),\(Double(payment.cents) / 100),\(since),\(since / 86_400),\(fraud)\n"
      try rowFile.write(row)
    }
    try lineFile.finish()
    try rowFile.finish()
  }
}
