import Cases
import Detection
import Ingest
import Learning
import Plugins
import Primitives
import Synthetic

/// Sets of plugins over the same planted events: what the new one gains and loses.
struct GateTrial {
  /// How many times as many attacks of a scenario are planted where the first look leaves a doubt.
  static let furtherAttacks = 4

  let settings: Settings
  var events: GateEvents
  let model: (file: Model, name: String)?
  let seed: UInt64
  /// False alerts a day that are allowed.
  let budget: Double

  /// - Parameters:
  ///   - old: missing where there is nothing to compare with.
  ///   - best: the set that caught most so far, where it is another than the old one.
  ///   - scenarios: those that were planted, and those that could not be.
  ///   - again: plants more attacks of some scenarios, with an injector that draws otherwise.
  func compare(
    _ old: Installation?, _ new: Installation, best: Installation? = nil,
    scenarios: [Plugins.Scenario],
    again: ([Plugins.Scenario]) throws(Failure) -> GateEvents, progress: some JobProgress
  ) throws(Failure) -> GateReport {
    let look = try Look(self, old, new, best, progress)
    var report = GateReport(
      events: events.count, days: events.days, seed: seed, budget: budget,
      before: look.before.map { side($0) }, after: side(look.after),
      scenarios: scenarios.map { compare($0, [look]) },
      gained: look.before.map { difference(look.after, without: $0) } ?? [],
      lost: look.before.map { difference($0, without: look.after) } ?? [],
      errors: new.plugins.problems.count { $0.severity == .error })
    let doubtful = Set(report.scenarios.filter(\.isDoubtful).map(\.id))
    if doubtful.isEmpty { return report }
    let unclear = scenarios.filter { doubtful.contains($0.id) }
    var further = self
    further.events = try again(unclear)
    let second = try Look(further, old, new, best, progress)
    for (place, scenario) in scenarios.enumerated() where doubtful.contains(scenario.id) {
      report.scenarios[place] = compare(scenario, [look, second])
    }
    return report
  }

  /// What each set finds in the same events.
  private struct Look {
    var before: Judged?
    var after: Judged
    var best: Judged?

    init(
      _ trial: GateTrial, _ old: Installation?, _ new: Installation, _ best: Installation?,
      _ progress: some JobProgress
    ) throws(Failure) {
      before = try old.map { (old) throws(Failure) in
        try trial.judge(with: old, "judge as before", progress)
      }
      after = try trial.judge(with: new, "judge as it would be", progress)
      self.best = try best.map { (best) throws(Failure) in
        try trial.judge(with: best, "judge as it was best", progress)
      }
    }
  }

  /// One set of plugins over the events.
  private struct Judged {
    var report: DetectReport
    var alerts: [Alert]
    var incidents: [DetectionReport.Incident]
    var falseAlerts: Int
  }

  private func judge(
    with installation: Installation, _ title: String,
    _ progress: some JobProgress
  ) throws(Failure) -> Judged {
    progress.begin(title, total: events.count)
    let mapping = try installation.source(GateEvents.source)
    let input = try EventInput([events.path], mapping: mapping, settings: settings, strict: true)
    let plan = try RunPlan(
      installation: installation, settings: settings, mapping: mapping, schema: input.schema,
      interner: input.interner, model: model)
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

  private func side(_ judged: Judged) -> GateReport.Side {
    let days = max(events.days, 1.0 / 24)
    let rules = judged.report.meter.stages.first { $0.name == "rules" }?.seconds ?? 0
    return GateReport.Side(
      pluginsDigest: judged.report.pluginsDigest, alerts: judged.report.alerts,
      alertsPerDay: Double(judged.report.alerts) / days,
      falseAlertsPerDay: Double(judged.falseAlerts) / days,
      microsecondsPerEvent: events.count == 0 ? 0 : rules * 1e6 / Double(events.count),
      setAside: judged.report.setAside.map(\.rule).sorted())
  }

  private func compare(_ scenario: Plugins.Scenario, _ looks: [Look]) -> GateReport.Scenario {
    func incidents(_ judged: (Look) -> Judged?) -> [DetectionReport.Incident] {
      looks.flatMap { look in
        judged(look)?.incidents.filter { $0.name == scenario.label.name } ?? []
      }
    }
    func recall(_ incidents: [DetectionReport.Incident]) -> GateReport.Scenario.Recall {
      var caughtBy: [String: Int] = [:]
      for finder in incidents.flatMap(\.finders) { caughtBy[finder, default: 0] += 1 }
      let caught = incidents.count(where: \.isCaught)
      return GateReport.Scenario.Recall(
        caught: caught, interval: WilsonInterval(successes: caught, trials: incidents.count),
        caughtBy: caughtBy)
    }
    let new = incidents(\.after)
    // All judged the same incidents in the same order.
    func change(from old: [DetectionReport.Incident]) -> GateReport.Scenario.Change {
      GateReport.Scenario.Change(
        lost: zip(old, new).count { $0.isCaught && !$1.isCaught },
        gained: zip(old, new).count { !$0.isCaught && $1.isCaught })
    }
    return GateReport.Scenario(
      id: scenario.id, file: scenario.origin.file, injected: new.count,
      before: looks[0].before.map { _ in recall(incidents(\.before)) }, after: recall(new),
      change: change(from: incidents(\.before)),
      best: looks[0].best.map { _ in
        (recall(incidents(\.best)), change(from: incidents(\.best)))
      })
  }

  /// Alerts of one set that the other does not raise: on other events, of other entities or by other rules.
  private func difference(
    _ judged: Judged, without other: Judged
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
