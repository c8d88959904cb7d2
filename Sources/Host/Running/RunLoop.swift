import Primitives

/// One stream of a run: what judges its batches, and where the result goes.
final class RunLane<Output: RunOutput> {
  let run: DetectionRun
  var output: Output
  fileprivate var reloads = ReloadTeller()
  /// Drops repeated events here rather than where they are read, where what it remembers must fit what was judged.
  let duplicates: DuplicateFilter?

  init(_ run: DetectionRun, output: Output, duplicates: DuplicateFilter? = nil) {
    self.run = run
    self.output = output
    self.duplicates = duplicates
  }

  func take(_ batch: ReadBatch) throws(Failure) {
    if batch.mark?.isAstray == true { run.speakUp() }
    duplicates?.clean(batch.events)
    try run.take(batch, output: &output)
  }
}

/// The one loop that moves events through the program: takes what the readers have ready, judges it batch by batch on
/// this thread and its workers, and gives the batches back.
struct RunLoop<Output: RunOutput> {
  let pump: BatchPump
  /// One for each feed of the pump.
  let lanes: [RunLane<Output>]

  /// Goes on until all feeds have ended or `after` says no.
  ///
  /// - Parameters:
  ///   - tick: seconds after which `after` is asked even though no batch came.
  ///   - after: called between batches, with the batch that was judged last if it is a new one; whether to go on.
  func run(
    tick: Double = 3600, progress: some JobProgress,
    after: (ReadBatch?) throws(Failure) -> Bool
  ) throws(Failure) {
    defer { pump.cancel() }
    while true {
      switch try pump.poll(seconds: tick) {
      case .batch(let batch):
        let lane = lanes[batch.feed]
        try lane.take(batch)
        lane.reloads.tell(lane.run.report.reloads, to: progress)
        for aside in lane.run.newlySetAside() { progress.warn("rule set aside: \(aside)") }
        for gone in lane.run.newlyGone() { progress.warn(gone.description) }
        let goesOn = try after(batch)
        pump.recycle(batch)
        if !goesOn { return }
      case .nothing: if try !after(nil) { return }
      case .ended: return
      }
    }
  }
}
