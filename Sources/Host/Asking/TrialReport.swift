package import Cases
import Detection
import Ingest
import Plugins
package import Primitives
import Store

/// What a rule would have led to on kept events.
package struct TrialReport: Sendable {
  package struct Scenario: Sendable, Equatable {
    package var id: String
    package var planted: Int
    package var caught: Int
  }

  package var title: String
  package var events = 0
  package var first: Timestamp?
  package var last: Timestamp?
  package var findings = 0
  /// As the judge would have raised them, in order.
  package var alerts: [Alert] = []
  /// Findings that it would have counted with an alert that was open.
  package var joined = 0
  /// Alerts on events that an alert is kept about already.
  package var known = 0
  /// Planted attacks in the time that was looked at; empty where there are no labels.
  package var scenarios: [Scenario] = []
  /// Alerts on no planted attack; missing where there are no labels.
  package var falseAlerts: Int?
  /// What looking at the alerts costs, and what the false ones cost those they are about, where that is known.
  package var labour = Cents.zero
  package var friction: Cents?
  /// In the rule itself.
  package var ruleSeconds = 0.0
  /// The calls of it that failed.
  package var failures = 0
  package var lastFailure: String?

  package var days: Double {
    guard let first, let last else { return 0 }
    return max((last - first).seconds / 86_400, 1.0 / 24)
  }

  package var json: JSONValue {
    func time(_ time: Timestamp?) -> JSONValue { time.map { .text($0.description) } ?? .null }
    return [
      "rule": .text(title), "events": .integer(Int64(events)), "first": time(first),
      "last": time(last), "findings": .integer(Int64(findings)),
      "alerts": .integer(Int64(alerts.count)), "joined": .integer(Int64(joined)),
      "known": .integer(Int64(known)),
      "alerts_per_day": days > 0 ? .number(Double(alerts.count) / days) : .null,
      "planted": .list(
        scenarios.map {
          [
            "scenario": .text($0.id), "planted": .integer(Int64($0.planted)),
            "caught": .integer(Int64($0.caught)),
          ]
        }), "false_alerts": falseAlerts.map { .integer(Int64($0)) } ?? .null,
      "labour_usd": .number(labour.dollars),
      "friction_usd": friction.map { .number($0.dollars) } ?? .null,
      "rule_s": .number(ruleSeconds), "failures": .integer(Int64(failures)),
      "last_failure": lastFailure.map { .text($0) } ?? .null,
      "found": .list(
        alerts.prefix(TrialReport.mostTold).map { alert in
          [
            "event": .text(alert.eventID), "time": .text(alert.time.description),
            "severity": .text(alert.severity.word),
            "entity": alert.entity.map { .text("\($0.field)=\($0.value)") } ?? .null,
            "message": .text(alert.message),
          ]
        }),
    ]
  }

  static let mostTold = 1000
}

/// Judges what a tried rule finds as a run would, and holds it against labels and what is kept.
struct TrialTally {
  private var state: TrialReport
  var report: TrialReport { state }
  private let policy: Judge.Policy
  private let labels: [Label]
  private let expected: [String: String]
  private let ids: [String: String]
  private let ledger: LedgerSettings
  private let store: AlertStore
  private var judge: Judge?
  private var scorer: DetectionScorer

  init(
    title: String, labels: [Label], installation: Installation, settings: Settings,
    store: AlertStore
  ) {
    state = TrialReport(title: title)
    policy = installation.policy
    self.labels = labels
    expected = installation.plugins.expectedMappings
    ids = installation.plugins.scenarioIDs
    ledger = settings.judgement.ledger
    self.store = store
    scorer = DetectionScorer(labels)
  }

  mutating func begin(_ plan: RunPlan) {
    judge = Judge(policy: policy, settings: plan.judging)
  }

  mutating func sawEvent(_ time: Timestamp) {
    state.events += 1
    state.first = min(state.first ?? time, time)
    state.last = max(state.last ?? time, time)
  }

  mutating func tookFinding() { state.findings += 1 }

  mutating func took(ruleSeconds: Double) { state.ruleSeconds = ruleSeconds }

  mutating func failed(_ failures: Int, _ last: String?) {
    state.failures += failures
    state.lastFailure = last ?? state.lastFailure
  }

  mutating func found(
    _ event: EventRecord, severity: Severity, title: String, message: String,
    entities: SourceMapping.Entities?
  ) throws(Failure) {
    state.findings += 1
    let finding = Finding(
      row: 0, origin: .rule(id: state.title), severity: severity, title: title, message: message)
    let evidence = Evidence(
      event: event,
      entity: event.primaryEntity.map { Entity(field: $0.field, value: $0.value) },
      findings: [finding], involved: entities?.named(by: event) ?? [])
    switch judge?.judge(evidence) {
    case .raised(let alert, _)?: raised(alert)
    case .joined(let joined)?: self.joined(joined)
    case .flooded(let alert, let joined)?:
      raised(alert)
      self.joined(joined)
    case .repeated?, nil: break
    }
  }

  mutating func raised(_ alert: Alert) {
    state.alerts.append(alert)
    scorer.add(alert)
  }

  mutating func joined(_ joined: Joined) {
    state.joined += 1
    scorer.add(joined)
  }

  mutating func finish() throws(Failure) -> TrialReport {
    guard let first = state.first, let last = state.last else { return state }
    let detection = scorer.report(expected: expected)
    // What was planted outside of the time that was looked at could not be caught.
    let inside = detection.incidents.filter { $0.start >= first && $0.start <= last }
    for (name, incidents) in Dictionary(grouping: inside, by: \.name).sorted(by: { $0.key < $1.key }
    ) {
      state.scenarios.append(
        TrialReport.Scenario(
          id: ids[name] ?? name, planted: incidents.count,
          caught: incidents.count(where: \.isCaught)
        ))
    }
    state.labour = Cents(ledger.labour.count * state.alerts.count)
    if !labels.isEmpty {
      state.falseAlerts = detection.falseAlerts
      state.friction = Cents(ledger.friction.count * detection.falseAlerts)
    }
    let told = try store.eventsWithAlerts(among: Set(state.alerts.map(\.eventID)))
    state.known = state.alerts.count { told.contains($0.eventID) }
    return state
  }
}
