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
  /// Columns of which it can be told what was usual for the entity.
  package let sampledColumns: [Int]
  let states: [ShardState]
  /// By position among `sampledColumns`: the stage that samples it, and where in a sample it lies.
  let profileLanes: [Int: (stage: Int, lane: Int)]

  /// `sampled` names the columns of which `usuals` tells what was usual; columns of the event alone (a field, the clock)
  /// are sampled per primary entity.
  package init(
    plan: FeaturePlan, shards: Int, sampled: [Int] = [], limits: WindowLimits = WindowLimits()
  ) {
    precondition((1...EntityStore.partitions).contains(shards), "an engine has 1 to 64 shards")
    precondition(
      sampled.allSatisfy { $0 >= 0 && $0 < plan.columns },
      "what is usual is told of a plan's column")
    self.plan = plan
    self.shards = shards
    self.limits = limits
    sampledColumns = sampled
    states = (0..<shards).map { _ in ShardState(plan, sampled, limits) }
    var lanes: [Int: (stage: Int, lane: Int)] = [:]
    for (number, stage) in states[0].stages.enumerated() {
      for (lane, sampled) in stage.program.sampled.enumerated() {
        lanes[sampled.position] = (number, lane)
      }
    }
    profileLanes = lanes
  }

  /// Writes the cells of this shard's rows. `samples` must be the engine's `sampleTable`; `verdicts` holds what
  /// labels say of the rows, for a plan that `readsLabels`.
  package func process(
    _ batch: EventBatch, into table: FeatureTable, shard: Int, samples: SampleTable? = nil,
    verdicts: VerdictColumn? = nil
  ) {
    precondition(table.columns == plan.columns, "the table has the plan's columns")
    precondition(table.capacity >= batch.count, "the table has room for the batch")
    precondition(
      samples == nil || samples?.columns == sampledColumns,
      "the table of samples has the engine's columns")
    precondition(
      samples == nil || (samples?.capacity ?? 0) >= batch.count,
      "the table of samples has room for the batch")
    precondition(
      (verdicts?.capacity ?? .max) >= batch.count, "the column of verdicts has room for the batch")
    let state = states[shard]
    state.begin(batch)
    for first in stride(from: 0, to: batch.count, by: FeatureEngine.block) {
      let rows = first..<min(first + FeatureEngine.block, batch.count)
      writeOwnColumns(batch, rows, table, shard)
      for stage in state.stages {
        stage.process(
          batch, rows, table, samples, verdicts, clock: state.clocks, shard: shard, of: shards,
          late: &state.late)
      }
    }
    state.end(batch)
  }

  /// Rows that all stages write one after the other, so few that their cells stay in the nearest caches between stages.
  private static let block = 128

  /// Writes the features that are made of others, after all shards are done with a batch.
  package func finish(_ batch: EventBatch, into table: FeatureTable) {
    for first in stride(from: 0, to: batch.count, by: FeatureEngine.block) {
      let rows = first..<min(first + FeatureEngine.block, batch.count)
      for derived in plan.derived { derived.write(table, rows: rows) }
    }
  }

  /// Rows of the last batch that came too late for one of their entities, ascending; for after all shards are done.
  package var lateRows: [Int] { Set(states.flatMap(\.late)).sorted() }

  /// How far the stream had come with a row of the last batch, in microseconds; for after all shards are done.
  package func streamTime(ofRow row: Int) -> Int64 { states[0].clocks[row] }

  /// For between batches.
  package var statistics: WindowStatistics {
    var sum = WindowStatistics()
    for state in states { state.add(to: &sum) }
    return sum
  }

  /// Features of the event alone fall to the owner of its primary entity, who may also sample them.
  private func writeOwnColumns(
    _ batch: EventBatch, _ rows: Range<Int>, _ table: FeatureTable, _ shard: Int
  ) {
    if plan.own.isEmpty { return }
    let state = states[shard]
    state.rows.removeAll(keepingCapacity: true)
    for row in rows {
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
