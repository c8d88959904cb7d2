import Detection
import Primitives

/// Computes the features of each batch with all workers: entities are shared out by key, one owner each.
final class FeatureStage {
  let plan: FeaturePlan
  let engine: FeatureEngine
  let table: FeatureTable
  private let normals: NormalTable?
  private let interner: Interner
  private let normalPlace: [Int: Int]
  private let pool: WorkerPool
  /// What labels say of the batch at hand; missing where no feature asks.
  private let verdicts: VerdictColumn?
  private(set) var lateEvents = 0
  /// The engine divides entities among at most so many; further workers have nothing to do here.
  private static let mostShards = 64

  /// - Parameter normals: features for which the entity's usual range is kept too.
  init(
    features: [FeatureDefinition], normals: [FeatureDefinition] = [], schema: Schema,
    interner: Interner, pool: WorkerPool, allowedLateness: TimeSpan
  ) throws(Failure) {
    plan = try FeaturePlan(features: features, schema: schema, interner: interner)
    var columns: [Int] = []
    for column in normals.map(plan.column) where !columns.contains(column) {
      columns.append(column)
    }
    var limits = WindowLimits()
    limits.allowedLateness = allowedLateness
    let shards = min(pool.count, FeatureStage.mostShards)
    engine = FeatureEngine(plan: plan, shards: shards, normals: columns, limits: limits)
    table = FeatureTable(columns: plan.columns)
    self.normals = columns.isEmpty ? nil : NormalTable(columns: columns)
    normalPlace = Dictionary(
      columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    self.pool = pool
    verdicts = plan.readsLabels ? VerdictColumn() : nil
    self.interner = interner
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
    return process(batch.events)
  }

  private func process(_ batch: EventBatch) -> [Int] {
    let engine = engine
    let table = table
    let normals = normals
    let verdicts = verdicts
    pool.run { worker in
      guard worker < engine.shards else { return }
      engine.process(batch, into: table, shard: worker, normals: normals, verdicts: verdicts)
    }
    let late = engine.lateRows
    lateEvents += late.count
    return late
  }

  /// What was usual for the entity before this event; missing without enough history.
  func normal(row: Int, column: Int) -> NormalTable.Normal? {
    guard let normals, let place = normalPlace[column] else { return nil }
    return normals[row, place]
  }
}
