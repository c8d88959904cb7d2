import Detection
import Foundation
import Glibc
package import Primitives

/// Measures the whole way of payments: JSON lines in, windows, rules and perhaps a model, alerts in the database.
///
/// First as fast as `detect` goes over a file. Then as the service follows a file that grows at a steady pace: the latency of
/// an event is the time from when it was written to when what it led to was in the database, batching included.
package struct EndToEndBenchJob: Sendable {
  private static let source = "generic-jsonl"
  /// Seconds at the beginning of the pace that do not count: windows, caches and files are made then.
  private static let warming = 1.0

  private let settings: Settings
  private let events: Int
  private let model: String?
  private let rate: Double
  private let seconds: Double
  private let repeats: Int
  private let command: [String]

  /// - Parameters:
  ///   - model: a model file; rules alone where missing.
  ///   - rate: events a second of the steady pace.
  ///   - seconds: how long it lasts; 0 for none.
  package init(
    settings: Settings, events: Int, model: String?, rate: Double, seconds: Double, repeats: Int,
    command: [String]
  ) {
    self.settings = settings
    self.events = events
    self.model = model
    self.rate = rate
    self.seconds = seconds
    self.repeats = repeats
    self.command = command
  }

  package func run(progress: some JobProgress) throws(Failure) -> BenchReport {
    let folder = NSTemporaryDirectory() + "moonwatch-bench-\(getpid())-end-to-end"
    defer { ScratchFolder.remove(folder) }
    try Folder.make(folder)
    var report = BenchReport("end-to-end", command: command)
    report.settings = [
      .init("events", .integer(Int64(events))), .init("threads", .integer(Int64(settings.threads))),
      .init("model", .text(model ?? "none")), .init("paced_events_per_s", .number(rate)),
      .init("paced_s", .number(seconds)),
    ]
    try measureDetect(folder, &report, progress)
    if seconds > 0 { try measurePace(folder, &report, progress) }
    return report
  }

  /// How many payments it wrote.
  @discardableResult
  private func produce(
    _ path: String, rate: Double, seconds: Double, start: String?
  ) throws(Failure) -> Int {
    try ProduceJob(
      ProduceJob.Options(
        rate: rate, seconds: seconds, out: path, labels: nil, users: nil, fraudRate: nil, seed: 1,
        start: start)
    ).run(progress: NoProgress()).payments
  }

  private func measureDetect(
    _ folder: String, _ report: inout BenchReport, _ progress: some JobProgress
  ) throws(Failure) {
    let path = folder + "/payments.jsonl"
    progress.begin("make", total: nil)
    // Two payments a second over days: windows hold what they hold of real cards.
    try produce(path, rate: 2, seconds: Double(events) / 2, start: "2026-03-01T00:00:00Z")
    progress.end("\(events) payments")
    var speed = BenchReport.Measure("events_per_s", unit: "events/s")
    var processor = BenchReport.Measure("cpu_ns_per_event", unit: "ns")
    // By how much keeping events makes the same run longer, and its threads busier.
    var slower = BenchReport.Measure("kept_events_wall_percent", unit: "%")
    var dearer = BenchReport.Measure("kept_events_cpu_percent", unit: "%")
    let keepsEvents = settings.retention.keepsEvents
    var stages: [BenchReport.Measure] = []
    var alerts = 0
    progress.begin("detect", total: repeats)
    for repetition in 0..<repeats {
      // What is measured second has the files in memory: each goes first every other time.
      let isKeptFirst = repetition % 2 == 0
      var kept: Pass?
      var unkept: Pass?
      if keepsEvents && !isKeptFirst {
        unkept = try detect(path, "\(folder)/unkept-\(repetition)", keeping: false)
      }
      kept = try detect(path, "\(folder)/detect-\(repetition)", keeping: keepsEvents)
      if keepsEvents && isKeptFirst {
        unkept = try detect(path, "\(folder)/unkept-\(repetition)", keeping: false)
      }
      guard let kept else { continue }
      speed.samples.append(kept.events / kept.wallSeconds)
      processor.samples.append(kept.processorSeconds / kept.events * 1e9)
      if let unkept {
        slower.samples.append(100 * (kept.wallSeconds / unkept.wallSeconds - 1))
        dearer.samples.append(100 * (kept.processorSeconds / unkept.processorSeconds - 1))
      }
      alerts = kept.report.alerts
      for (name, seconds) in kept.report.meter.stages {
        let full = "\(name)_s"
        if !stages.contains(where: { $0.name == full }) {
          stages.append(BenchReport.Measure(full, unit: "s"))
        }
        for place in stages.indices where stages[place].name == full {
          stages[place].samples.append(seconds)
        }
      }
      progress.advance(to: repetition + 1)
    }
    progress.end("\(alerts) alerts")
    report.measures += [speed, processor] + stages + (keepsEvents ? [slower, dearer] : [])
    report.results.append(.init("alerts", .integer(Int64(alerts))))
  }

  private struct Pass {
    var report: DetectReport
    var wallSeconds: Double
    var processorSeconds: Double
    var events: Double { Double(max(1, report.events)) }
  }

  private func detect(
    _ path: String, _ directory: String, keeping: Bool
  ) throws(Failure) -> Pass {
    var settings = settings
    settings.dataDirectory = directory
    if !keeping { settings.retention.days = 0 }
    let clock = BenchClock()
    let outcome = try DetectJob(
      settings: settings,
      options: DetectOptions(inputs: [path], source: EndToEndBenchJob.source, model: model)
    ).run(progress: NoProgress())
    return Pass(
      report: outcome.report, wallSeconds: clock.wallSeconds,
      processorSeconds: clock.processorSeconds)
  }

  private func measurePace(
    _ folder: String, _ report: inout BenchReport, _ progress: some JobProgress
  ) throws(Failure) {
    let path = folder + "/growing.jsonl"
    var settings = settings
    settings.dataDirectory = folder + "/run"
    settings.run.inputs = [
      RunSettings.Input(source: EndToEndBenchJob.source, paths: [path], model: model)
    ]
    progress.begin("paced", total: nil)
    let stop = StopRequest()
    let end = PaceEnd(stop)
    let writer = Thread {
      do throws(Failure) {
        end.wrote(
          try produce(path, rate: rate, seconds: seconds + EndToEndBenchJob.warming, start: nil))
      } catch {
        progress.warn(error.description)
        stop.stop()
      }
    }
    writer.name = "producer"
    writer.start()
    var latencies = LatencyHistogram()
    let begun = WallClock.now().microseconds + Int64(EndToEndBenchJob.warming * 1e6)
    let outcome = try RunJob(settings: settings, stop: stop).run(progress: NoProgress()) { batch in
      let now = WallClock.now().microseconds
      for row in 0..<batch.count where batch.times[row] >= begun {
        latencies.add(Double(now - batch.times[row]) / 1e6)
      }
      end.judged(batch.count)
    }
    progress.end("\(outcome.events) events")
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)] {
      report.measures.append(
        BenchReport.Measure(
          "latency_\(name)_ms", unit: "ms",
          samples: latencies.quantile(share).map { [$0 * 1000] } ?? []))
    }
    report.results += [
      .init("paced_events", .integer(Int64(outcome.events))),
      .init("paced_alerts", .integer(Int64(outcome.sources.reduce(0) { $0 + $1.alerts }))),
    ]
  }
}
