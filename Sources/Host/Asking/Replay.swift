import Cases
import Detection
import Learning
import Plugins
import Primitives
import Store
import Synchronization

/// Judges the kept events of a stream again, with the code that judged them first, and stops at some of them.
///
/// The windows begin empty with the first event that is kept, and features of labels see none.
struct Replay {
  let stream: KeptStream
  let plan: RunPlan
  let run: DetectionRun
  /// From where on the model finds by itself; missing without a model or where none was chosen.
  let ownThreshold: Double?
  let kept: RetainedEvents

  /// - Parameters:
  ///   - rules: those that judge; all that are installed where missing.
  ///   - usesModel: whether the stream's model scores the events, as it did.
  ///   - mutes: what is kept quiet, as it was in the run.
  ///   - record: how often rules had been right, where what they lead to is to be compared with an alert of then.
  ///   - modelName: what the model was called then.
  ///   - threshold: the model finds from there on where that is less than its own.
  init(
    _ stream: KeptStream, of kept: RetainedEvents, installation: Installation,
    settings: Settings, rules: [Rule]? = nil, usesModel: Bool = true,
    modelName: String? = nil, mutes: MuteBook = MuteBook(), record: TrackRecord = TrackRecord(),
    threshold: Double? = nil
  ) throws(Failure) {
    self.stream = stream
    self.kept = kept
    let schema = try kept.schema(of: stream)
    let path = usesModel ? stream.model : nil
    var model = try path.map { (path) throws(Failure) in
      (file: try ModelFile.load(path: path), name: modelName ?? path)
    }
    ownThreshold = model?.file.alertThreshold
    if let threshold, model != nil {
      model?.file.alertThreshold = min(threshold, ownThreshold ?? threshold)
    }
    var plan = try RunPlan(
      installation: installation, settings: settings,
      mapping: try installation.source(stream.source), schema: schema, interner: Interner(),
      model: model)
    if let rules {
      plan.rules = RuleBinding(
        schema: schema, interner: plan.interner, lists: installation.lists
      ).applicable(rules)
    }
    if let judgedFrom = stream.judgedFrom { plan.judgeFrom = judgedFrom }
    self.plan = plan
    run = try DetectionRun(plan, pool: WorkerPool(count: settings.threads))
    run.mutes = mutes
    run.judge.record = record
  }

  /// Rows of one batch that was judged, or that windows took in, with the number of its first event.
  struct Step {
    var events: EventBatch
    var first: Int
    /// How many events of the stream have gone by, those that were left out among them.
    var next: Int
    /// The latest time of these.
    var newest: Timestamp
    /// Whether it is one of the events at which the replay was to stop, by itself.
    var isStop: Bool
    /// Rows that came too late to be judged.
    var late: [Int]
  }

  /// Goes through the stream. An event of `stops` is judged as a batch by itself, so that what is known then can be looked at.
  ///
  /// - Parameters:
  ///   - change: may put other values into the batch of a stop before it is judged.
  ///   - seen: called with each block before it is judged; whether to go on with it.
  ///   - keeps: whether a row comes at all; numbers are those of all rows. Not with stops.
  ///   - after: called after each batch; whether to go on.
  func drive<Output: RunOutput>(
    stops: [Int], output: inout Output, progress: some JobProgress,
    change: (EventBatch, Int) -> Void = { _, _ in },
    keeps: ((EventBatch, Int) -> Bool)? = nil, seen: (EventBatch) -> Bool = { _ in true },
    after: (Step, inout Output) throws(Failure) -> Bool
  ) throws(Failure) {
    if stops.isEmpty {
      return try driveAhead(
        output: &output, progress: progress, keeps: keeps, seen: seen, after: after)
    }
    let batch = EventBatch(schema: plan.schema)
    var newest = Timestamp.distantPast
    var ahead = stops.sorted()[...]
    progress.begin("replay", total: stream.events)
    try kept.each(of: stream, schema: plan.schema, interner: plan.interner) {
      (start, block) throws(Failure) in
      guard seen(block) else { return false }
      var row = 0
      while row < block.count {
        while let stop = ahead.first, stop < start + row { ahead.removeFirst() }
        let stop = ahead.first.map { $0 - start } ?? block.count
        let rows = row == stop ? row..<row + 1 : row..<min(block.count, stop)
        batch.removeAll()
        if let keeps {
          for row in rows where keeps(block, row) { batch.append(block, rows: row..<row + 1) }
        } else {
          batch.append(block, rows: rows)
        }
        if batch.isEmpty {
          row = rows.upperBound
          continue
        }
        let isStop = row == stop
        if isStop { change(batch, start + row) }
        try run.take(
          ReadBatch(events: batch, labels: [], readyAt: RunMeter.now()), output: &output)
        for row in 0..<batch.count { newest = max(newest, batch.time(row)) }
        let step = Step(
          events: batch, first: start + row, next: start + rows.upperBound, newest: newest,
          isStop: isStop, late: run.features.engine.lateRows)
        row = rows.upperBound
        progress.advance(to: start + row)
        if progress.isStopped { throw Failure(.usage, "stopped") }
        if try !after(step, &output) { return false }
      }
      return true
    }
    progress.end("\(run.report.events) events")
  }

  /// Goes through the stream without a stop: another thread unpacks the next blocks while one is judged.
  private func driveAhead<Output: RunOutput>(
    output: inout Output, progress: some JobProgress, keeps: ((EventBatch, Int) -> Bool)?,
    seen: (EventBatch) -> Bool, after: (Step, inout Output) throws(Failure) -> Bool
  ) throws(Failure) {
    let starts = Mutex<[Int]>([])
    let pump = BatchPump([
      try kept.feed(stream, schema: plan.schema, interner: plan.interner) { start in
        starts.withLock { $0.append(start) }
      }
    ])
    // What it reads with is ours again afterwards.
    defer { pump.stop() }
    let chosen = EventBatch(schema: plan.schema)
    var newest = Timestamp.distantPast
    progress.begin("replay", total: stream.events)
    while let read = try pump.next() {
      defer { pump.recycle(read) }
      let start = starts.withLock { $0.removeFirst() }
      let next = start + read.events.count
      guard seen(read.events) else { break }
      var batch = read
      if let keeps {
        chosen.removeAll()
        for row in 0..<read.events.count where keeps(read.events, row) {
          chosen.append(read.events, rows: row..<row + 1)
        }
        batch = ReadBatch(events: chosen, labels: [], readyAt: read.readyAt)
      }
      if batch.events.isEmpty { continue }
      try run.take(batch, output: &output)
      for row in 0..<batch.events.count { newest = max(newest, batch.events.time(row)) }
      progress.advance(to: next)
      if progress.isStopped { throw Failure(.usage, "stopped") }
      let step = Step(
        events: batch.events, first: start, next: next, newest: newest, isStop: false,
        late: run.features.engine.lateRows)
      if try !after(step, &output) { break }
    }
    progress.end("\(run.report.events) events")
  }
}
