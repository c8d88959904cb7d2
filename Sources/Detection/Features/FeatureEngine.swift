import Primitives

/// Turns batches of events into rows of features and remembers what their windows need.
///
/// Call `process` once for each batch and shard, batches in order of arrival within a shard; different shards may run on
/// different threads at the same time. A shard owns the entities whose hash falls to it and writes their cells; a row
/// with several entities is written by several shards, each cell by one. When all shards are done, `finish` completes the
/// table with what is made of several features.
/// Results are the same, bit for bit, for any number of shards and any cut of the stream into batches.
///
/// A window of up to 4,096 events is exact: it costs time in proportion to its events up to 64, above that to their
/// logarithm, except `distinct`, which reads all of them, `seasonal`, which reads back until it has 64 values of its hour of
/// the week, and late events, which move all that are newer. Beyond, it is right to 1/256 of its length (see `CoarseStream`), so that an entity's memory is bounded.
package final class FeatureEngine: @unchecked Sendable {
  // Unchecked because each shard's state is touched only by the caller of `process` for that shard.
  package let plan: FeaturePlan
  package let shards: Int
  package let limits: WindowLimits
  /// Columns whose normal range is tracked per entity.
  package let normalColumns: [Int]
  let states: [ShardState]
  /// By position among `normalColumns`: the stage that samples it, and where in a sample it lies.
  let profileLanes: [Int: (stage: Int, lane: Int)]

  /// `normals` names the columns for which `process` also tells what is normal; columns of the event alone (a field, the
  /// clock) are tracked per primary entity.
  package init(
    plan: FeaturePlan, shards: Int, normals: [Int] = [], limits: WindowLimits = WindowLimits()
  ) {
    precondition((1...EntityStore.partitions).contains(shards), "an engine has 1 to 64 shards")
    precondition(
      normals.allSatisfy { $0 >= 0 && $0 < plan.columns }, "a normal range is of a plan's column")
    self.plan = plan
    self.shards = shards
    self.limits = limits
    normalColumns = normals
    states = (0..<shards).map { _ in ShardState(plan, normals, limits) }
    var lanes: [Int: (stage: Int, lane: Int)] = [:]
    for (number, stage) in states[0].stages.enumerated() {
      for (lane, normal) in stage.program.sampled.enumerated() {
        lanes[normal.position] = (number, lane)
      }
    }
    profileLanes = lanes
  }

  /// Writes the cells of this shard's rows. `normals` must have been made with `normalColumns`; `verdicts` holds what
  /// labels say of the rows, for a plan that `readsLabels`.
  package func process(
    _ batch: EventBatch, into table: FeatureTable, shard: Int, normals: NormalTable? = nil,
    verdicts: VerdictColumn? = nil
  ) {
    precondition(table.columns == plan.columns, "the table has the plan's columns")
    precondition(table.capacity >= batch.count, "the table has room for the batch")
    precondition(
      normals == nil || normals?.columns == normalColumns,
      "the table of normal ranges has the engine's columns")
    precondition(
      normals == nil || (normals?.capacity ?? 0) >= batch.count,
      "the table of normal ranges has room for the batch")
    precondition(
      (verdicts?.capacity ?? .max) >= batch.count, "the column of verdicts has room for the batch")
    let state = states[shard]
    state.late.removeAll(keepingCapacity: true)
    state.see(batch)
    writeOwnColumns(batch, table, shard)
    for stage in state.stages {
      stage.process(
        batch, table, normals, verdicts, clock: state.clocks, shard: shard, of: shards,
        late: &state.late)
    }
  }

  /// Writes the features that are made of others, after all shards are done with a batch.
  package func finish(_ batch: EventBatch, into table: FeatureTable) {
    for derived in plan.derived { derived.write(table, rows: batch.count) }
  }

  /// Rows of the last batch that came too late for one of their entities, ascending; for after all shards are done.
  package var lateRows: [Int] { Set(states.flatMap(\.late)).sorted() }

  /// For between batches.
  package var statistics: WindowStatistics {
    var sum = WindowStatistics()
    for state in states { state.add(to: &sum) }
    return sum
  }

  /// Features of the event alone fall to the owner of its primary entity, who may also track what is normal in them.
  private func writeOwnColumns(_ batch: EventBatch, _ table: FeatureTable, _ shard: Int) {
    if plan.own.isEmpty { return }
    let state = states[shard]
    state.rows.removeAll(keepingCapacity: true)
    for row in 0..<batch.count {
      if shards > 1 {
        let partition =
          batch.primaryEntity(row).map {
            state.hashes.partition(EntityKey(symbol: $0.value.rawValue))
          } ?? (row & 63)
        if partition % shards != shard { continue }
      }
      state.rows.append(Int32(truncatingIfNeeded: row))
    }
    state.rows.withUnsafeBufferPointer { rows in
      for own in plan.own { own.write(batch, rows, table) }
    }
  }
}
