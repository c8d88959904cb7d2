import Plugins
import Primitives
import Store

/// One pass over an input that ends: what `detect`, `replay` and `demo` do once they know what to judge by.
struct DetectionPass {
  let installation: Installation
  let input: EventInput
  let run: DetectionRun
  /// Where alerts are kept and the run that they are kept under; missing where they are not.
  let store: (alerts: AlertStore, run: Int64)?
  /// Asked for plugins to judge with from then on; as in `BatchFeed`.
  var renew: (@Sendable () -> BoundGeneration?)?

  /// Judges everything. The sink's files are then in place and the run is closed in the database.
  ///
  /// - Parameter started: when the job began, in seconds of `RunMeter.now`.
  func drive(
    into sink: RunSink, started: Double, progress: some JobProgress
  ) throws(Failure) -> (report: DetectReport, sink: RunSink) {
    let lane = RunLane(run, output: sink)
    let loop = RunLoop(pump: input.pump(renew: renew), lanes: [lane])
    try loop.run(progress: progress) { _ throws(Failure) in
      progress.advance(to: run.report.events, share: input.progress)
      if progress.isStopped { throw Failure(.usage, "stopped") }
      return true
    }
    try input.finish()
    try lane.output.finish()
    var report = run.finish(expected: installation.plugins.expectedMappings)
    report.quality?.detection.nameScenarios(installation.plugins.scenarios)
    input.fill(&report)
    report.wallSeconds = RunMeter.now() - started
    report.peakMemory = RunMeter.peakMemory()
    if let store {
      try store.alerts.finish(run: store.run, digest: report.digest, events: report.events)
    }
    return (report, lane.output)
  }
}
