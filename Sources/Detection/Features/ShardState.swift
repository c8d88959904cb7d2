/// One shard's stages, and what they share: the clock of the stream and the hashes of texts.
///
/// Every shard sees the times of all rows, so all come to the same clock.
final class ShardState {
  let stages: [EntityStage]
  let hashes: SymbolHashes
  var clock = StreamClock()
  var late: [Int] = []
  /// Rows of the batch at hand whose own columns fall to this shard.
  var rows: [Int32] = []
  /// How far the stream had come with each row of the batch at hand.
  private(set) var clocks: UnsafeMutablePointer<Int64>
  private var capacity = EventBatch.standardCapacity

  init(_ plan: FeaturePlan, _ sampled: [Int], _ limits: WindowLimits) {
    clocks = .allocate(capacity: capacity)
    clocks.initialize(repeating: 0, count: capacity)
    let hashes = SymbolHashes(plan.interner)
    self.hashes = hashes
    let own = Set(plan.own.map { Int($0.column) })
    var stagePlans = plan.stages
    if sampled.contains(where: { own.contains($0) })
      && !stagePlans.contains(where: { $0.scope == .primary })
    {
      stagePlans.append(StagePlan(scope: .primary, entitySlot: -1))
    }
    stages = stagePlans.enumerated().map { number, stage in
      let columns = Set(stage.columns.map { Int($0) })
      let wanted = sampled.enumerated().filter { _, column in
        columns.contains(column) || (stage.scope == .primary && own.contains(column))
      }
      let program = StageProgram(
        stage, conditions: plan.filters,
        sampled: wanted.map { StageProgram.Sampled(column: $0.element, position: $0.offset) },
        lateness: limits.allowedLateness)
      return EntityStage(
        stage, program, number: number, hashes: hashes, limits: limits,
        indexes: stage.entitySlot >= 0 ? 1 : max(1, plan.schema.textCount))
    }
  }

  deinit {
    clocks.deallocate()
  }

  func begin(_ batch: EventBatch) {
    late.removeAll(keepingCapacity: true)
    see(batch)
    for stage in stages { stage.begin() }
  }

  func end(_ batch: EventBatch) {
    for stage in stages { stage.end(batch) }
  }

  /// Moves the clock on over a batch and notes where it stood at each row.
  private func see(_ batch: EventBatch) {
    if batch.count > capacity {
      clocks.deallocate()
      capacity = batch.count
      clocks = .allocate(capacity: capacity)
      clocks.initialize(repeating: 0, count: capacity)
    }
    if !batch.passed.isEmpty { return seeWithPassed(batch) }
    for row in 0..<batch.count {
      clock.see(batch.times[row])
      clocks[row] = clock.watermark
    }
  }

  private func seeWithPassed(_ batch: EventBatch) {
    var left = batch.passed[...]
    for row in 0..<batch.count {
      while let passed = left.first, passed.row <= row {
        clock.see(passed.time)
        left.removeFirst()
      }
      clock.see(batch.times[row])
      clocks[row] = clock.watermark
    }
    for passed in left { clock.see(passed.time) }
  }

  func add(to sum: inout WindowStatistics) {
    sum.stateBytes += hashes.bytes
    for stage in stages { stage.add(to: &sum) }
  }
}
