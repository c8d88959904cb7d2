import Detection
import Primitives

/// Computes the features of each batch with all workers: entities are shared out by key, one owner each.
final class FeatureStage {
  let plan: FeaturePlan
  let engine: FeatureEngine
  let table: FeatureTable
  private let normals: NormalTable?
  private let normalPlace: [Int: Int]
  private let pool: WorkerPool
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
  }

  /// Fills the table's first rows; row r is the batch's event r. Returns the rows that came too late, ascending.
  @discardableResult
  func process(_ batch: EventBatch) -> [Int] {
    let engine = engine
    let table = table
    let normals = normals
    pool.run { worker in
      guard worker < engine.shards else { return }
      engine.process(batch, into: table, shard: worker, normals: normals)
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
