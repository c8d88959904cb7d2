import Cases
import Detection
import Foundation
import Ingest
import Learning
import Plugins
package import Primitives
import Store
import Synthetic

/// The main job from end to end on a made-up world: make a stream, plant attacks, learn from the first part, catch
/// the others in the later part, and say what they mean.
package struct DemoJob: Sendable {
  /// The source that reads event lines of many sources.
  private static let source = "generic-jsonl"
  private static let worstShown = 10
  /// What the demo plants of all that is installed: the attacks that its made-up world was drawn for. The others are
  /// planted by `inject` and `train --inject` into events that have what they need.
  static let scenarios: Set<String> = [
    "auth.login-burst", "auth.off-hours", "fraud.card-testing", "fraud.high-value",
    "fraud.round-amounts", "metrics.spike", "metrics.drift",
  ]

  private let settings: Settings
  private let plan: DemoPlan
  private let report: String?

  package init(settings: Settings, events: Int = 200_000, seed: UInt64 = 7, report: String? = nil) {
    self.settings = settings
    plan = DemoPlan(seed: seed, events: events)
    self.report = report
  }

  package func run(progress: some JobProgress) throws(Failure) -> DemoOutcome {
    let started = RunMeter.now()
    let installation = try Installation(settings)
    try installation.reportPlugins(to: progress)
    let folder = settings.dataDirectory + "/demo"
    try Folder.make(folder)
    let reportFile = try JSONReport(report)
    // Held from here on: a second demo on this directory is refused before it can replace the stream of this one.
    let database = try Database.open(dataDirectory: settings.dataDirectory)

    let made = try make(installation, folder: folder, progress: progress)
    let model = try learn(installation, made, folder: folder, progress: progress)
    let (detect, kept) = try detect(
      installation, made, model, database: database, progress: progress)

    var outcome = DemoOutcome(
      events: made.events, days: plan.days, seed: plan.seed, testStart: plan.split,
      testDays: (plan.end - plan.split).seconds / 86_400,
      worst: Array(kept.sorted(by: DemoJob.isWorse).prefix(DemoJob.worstShown)),
      owners: installation.owners, detect: detect, dataDirectory: settings.dataDirectory,
      wallSeconds: 0, peakMemory: 0)
    outcome.wallSeconds = RunMeter.now() - started
    outcome.peakMemory = RunMeter.peakMemory()
    try reportFile.write(outcome.json)
    return outcome
  }

  private struct Made {
    var path: String
    var events: Int
    var training: [Label]
    var test: [Label]
  }

  /// The stream with both halves planted, as a file that any other command can read.
  private func make(
    _ installation: Installation, folder: String, progress: some JobProgress
  ) throws(Failure) -> Made {
    progress.begin("make events", total: plan.events)
    let world = plan.world()
    let scenarios = try ScenarioPlanter.scenarios(
      installation.plugins.scenarios.filter { DemoJob.scenarios.contains($0.id) },
      vocabulary: installation.vocabulary, lists: installation.lists)
    let (training, test) = try InjectJob.telling { try plan.plant(scenarios, into: world) }
    for shortfall in (training + test).shortfalls { progress.warn(shortfall.description) }
    let path = folder + "/events.jsonl"
    let file = try OutputFile(path)
    let count = try PlantedStream(
      (training + test).merged(into: world), to: file, progress: progress
    ).count
    try file.finish()
    for (name, labels) in [("training", training.labels), ("test", test.labels)] {
      try OutputFile.write(LabelFile.text(labels).utf8, to: "\(folder)/labels-\(name).csv")
    }
    progress.end(
      "\(count) events of \(plan.days) days, \(training.incidents.count) attacks to learn from, "
        + "\(test.incidents.count) others to find")
    return Made(path: path, events: count, training: training.labels, test: test.labels)
  }

  private func learn(
    _ installation: Installation, _ made: Made, folder: String, progress: some JobProgress
  ) throws(Failure) -> (file: Model, name: String) {
    let mapping = try installation.source(DemoJob.source)
    let input = try EventInput([made.path], mapping: mapping, settings: settings, strict: true)
    let set = try ModelFeatures.set(for: mapping, schema: input.schema)
    let rows = try RowCollector(
      set: set, input: input, labels: made.training, pool: WorkerPool(count: settings.threads),
      allowedLateness: settings.allowedLateness, until: plan.split
    ).collect(progress: progress)
    progress.begin("learn", total: nil)
    let trained = try ModelTrainer(
      fitting: FittingOptions(seed: plan.seed), threads: settings.threads,
      falseAlarmsPerDay: settings.modelFalseAlarmsPerDay, prices: try settings.alarmPrices()
    ).fit(rows, featureDigest: set.digest)
    let path = folder + "/model.json"
    try OutputFile.write(ModelFile.encode(trained), to: path)
    progress.end("\(trained.forest.treeCount) trees from \(rows.count) events")
    return (trained, "demo")
  }

  private func detect(
    _ installation: Installation, _ made: Made, _ model: (file: Model, name: String),
    database: Database, progress: some JobProgress
  ) throws(Failure) -> (DetectReport, [(alert: Alert, joined: Int)]) {
    let started = RunMeter.now()
    progress.begin("detect", total: made.events)
    let mapping = try installation.source(DemoJob.source)
    let input = try EventInput([made.path], mapping: mapping, settings: settings, strict: true)
    var runPlan = try RunPlan(
      installation: installation, settings: settings, mapping: mapping, schema: input.schema,
      interner: input.interner, model: model)
    runPlan.judgeFrom = plan.split
    runPlan.fields = FieldRecord.read(settings, orWarn: progress)
    runPlan.modelPath = settings.dataDirectory + "/demo/model.json"
    let run = try DetectionRun(
      runPlan, pool: WorkerPool(count: settings.threads), labels: made.test)
    let store = AlertStore(database, pen: .system("demo"))
    let record = try store.begin(
      RunRecord(
        command: "demo", started: WallClock.now(), input: made.path, settings: settings.deciding))
    let stream = EventKeeper.Stream(
      source: DemoJob.source, inputs: [made.path],
      model: settings.dataDirectory + "/demo/model.json", judgedFrom: plan.split, run: record)
    let journal = try SetupJournal(SetupStore(database)) { progress.warn($0) }
    defer { journal.finish() }
    run.write(to: journal, judgingBy: installation, stream: stream, run: record)
    let sink = try RunSink(
      alerts: settings.dataDirectory + "/demo/alerts.jsonl", scores: nil, store: (store, record),
      keeps: true, input: input,
      keeper: try EventKeeper.make(
        stream, schema: input.schema, interner: input.interner, store: store, settings),
      retention: settings.retention)
    let pass = DetectionPass(
      installation: installation, input: input, run: run, store: (alerts: store, run: record))
    let (report, kept) = try pass.drive(into: sink, started: started, progress: progress)
    try HealthFile(
      command: "demo", ended: WallClock.now().description, events: report.events,
      plugins: report.plugins
    ).write(settings)
    var fields = runPlan.fields
    fields.add(run.fieldRecord)
    try fields.write(settings)
    progress.end("\(report.alerts) alerts")
    return (report, kept.kept)
  }

  /// By severity, then by money at stake, then by score; the earlier first among equals.
  private static func isWorse(
    _ a: (alert: Alert, joined: Int), _ b: (alert: Alert, joined: Int)
  ) -> Bool {
    let left = (a.alert.severity.rawValue, a.alert.costUSD ?? 0, a.alert.score ?? 0)
    let right = (b.alert.severity.rawValue, b.alert.costUSD ?? 0, b.alert.score ?? 0)
    return left == right ? (a.alert.time, a.alert.id) < (b.alert.time, b.alert.id) : left > right
  }
}

extension DetectionReport {
  /// Gives each scenario its plugin's id in place of the name of its labels.
  mutating func nameScenarios(_ known: [Plugins.Scenario]) {
    for index in scenarios.indices {
      if let scenario = known.first(where: { $0.label.name == scenarios[index].name }) {
        scenarios[index].name = scenario.id
      }
    }
  }
}
