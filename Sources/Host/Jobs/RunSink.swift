import Cases
import Detection
import Ingest
import Primitives
import Store

/// Where a pass leaves its alerts and scores: files that appear whole at the end, and the database batch by batch.
struct RunSink: RunOutput {
  private let alerts: OutputFile?
  private let scores: OutputFile?
  private let store: (alerts: AlertStore, run: Int64)?
  private let input: EventInput
  private var fresh: [NewAlert] = []
  private var joins: [Joined] = []
  private var suppressed: [SuppressedFinding] = []
  private var line: [UInt8] = []
  private let entityFields: [Int: String]
  /// Every alert of the run in order, with the number of findings that joined it, where asked for.
  private(set) var kept: [(alert: Alert, joined: Int)] = []
  private var keptPlace: [String: Int] = [:]
  private let keeps: Bool
  private let keeper: EventKeeper?
  /// What alerts would set off; missing where that is not written down.
  private let book: ResponseBook?
  private var owed: [OwedResponse] = []
  private var sweep: RetentionSweep
  private var batch: EventBatch?
  private var events = 0
  private var writtenAt = RunMeter.now()

  /// Events wait at most so long, or until they are so many blocks, for alerts to be written with.
  private static let secondsBetween = 1.0
  private static let mostBlocks = 32
  /// Steps of the sweep at the end: what they leave over, the next run finds.
  private static let lastSteps = 16

  init(
    alerts: String?, scores: String?, store: (AlertStore, Int64)?, keeps: Bool,
    input: EventInput, keeper: EventKeeper? = nil, book: ResponseBook? = nil,
    retention: Retention = Retention()
  ) throws(Failure) {
    self.keeper = keeper
    self.book = book
    sweep = RetentionSweep(retention)
    self.alerts = try alerts.map { (path) throws(Failure) in try OutputFile(path) }
    self.scores = try scores.map { (path) throws(Failure) in try OutputFile(path) }
    self.store = store.map { (alerts: $0, run: $1) }
    self.keeps = keeps
    self.input = input
    entityFields = Dictionary(
      input.schema.fields.filter { $0.type == .text }.map { ($0.slot, $0.name) },
      uniquingKeysWith: { first, _ in first })
    try self.scores?.write("event_id,time,entity_field,entity,score,rules\n")
  }

  var wantsScores: Bool { scores != nil }

  mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) throws(Failure) {
    if let alerts {
      try alerts.write(line)
      try alerts.write("\n")
    }
    if keeps {
      keptPlace[alert.id] = kept.count
      kept.append((alert, 0))
    }
    guard store != nil else { return }
    fresh.append(NewAlert(alert, line: line, frozen: frozen))
    owed += book?.owed(alert, at: WallClock.now()) ?? []
  }

  mutating func joined(_ joined: Joined) throws(Failure) {
    if let place = keptPlace[joined.alertID] { kept[place].joined += 1 }
    guard store != nil else { return }
    joins.append(joined)
    if let finding = joined.finding { suppressed.append(finding) }
  }

  mutating func suppressed(_ finding: SuppressedFinding) {
    if store != nil { suppressed.append(finding) }
  }

  mutating func late(_ record: EventRecord, origin: EventOrigin) throws(Failure) {
    try input.putAside(late: record, origin: origin)
  }

  mutating func batchBegins(_ batch: ReadBatch) { self.batch = batch.events }

  mutating func batchEnded() throws(Failure) {
    if let batch {
      keeper?.keep(batch, rows: 0..<batch.count, first: events)
      events += batch.count
    }
    batch = nil
    let isDue =
      RunMeter.now() - writtenAt >= RunSink.secondsBetween
      || keeper?.waiting ?? 0 >= RunSink.mostBlocks
    if !fresh.isEmpty || !joins.isEmpty || !suppressed.isEmpty || isDue { try commit() }
  }

  private mutating func commit() throws(Failure) {
    guard let store else { return }
    writtenAt = RunMeter.now()
    let kept = try keeper?.take()
    if fresh.isEmpty && joins.isEmpty && suppressed.isEmpty && kept == nil { return }
    let block = try store.alerts.write(
      fresh, joined: joins, suppressed: suppressed, owed: owed, kept: kept, run: store.run,
      at: WallClock.now())
    keeper?.wrote(block)
    fresh.removeAll(keepingCapacity: true)
    owed.removeAll(keepingCapacity: true)
    joins.removeAll(keepingCapacity: true)
    suppressed.removeAll(keepingCapacity: true)
    try sweep.stepIfDue(store.alerts)
  }

  mutating func scored(
    _ batch: EventBatch, row: Int, score: Double?, rules: [String]
  ) throws(Failure) {
    guard let scores else { return }
    line.removeAll(keepingCapacity: true)
    batch.withID(row) { CSVCell.append($0, to: &line) }
    line.append(UInt8(ascii: ","))
    line.append(contentsOf: batch.time(row).description.utf8)
    line.append(UInt8(ascii: ","))
    if let entity = batch.primaryEntity(row) {
      CSVCell.append((entityFields[entity.slot] ?? "").utf8, to: &line)
      line.append(UInt8(ascii: ","))
      CSVCell.append(input.interner.bytes(of: entity.value), to: &line)
    } else {
      line.append(UInt8(ascii: ","))
    }
    line.append(UInt8(ascii: ","))
    if let score { line.append(contentsOf: score.description.utf8) }
    line.append(UInt8(ascii: ","))
    line.append(contentsOf: rules.joined(separator: ";").utf8)
    line.append(UInt8(ascii: "\n"))
    try scores.write(line)
  }

  mutating func finish() throws(Failure) {
    try commit()
    if let store {
      sweep.hurry()
      for _ in 0..<RunSink.lastSteps { try sweep.stepIfDue(store.alerts) }
    }
    try alerts?.finish()
    try scores?.finish()
  }
}
