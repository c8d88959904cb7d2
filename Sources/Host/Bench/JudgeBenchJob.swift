import Cases
import Detection
import Foundation
import Glibc
import Ingest
import Learning
package import Primitives
import Store

/// Measures what an alert costs beyond finding it: its evidence, explanation and mapping, what is kept with it, and the
/// search for what would have cleared it; and what share of the time that is at a steady rate of alerts.
///
/// On the demo's stream with the demo's model, planted attacks among it.
package struct JudgeBenchJob: Sendable {
  /// The rate at which the share of judging is told.
  static let alertsPerSecond = 50.0

  private let settings: Settings
  private let events: Int
  private let repeats: Int
  private let command: [String]

  package init(settings: Settings, events: Int, repeats: Int, command: [String]) {
    self.settings = settings
    self.events = events
    self.repeats = repeats
    self.command = command
  }

  package func run(progress: some JobProgress) throws(Failure) -> BenchReport {
    let folder = NSTemporaryDirectory() + "moonwatch-bench-\(getpid())-judge"
    defer { ScratchFolder.remove(folder) }
    try Folder.make(folder)
    var settings = settings
    settings.dataDirectory = folder
    progress.begin("demo", total: nil)
    let demo = try DemoJob(settings: settings, events: events).run(progress: NoProgress())
    progress.end("\(demo.detect.alerts) alerts")

    var report = BenchReport("judge", command: command)
    report.settings = [
      .init("events", .integer(Int64(demo.events))),
      .init("threads", .integer(Int64(settings.threads))),
    ]
    report.settings.append(.init("alerts_per_s", .number(JudgeBenchJob.alertsPerSecond)))
    var judged = BenchReport.Measure("judge_us", unit: "µs")
    var raised = BenchReport.Measure("raised_us", unit: "µs")
    var raisedProcessor = BenchReport.Measure("raised_cpu_us", unit: "µs")
    var explained = BenchReport.Measure("explained_cpu_us", unit: "µs")
    var share = BenchReport.Measure("judging_share_percent", unit: "%")
    progress.begin("judge", total: repeats)
    for repetition in 0..<repeats {
      let pass = try pass(folder, settings, repetition)
      judged.samples += pass.times.map { $0.wallSeconds / Double($0.findings) * 1e6 }
      let alone = pass.times.filter { $0.hasRaised && $0.findings == 1 }
      raised.samples += alone.map { $0.wallSeconds * 1e6 }
      raisedProcessor.samples += alone.map { $0.processorSeconds * 1e6 }
      explained.samples += alone.map { $0.explainedSeconds * 1e6 }
      share.samples.append(pass.share)
      progress.advance(to: repetition + 1)
    }
    progress.end("\(judged.samples.count) findings")
    var cleared = BenchReport.Measure("counterfactual_ms", unit: "ms")
    let (verdicts, byFinder, bytes) = try clear(settings, into: &cleared, progress)
    report.measures = [judged, raised, raisedProcessor, explained, cleared, share]
    report.results = [judged, raised, raisedProcessor, explained, cleared].flatMap { measure in
      [0.5, 0.99, 1].map { share in
        .init("\(measure.name)_p\(Int(share * 100))", .number(rank(measure.samples, share)))
      }
    }
    // Which alerts are dear: the slowest of each rule, or of the model.
    for (finder, samples) in byFinder.sorted(by: { $0.key < $1.key }) {
      report.results.append(
        .init("counterfactual_ms_p100 \(finder)", .number(samples.max() ?? .nan)))
    }
    for (verdict, count) in verdicts.sorted(by: { $0.key < $1.key }) {
      report.results.append(.init(verdict, .integer(Int64(count))))
    }
    report.results.append(.init("kept_bytes_mean", .number(bytes)))
    return report
  }

  /// One pass over the demo's events that keeps its alerts: what each found event took, and the share of a second that
  /// judging takes at so many alerts a second, with what joins them and with writing them to the database.
  ///
  /// The share does not depend on how many events come: it is what is done for alerts, and one thread does it.
  private func pass(
    _ folder: String, _ settings: Settings, _ number: Int
  ) throws(Failure) -> (times: [JudgeTime], share: Double) {
    let installation = try Installation(settings)
    let mapping = try installation.source("generic-jsonl")
    let input = try EventInput(
      [folder + "/demo/events.jsonl"], mapping: mapping, settings: settings, strict: true)
    let model = try ModelFile.load(path: folder + "/demo/model.json")
    let plan = try RunPlan(
      installation: installation, settings: settings, mapping: mapping, schema: input.schema,
      interner: input.interner, model: (model, folder + "/demo/model.json"))
    let run = try DetectionRun(plan, pool: WorkerPool(count: settings.threads))
    run.judgeTimes = []
    let store = AlertStore(
      try Database.open(dataDirectory: "\(folder)/judge-\(number)"), pen: .system("bench"))
    let record = RunRecord(command: "bench", started: WallClock.now(), input: "demo")
    let kept = (alerts: store, run: try store.begin(record))
    let sink = try RunSink(
      alerts: nil, scores: nil, store: (kept.alerts, kept.run), keeps: false, input: input)
    let (report, _) = try DetectionPass(
      installation: installation, input: input, run: run, store: kept
    ).drive(into: sink, started: RunMeter.now(), progress: NoProgress())
    let times = run.judgeTimes ?? []
    let judging = times.reduce(0) { $0 + $1.wallSeconds }
    let writing = report.meter.stages.first { $0.name == "commit" }?.seconds ?? 0
    let each = report.alerts == 0 ? 0 : (judging + writing) / Double(report.alerts)
    return (times, 100 * JudgeBenchJob.alertsPerSecond * each)
  }

  private func clear(
    _ settings: Settings, into measure: inout BenchReport.Measure, _ progress: some JobProgress
  ) throws(Failure) -> (verdicts: [String: Int], byFinder: [String: [Double]], bytes: Double) {
    let control = Control(settings: settings)
    let store = try control.store(.readOnly)
    let desk = try control.counterfactuals()
    let alerts = try store.alerts(AlertFilter(limit: nil))
    var verdicts: [String: Int] = [:]
    var byFinder: [String: [Double]] = [:]
    var bytes = 0
    progress.begin("counterfactual", total: alerts.count)
    for (index, stored) in alerts.enumerated() {
      let frozen = try store.frozen(stored.alert.id)
      bytes += frozen?.json.serialized().utf8.count ?? 0
      // The first answer of a model or a rule reads its file: every alert is asked twice, and the second time counts.
      _ = desk.answer(stored.alert, frozen: frozen)
      let clock = BenchClock()
      let answer = desk.answer(stored.alert, frozen: frozen)
      let taken = clock.wallSeconds * 1e3
      measure.samples.append(taken)
      byFinder[stored.alert.rule ?? AlertFact.model, default: []].append(taken)
      let word =
        switch answer.verdict {
        case .clears: answer.changes.count == 1 ? "clears_alone" : "clears_together"
        case .nothing: "nothing_clears"
        case .unknown: "unknown"
        }
      verdicts[word, default: 0] += 1
      progress.advance(to: index + 1)
    }
    progress.end("\(alerts.count) alerts")
    return (verdicts, byFinder, alerts.isEmpty ? 0 : Double(bytes) / Double(alerts.count))
  }

  /// The sample below which this share of all lie.
  private func rank(_ samples: [Double], _ share: Double) -> Double {
    let sorted = samples.sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
  }
}
