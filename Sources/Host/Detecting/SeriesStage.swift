import Detection
import Primitives

/// Looks at the metric series of each batch with all workers, and says what is unusual in them.
///
/// What it finds counts as found by a rule, `series.unusual`: mappings, joins and reports treat it like one of a plugin.
final class SeriesStage {
  static let ruleID = "series.unusual"
  /// The number that a metric event carries, and the kind of such an event.
  static let field = "value"
  static let kind = "metric"
  /// The score from which a value is found unusual: where the detector sets an alarm's worth.
  static let alarm = 0.5
  /// The score from which it is a grave matter.
  private static let grave = 0.6

  private let engine: SeriesEngine
  private let verdicts: Verdicts
  private let pool: WorkerPool
  private let interner: Interner

  private final class Verdicts: @unchecked Sendable {
    // Unchecked: each worker writes its own series' rows in one phase and all of them are read after it.
    let values: UnsafeMutablePointer<SeriesDetector.Verdict?>
    private let capacity: Int
    init(capacity: Int) {
      self.capacity = capacity
      values = .allocate(capacity: capacity)
      values.initialize(repeating: nil, count: capacity)
    }
    deinit {
      values.deinitialize(count: capacity)
      values.deallocate()
    }
  }

  /// Nothing where the events of the run carry no metric.
  init?(schema: Schema, interner: Interner, pool: WorkerPool) {
    guard let field = schema.field(SeriesStage.field), field.type == .number else { return nil }
    engine = SeriesEngine(
      slot: field.slot, kind: interner.intern(SeriesStage.kind), schema: schema,
      interner: interner, shards: min(pool.count, SeriesStage.mostShards))
    verdicts = Verdicts(capacity: EventBatch.standardCapacity)
    self.pool = pool
    self.interner = interner
  }

  /// The engine divides series among at most so many; further workers have nothing to do here.
  private static let mostShards = 64

  /// - Parameter late: rows that came too late for their place in time, ascending; they are not looked at.
  func process(_ batch: EventBatch, late: [Int]) {
    let verdicts = verdicts
    let engine = engine
    verdicts.values.update(repeating: nil, count: batch.count)
    pool.run { worker in
      guard worker < engine.shards else { return }
      engine.process(batch, late: late, shard: worker, into: verdicts.values)
    }
  }

  /// How unusual an event's value is in its series; missing where it is none.
  func score(_ row: Int) -> Double? { verdicts.values[row]?.score }

  /// What the detector says of an event's value; missing where it is none.
  func verdict(_ row: Int) -> SeriesDetector.Verdict? { verdicts.values[row] }

  /// Whether a value is found unusual.
  static func isFound(_ verdict: SeriesDetector.Verdict) -> Bool {
    !verdict.isOnProbation && verdict.score >= SeriesStage.alarm && verdict.cause != nil
  }

  /// What is remembered of the series of an entity, by its field and value; missing where it has none. Between batches.
  func detector(of slot: Int, _ name: Symbol) -> SeriesDetector? { engine.detector(of: slot, name) }

  /// What is to be said of an event, if anything.
  func finding(_ row: Int, in batch: EventBatch) -> Finding? {
    guard let verdict = verdicts.values[row], SeriesStage.isFound(verdict),
      let cause = verdict.cause
    else { return nil }
    let name = batch.primaryEntity(row).map { interner.text(of: $0.value) } ?? ""
    return Finding(
      row: row, origin: .rule(id: SeriesStage.ruleID),
      severity: verdict.score >= SeriesStage.grave ? .high : .medium,
      title: "Unusual metric", message: SeriesWords.sentence(cause, series: name),
      measured: Finding.Measured(
        name: SeriesWords.name(cause.aspect), value: cause.value,
        // A phrase with braces in it would be filled in; that of a cause has none.
        words: FeatureWords(
          phrase: SeriesWords.sentence(cause, series: "the series"), decimals: 2)))
  }

  /// What is remembered of all series, each worker writing its share. Between batches.
  func encodedState() -> [UInt8] {
    let engine = engine
    var writer = StateWriter()
    for section in pool.map(engine.shards, { engine.encodedSection(shard: $0) }) {
      writer.append(section)
    }
    return writer.bytes
  }

  /// Before the first batch, by the thread that interns.
  func restore(_ bytes: [UInt8]) throws(StateDamage) {
    var reader = StateReader(bytes[...])
    while reader.left > 0 { try engine.restore(section: try reader.raw()) }
  }
}
