import Detection
import Primitives

/// Computes the features of each batch with all workers: entities are shared out by key, one owner each.
final class FeatureStage {
  let plan: FeaturePlan
  let engine: FeatureEngine
  private let own: FeatureTable
  /// Features that came with later generations of plugins, and where their columns begin.
  private var later: [(stage: FeatureStage, first: Int)] = []
  /// Own and later columns side by side, where there are later ones.
  private var joined: FeatureTable?
  private let samples: SampleTable?
  private let interner: Interner
  /// By column, its place among those of which samples are kept.
  fileprivate let samplePlace: [Int: Int]
  private let pool: WorkerPool
  private let allowedLateness: TimeSpan
  /// What labels say of the batch at hand; missing where no feature asks.
  private let verdicts: VerdictColumn?
  private(set) var lateEvents = 0
  /// The engine divides entities among at most so many; further workers have nothing to do here.
  private static let mostShards = 64

  /// - Parameter sampled: features of which it can be told what was usual for the entity.
  convenience init(
    features: [FeatureDefinition], sampled: [FeatureDefinition] = [], schema: Schema,
    interner: Interner, pool: WorkerPool, allowedLateness: TimeSpan
  ) throws(Failure) {
    self.init(
      try FeaturePlan(features: features, schema: schema, interner: interner), sampled: sampled,
      interner: interner, pool: pool, allowedLateness: allowedLateness)
  }

  init(
    _ plan: FeaturePlan, sampled: [FeatureDefinition], interner: Interner, pool: WorkerPool,
    allowedLateness: TimeSpan
  ) {
    self.plan = plan
    self.allowedLateness = allowedLateness
    var columns: [Int] = []
    for column in sampled.map(plan.column) where !columns.contains(column) {
      columns.append(column)
    }
    var limits = WindowLimits()
    limits.allowedLateness = allowedLateness
    let shards = min(pool.count, FeatureStage.mostShards)
    engine = FeatureEngine(plan: plan, shards: shards, sampled: columns, limits: limits)
    own = FeatureTable(columns: plan.columns)
    samples = columns.isEmpty ? nil : engine.sampleTable()
    samplePlace = Dictionary(
      columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    self.pool = pool
    verdicts = plan.readsLabels ? VerdictColumn() : nil
    self.interner = interner
  }

  /// All columns of the last batch.
  var table: FeatureTable { joined ?? own }

  /// Where a feature stands in the table. It is one of the plan's or was added.
  func column(of definition: FeatureDefinition) -> Int {
    for (stage, first) in later where !plan.contains(definition) && stage.plan.contains(definition)
    {
      return first + stage.plan.column(of: definition)
    }
    return plan.column(of: definition)
  }

  /// Whether a feature is computed.
  func contains(_ definition: FeatureDefinition) -> Bool {
    plan.contains(definition) || later.contains { $0.stage.plan.contains(definition) }
  }

  /// Computes further features from the next batch on; their windows begin empty. Those that are there go on as they
  /// were. Between batches.
  func add(_ plan: FeaturePlan) {
    add(
      FeatureStage(
        plan, sampled: plan.definitions.filter(\.hasNormal), interner: interner, pool: pool,
        allowedLateness: allowedLateness))
  }

  /// The same with windows that hold something already.
  func add(_ stage: FeatureStage) {
    let first = table.columns
    later.append((stage, first))
    joined = FeatureTable(columns: first + stage.plan.columns)
  }

  /// Fills the table's first rows; row r is the batch's event r. Returns the rows that came too late, ascending.
  ///
  /// - Parameters:
  ///   - batch: the events with what their source says is true of them.
  ///   - labels: what is known from elsewhere. Features of labels see each from when it is known on; no other feature
  ///     sees any.
  @discardableResult
  func process(_ batch: ReadBatch, labels: LabelIndex) -> [Int] {
    if let verdicts {
      let own = LabelIndex(batch.labels)
      for row in 0..<batch.events.count {
        verdicts.set(
          row,
          knownAt: (own.label(of: row, in: batch.events, interner: interner)
            ?? labels.label(of: row, in: batch.events, interner: interner))?.knownAt)
      }
    }
    let late = process(batch.events)
    if let joined {
      for (stage, _) in later { stage.process(batch, labels: labels) }
      join(into: joined, rows: batch.events.count)
    }
    return late
  }

  private func process(_ batch: EventBatch) -> [Int] {
    let engine = engine
    let table = own
    let samples = samples
    let verdicts = verdicts
    pool.run { worker in
      guard worker < engine.shards else { return }
      engine.process(batch, into: table, shard: worker, samples: samples, verdicts: verdicts)
    }
    engine.finish(batch, into: table)
    let late = engine.lateRows
    lateEvents += late.count
    return late
  }

  private func join(into table: FeatureTable, rows: Int) {
    let parts = [(own, 0)] + later.map { ($0.stage.own, $0.first) }
    let workers = pool.count
    pool.run { worker in
      for row in (rows * worker / workers)..<(rows * (worker + 1) / workers) {
        for (part, first) in parts {
          (table.row(row) + first).update(from: part.row(row), count: part.columns)
        }
      }
    }
  }

  /// All windows as bytes, each worker writing its share. Between batches.
  func encodedState() -> [UInt8] {
    let engine = engine
    return FeatureEngine.encodedState(
      sections: pool.map(engine.shards) { engine.encodedSection(shard: $0) })
  }

  /// What was usual before a row of the last batch. For the thread that judges, before the next batch.
  func usuals(row: Int) -> ColumnUsuals { ColumnUsuals(parts(row: row, first: 0)) }

  private func parts(row: Int, first: Int) -> [ColumnUsuals.Part] {
    let own = ColumnUsuals.Part(
      first: first, stage: self, usuals: samples.map { engine.usuals(row: row, in: $0) })
    return [own] + later.flatMap { $0.stage.parts(row: row, first: first + $0.first) }
  }
}

/// Answers, by column of the table, what was usual before one row.
final class ColumnUsuals {
  struct Part {
    /// Where its columns begin.
    var first: Int
    var stage: FeatureStage
    var usuals: RowUsuals?
  }
  private var parts: [Part]

  init(_ parts: [Part]) { self.parts = parts }

  /// What was usual for the entity of a column at such an hour, or for others of its kind; missing without enough samples.
  func usual(column: Int, ofPeers: Bool) -> Usual? {
    guard let part = parts.lastIndex(where: { $0.first <= column }) else { return nil }
    let place = column - parts[part].first
    let stage = parts[part].stage
    guard let position = stage.samplePlace[place] else { return nil }
    guard case .calendar(let calendar) = stage.plan.definitions[place] else {
      return ofPeers
        ? parts[part].usuals?.peers(position) : parts[part].usuals?.own(position)
    }
    // At which hours others are there says nothing about this one.
    return ofPeers
      ? nil : parts[part].usuals?.own(position, byHour: false, period: calendar.period)
  }
}

extension FeatureDefinition {
  /// Whether what is usual in it is worth knowing: of all that an entity's past makes, of the hour, and of the event's own
  /// numbers.
  var hasNormal: Bool {
    switch self {
    case .calendar(.hourOfDay), .field: true
    default: scope != nil
    }
  }
}

extension FeatureDefinition.Calendar {
  /// After how much its numbers begin again; 0 where they are no whole numbers of a clock.
  fileprivate var period: Float {
    switch self {
    case .hourOfDay: 24
    case .dayOfWeek: 7
    case .sinHourly, .cosHourly, .sinDaily, .cosDaily: 0
    }
  }
}
