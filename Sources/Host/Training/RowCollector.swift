import Detection
import Ingest
import Primitives

/// Reads a whole input into feature rows with their labels: what training and evaluation work on.
struct RowCollector {
  let set: FeatureSet
  let input: EventInput
  /// Labels from beside the events; the source's own truth is added as it is read.
  let labels: [Label]
  let pool: WorkerPool
  let allowedLateness: TimeSpan
  /// What a label's name is reported as: the scenario that plants it.
  var scenarios: [String: String] = [:]
  /// Reading ends at the first batch that begins at or after this.
  var until = Timestamp.distantFuture

  /// One row an event, always: labels mark rows and never add any. Only events too late for their windows are put aside.
  func collect(progress: some JobProgress) throws(Failure) -> TrainingRows {
    let stage = try FeatureStage(
      features: set.features.map(\.definition), schema: input.schema, interner: input.interner,
      pool: pool, allowedLateness: allowedLateness)
    var rows = TrainingRows(
      names: set.features.map(\.name), columns: stage.plan.columns(of: set))
    let given = LabelIndex(labels)
    progress.begin("read", total: nil)
    let pump = input.pump()
    defer { pump.cancel() }
    while let batch = try pump.next() {
      if batch.events.time(0) >= until { break }
      let late = Set(stage.process(batch, labels: given))
      for row in late {
        try input.putAside(
          late: batch.events.record(row, interner: input.interner),
          origin: batch.events.origins[row])
      }
      var index = given
      index.add(batch.labels)
      rows.add(
        batch.events, stage.table, without: late, labels: index, scenarios: scenarios,
        interner: input.interner)
      progress.advance(to: rows.count, share: input.progress)
      pump.recycle(batch)
    }
    // Reading may have ended before the input did.
    pump.stop()
    try input.finish()
    rows.keep(before: until)
    progress.end("\(rows.count) events, \(rows.positives) of them labelled")
    return rows
  }
}
