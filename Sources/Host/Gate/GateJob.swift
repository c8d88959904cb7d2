import Cases
import Detection
import Ingest
import Learning
import Plugins
package import Primitives
import Synthetic

/// What is asked of the gate.
package struct GateOptions: Sendable {
  /// Files of events and their source; missing for a made-up month.
  package var events: (inputs: [String], source: String)?
  /// Folders of the plugins that run; empty for those that passed last.
  package var against: [String]
  /// A model file, or `none`.
  package var model: String?
  /// Attacks of each scenario.
  package var count: Int
  package var seed: UInt64
  /// False alerts a day that are allowed; missing for what the settings say.
  package var budget: Double?
  package var report: String?
  /// Events of the made-up month, without those of its bank.
  package var madeEvents = 100_000

  package init(
    events: (inputs: [String], source: String)? = nil, against: [String] = [],
    model: String? = nil, count: Int = 20, seed: UInt64 = 7, budget: Double? = nil,
    report: String? = nil
  ) {
    self.events = events
    self.against = against
    self.model = model
    self.count = count
    self.seed = seed
    self.budget = budget
    self.report = report
  }
}

/// Holds the plugins as they stand against those that run: both judge the same events with the same attacks planted.
///
/// A set that passes becomes the one that later sets are held against, unless folders were named to compare with.
package struct GateJob: Sendable {
  private let settings: Settings
  private let options: GateOptions

  package init(settings: Settings, options: GateOptions) {
    self.settings = settings
    self.options = options
  }

  package func run(progress: some JobProgress) throws(Failure) -> GateReport {
    try OutputFile.requireDistinct(
      [options.report], notOver: (options.events?.inputs ?? []) + [options.model].compactMap { $0 })
    let reportFile = try JSONReport(options.report)
    let accepted = AcceptedPlugins(settings)
    let folders = options.against.isEmpty ? try accepted.folders() : options.against
    let new = try Installation(settings)
    try new.reportPlugins(to: progress)
    let old =
      folders.isEmpty ? nil : try Installation(settings, folders: folders)
    // A scenario that was taken away is planted all the same: what caught it may be gone with it.
    let known = new.plugins.scenarios
    let scenarios =
      known
      + (old?.plugins.scenarios ?? []).filter { before in !known.contains { $0.id == before.id } }
    let events = try GateEvents(
      options.events, scenarios: scenarios, installation: new, settings: settings,
      injector: Injector(seed: options.seed, count: options.count),
      madeEvents: options.madeEvents, progress: progress)
    // What could not be planted at all is in the report.
    for shortfall in events.shortfalls where shortfall.planted > 0 {
      progress.warn(shortfall.description)
    }
    let before = try old.map { (old) throws(Failure) in
      try judge(events, with: old, "judge as before", progress)
    }
    let after = try judge(events, with: new, "judge as it would be", progress)
    let report = GateReport(
      events: events.count, days: events.days, seed: options.seed,
      budget: options.budget ?? settings.gateFalseAlertsPerDay,
      before: before.map { side($0, events) }, after: side(after, events),
      scenarios: scenarios.map { scenario in
        compare(scenario, injected: events.planted[scenario.id] ?? 0, before, after)
      },
      gained: before.map { difference(after, without: $0, events) } ?? [],
      lost: before.map { difference($0, without: after, events) } ?? [],
      errors: new.plugins.problems.count { $0.severity == .error })
    try reportFile.write(report.json)
    if report.passed && options.against.isEmpty {
      try accepted.replace(with: settings.plugins.map(settings.resolve))
    }
    return report
  }

  /// One set of plugins over the events.
  private struct Judged {
    var report: DetectReport
    var alerts: [Alert]
    var incidents: [DetectionReport.Incident]
    var falseAlerts: Int
  }

  private func judge(
    _ events: GateEvents, with installation: Installation, _ title: String,
    _ progress: some JobProgress
  ) throws(Failure) -> Judged {
    progress.begin(title, total: events.count)
    let mapping = try installation.source(GateEvents.source)
    let input = try EventInput([events.path], mapping: mapping, settings: settings, strict: true)
    let plan = try RunPlan(
      installation: installation, settings: settings, mapping: mapping, schema: input.schema,
      interner: input.interner, model: try model())
    let run = try DetectionRun(
      plan, pool: WorkerPool(count: settings.threads), labels: events.labels)
    let sink = try RunSink(alerts: nil, scores: nil, store: nil, keeps: true, input: input)
    let pass = DetectionPass(installation: installation, input: input, run: run, store: nil)
    let (report, kept) = try pass.drive(into: sink, started: RunMeter.now(), progress: progress)
    progress.end("\(report.alerts) alerts")
    let detection = report.quality?.detection
    return Judged(
      report: report, alerts: kept.kept.map(\.alert), incidents: detection?.incidents ?? [],
      falseAlerts: detection?.falseAlerts ?? 0)
  }

  private func model() throws(Failure) -> (file: Model, name: String)? {
    guard let path = options.model, path != "none" else { return nil }
    return (try ModelFile.load(path: path), path)
  }

  private func side(_ judged: Judged, _ events: GateEvents) -> GateReport.Side {
    let days = max(events.days, 1.0 / 24)
    let rules = judged.report.meter.stages.first { $0.name == "rules" }?.seconds ?? 0
    return GateReport.Side(
      pluginsDigest: judged.report.pluginsDigest, alerts: judged.report.alerts,
      alertsPerDay: Double(judged.report.alerts) / days,
      falseAlertsPerDay: Double(judged.falseAlerts) / days,
      microsecondsPerEvent: events.count == 0 ? 0 : rules * 1e6 / Double(events.count),
      setAside: judged.report.setAside.map(\.rule).sorted())
  }

  private func compare(
    _ scenario: Plugins.Scenario, injected: Int, _ before: Judged?, _ after: Judged
  ) -> GateReport.Scenario {
    func incidents(_ judged: Judged) -> [DetectionReport.Incident] {
      judged.incidents.filter { $0.name == scenario.label.name }
    }
    func recall(_ incidents: [DetectionReport.Incident]) -> GateReport.Scenario.Recall {
      var caughtBy: [String: Int] = [:]
      for finder in incidents.flatMap(\.finders) { caughtBy[finder, default: 0] += 1 }
      let caught = incidents.count(where: \.isCaught)
      return GateReport.Scenario.Recall(
        caught: caught, interval: WilsonInterval(successes: caught, trials: incidents.count),
        caughtBy: caughtBy)
    }
    let new = incidents(after)
    let old = before.map(incidents)
    // Both judged the same incidents in the same order.
    let pairs = zip(old ?? new, new)
    let lost = pairs.count { $0.isCaught && !$1.isCaught }
    let gained = pairs.count { !$0.isCaught && $1.isCaught }
    return GateReport.Scenario(
      id: scenario.id, file: scenario.origin.file, injected: new.count, before: old.map(recall),
      after: recall(new), lost: lost, gained: gained,
      probability: SignTest.probability(worse: lost, better: gained))
  }

  /// Alerts of one set that the other does not raise: on other events, of other entities or by other rules.
  private func difference(
    _ judged: Judged, without other: Judged, _ events: GateEvents
  ) -> [GateReport.Difference] {
    struct Key: Hashable {
      var event: String
      var entity: String
      var rule: String
    }
    func key(_ alert: Alert) -> Key {
      Key(
        event: alert.eventID, entity: alert.entity?.value ?? "",
        rule: alert.rule ?? DetectionScorer.model)
    }
    let known = Set(other.alerts.map(key))
    let attacks = Set(events.labels.map(\.eventID))
    return judged.alerts.filter { !known.contains(key($0)) }.map { alert in
      GateReport.Difference(
        time: alert.time, entity: alert.entity?.value ?? "", rule: key(alert).rule,
        title: alert.title, isFalse: !attacks.contains(alert.eventID))
    }
  }
}
