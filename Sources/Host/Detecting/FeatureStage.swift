import Detection
import Primitives

/// Computes the features of each batch with all workers: entities are shared out by key, one owner each.
final class FeatureStage {
  let plan: FeaturePlan
  let engine: FeatureEngine
  let table: FeatureTable
  private let pool: WorkerPool

  init(
    features: [FeatureDefinition], normals: [FeatureDefinition] = [], schema: Schema,
    interner: Interner, pool: WorkerPool, allowedLateness: TimeSpan
  ) throws(Failure) {
    plan = try FeaturePlan(features: features, schema: schema, interner: interner)
    engine = FeatureEngine(
      plan: plan, shards: pool.count, allowedLateness: allowedLateness,
      normals: normals.map { plan.column(of: $0) })
    table = FeatureTable(columns: plan.columns)
    self.pool = pool
  }

  /// Fills the table's first rows; row r is the batch's event r.
  func process(_ batch: EventBatch) {
    let engine = engine
    let table = table
    pool.run { worker in engine.process(batch, into: table, shard: worker) }
  }
}
