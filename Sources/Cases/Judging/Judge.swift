import Detection
package import Primitives

/// Turns what was found into alerts: the mapping says what it means, and what was already told is not told again.
///
/// Called in order of arrival by one thread; the same calls give the same verdicts. Time is the events' own.
///
/// - A finding *joins* an open alert, instead of raising one, where entity, mapping row and leading rule (or the model)
///   are the same and it lies within `joinWithin` of the last finding of the alert and `joinAtMost` of its first; a rule or
///   a mapping row may say by which fields and how long instead (`Dedup`). An alert as first written never changes: the
///   count and the highest severity and score of what joined stand beside it in the store. Findings without an entity
///   join only by fields.
/// - A rule that raised `floodLimit` alerts within an hour on one source raises no more until older ones have passed: one
///   alert tells of the *flood*, and what is found joins that.
/// - *Recurrence* counts the alerts of the same entity and mapping row in the `recurrenceWithin` before, at most 100.
/// - An *incident* is shared by alerts on one entity, each within `incidentWithin` of one before it.
///
/// Only the `mostRemembered` last touched entities are remembered; one that was forgotten starts anew.
package struct Judge: Sendable {
  package struct Settings: Sendable {
    package var joinWithin = TimeSpan.hours(1)
    package var joinAtMost = TimeSpan.hours(24)
    package var recurrenceWithin = TimeSpan.days(30)
    package var incidentWithin = TimeSpan.hours(24)
    package var mostRemembered = 200_000
    /// Alerts of one rule on one source within an hour; missing for any number.
    package var floodLimit: Int? = 200

    package init() {}
  }

  /// The policy that alerts are judged by; a reload replaces it and keeps what is remembered.
  package struct Policy: Sendable {
    package var mappings: [Mapping]
    package var owners: Owners
    /// Answers `in_list`: whether the list holds the text.
    package var lists: @Sendable (String, String) -> Bool
    package var pluginsDigest: String?
    /// By rule, what its findings are counted together by.
    package var dedup: [String: Dedup]

    package init(
      mappings: [Mapping], owners: Owners = Owners(), pluginsDigest: String? = nil,
      dedup: [String: Dedup] = [:],
      lists: @escaping @Sendable (String, String) -> Bool = { _, _ in false }
    ) {
      self.mappings = mappings
      self.owners = owners
      self.lists = lists
      self.dedup = dedup
      self.pluginsDigest = pluginsDigest
    }
  }

  package enum Verdict: Sendable {
    /// A new alert, with everything that led to it.
    case raised(Alert, Explanation)
    case joined(Joined)
    /// The alert that tells of a flood, and the finding that was too much.
    case flooded(Alert, Joined)
    /// The finding that raised this open alert, once more: an event delivered twice.
    case repeated(id: String)
  }

  package var policy: Policy
  /// What people have decided about entities.
  package var outcomes = EntityOutcomes()
  /// How often rules were right, as people have decided; empty where alerts are not to depend on that.
  package var record = TrackRecord()
  let settings: Settings
  var open: RecentMemory<OpenAlert>
  var alertTimes: RecentMemory<[Timestamp]>
  var incidents: RecentMemory<Incident>
  var pasts: RecentMemory<[PastAlert]>
  var floods: [CaseKey: FloodGuard] = [:]
  /// Where recurrence stops counting.
  static let mostTimes = 100

  /// Judges from here on with what people have decided by now.
  package mutating func know(_ decisions: Decisions) {
    outcomes = decisions.outcomes
    record = decisions.record
  }

  package init(policy: Policy, settings: Settings = Settings()) {
    self.policy = policy
    self.settings = settings
    open = RecentMemory(capacity: settings.mostRemembered)
    alertTimes = RecentMemory(capacity: settings.mostRemembered)
    incidents = RecentMemory(capacity: settings.mostRemembered)
    pasts = RecentMemory(capacity: settings.mostRemembered)
  }

  /// Judges the findings of one event about one entity; there is at least one.
  ///
  /// - Parameter usual: asked where an alert is raised.
  package mutating func judge(_ evidence: Evidence, usual: UsualLookup? = nil) -> Verdict {
    var evidence = evidence
    return judge(&evidence, usual: usual) { _ in }
  }

  /// As above, with what only an explanation needs supplied where there is to be one: most findings join an alert, and
  /// attributing a prediction costs more than all else.
  ///
  /// - Parameters:
  ///   - usual: asked where an alert is raised.
  ///   - complete: adds contributions and words; no finding, entity, score or value is changed by it.
  package mutating func judge(
    _ evidence: inout Evidence, usual: UsualLookup? = nil,
    completing complete: (inout Evidence) -> Void
  ) -> Verdict {
    guard let leading = evidence.leading else {
      preconditionFailure("a judgement needs a finding")
    }
    let row = policy.mappings.choose(for: evidence, lists: policy.lists)?.row
    let id = CauseDigest.ofAlert(evidence, row: row?.id).id
    let made = policy.severityMade(of: evidence, row)
    let severity = made.severity
    let keys = evidence.entity.map { Keys(entity: $0, row: row?.id) }
    let thread = thread(
      of: evidence.entity, row: row?.id, row?.dedup, rule: leading.ruleID,
      value: { evidence.event.text($0) })
    let time = evidence.event.time
    if let thread, var alert = open[thread.key] {
      if alert.id == id { return .repeated(id: id) }
      if alert.takes(time, within: thread.within, atMost: thread.atMost) {
        alert.join(time, severity, evidence.score)
        open[thread.key] = alert
        return .joined(
          Joined(
            alertID: alert.id, findingID: id, eventID: evidence.event.id, time: time,
            entity: evidence.entity, mapping: row?.id, count: alert.joined,
            severity: alert.severity, score: alert.score,
            finding: SuppressedFinding(
              evidence, row: row, reason: .joined, severity: severity, alertID: alert.id)))
      }
    }
    if let flooded = flooded(evidence, row, rule: leading.ruleID, id: id, severity) {
      return flooded
    }

    complete(&evidence)
    if let usual { evidence.look(up: usual) }
    var explanation = Explanation(evidence, most: Explanation.mostReasons)
    if let usual { explanation.compare(evidence, peers: usual.peers) }
    let confidence = Confidence(evidence, record)
    explanation.contributions = Contributions(
      confidence: confidence?.parts, severity: made.parts)
    var alert = Alert(
      id: id, evidence, leading, explanation, row: row, severity: severity,
      confidence: confidence?.value, policy: policy)
    if let keys {
      alert.recurrence = recurrence(keys.row, at: time)
      alert.incident = incident(keys.entity, id: id, at: time)
      remember(keys.entity, alert)
    }
    remember(alert, keys, thread, joined: 0)
    return .raised(alert, explanation)
  }

  private mutating func flooded(
    _ evidence: Evidence, _ row: MappingRow?, rule: String?, id: String, _ severity: Severity
  ) -> Verdict? {
    guard let limit = settings.floodLimit else { return nil }
    let key = CauseDigest.of(evidence.event.source, rule).key
    let time = evidence.event.time
    func joined(_ open: OpenAlert) -> Joined {
      Joined(
        alertID: open.id, findingID: id, eventID: evidence.event.id, time: time,
        entity: evidence.entity, mapping: row?.id, count: open.joined, severity: open.severity,
        score: open.score,
        finding: SuppressedFinding(
          evidence, row: row, reason: .flood, severity: severity, alertID: open.id))
    }
    switch floods[key, default: FloodGuard()].ask(
      at: time, limit: limit, severity: severity, score: evidence.score)
    {
    case .mayRaise: return nil
    case .joins(let open): return .joined(joined(open))
    case .tells:
      let alert = Alert(floodOf: rule, evidence, limit: limit, policy: policy)
      let open = OpenAlert(
        id: alert.id, first: time, last: time, joined: 1, severity: max(alert.severity, severity),
        score: evidence.score)
      floods[key]?.alert = open
      return .flooded(alert, joined(open))
    }
  }

  /// Takes up an alert of an earlier run, oldest first, as if it had just been raised; `joined` findings followed it.
  package mutating func remember(_ alert: Alert, joined: Int = 0) {
    guard let entity = alert.entity else { return }
    let keys = Keys(entity: entity, row: alert.mapping)
    incidents[keys.entity] = Incident(id: alert.incident, last: alert.time)
    remember(keys.entity, alert)
    remember(alert, keys, thread(of: alert), joined: joined)
  }

  /// Takes up a finding of an earlier run that joined an alert which is remembered.
  package mutating func remember(_ finding: SuppressedFinding, with alert: Alert) {
    guard let thread = thread(of: alert), var known = open[thread.key], known.id == alert.id
    else { return }
    known.join(finding.time, finding.severity, finding.score)
    open[thread.key] = known
  }

  /// What joins an alert of an earlier run: of its event only whom it was about is known here.
  private func thread(of alert: Alert) -> Thread? {
    guard let entity = alert.entity else { return nil }
    let row = policy.mappings.lazy.flatMap(\.rows).first { $0.id == alert.mapping }
    return thread(
      of: entity, row: alert.mapping, row?.dedup, rule: alert.rule,
      value: { $0 == entity.field ? entity.value : nil })
  }

  private mutating func remember(_ alert: Alert, _ keys: Keys?, _ thread: Thread?, joined: Int) {
    // A late alert does not push a newer one out of being open.
    if let thread, open[thread.key].map({ $0.last <= alert.time }) ?? true {
      open[thread.key] = OpenAlert(
        id: alert.id, first: alert.time, last: alert.time, joined: joined,
        severity: alert.severity, score: alert.score)
    }
    guard let keys else { return }
    var times = alertTimes[keys.row] ?? []
    let newest = max(times.last ?? alert.time, alert.time)
    times.removeAll { $0 < newest - settings.recurrenceWithin }
    times.insert(alert.time, at: times.firstIndex { $0 > alert.time } ?? times.count)
    if times.count > Judge.mostTimes { times.removeFirst() }
    alertTimes[keys.row] = times
  }

  private func recurrence(_ key: CaseKey, at time: Timestamp) -> Int {
    let start = time - settings.recurrenceWithin
    return (alertTimes[key] ?? []).count { $0 >= start && $0 <= time }
  }

  private mutating func incident(_ key: CaseKey, id: String, at time: Timestamp) -> String {
    if var known = incidents[key], time - known.last <= settings.incidentWithin,
      known.last - time <= settings.incidentWithin
    {
      known.last = max(known.last, time)
      incidents[key] = known
      return known.id
    }
    let started = Incident(id: Incident.id(startedBy: id), last: time)
    // A late alert does not push a newer incident out.
    if incidents[key].map({ $0.last <= time }) ?? true { incidents[key] = started }
    return started.id
  }
}

/// What findings are told apart by.
private struct Keys {
  /// Whose incident it is.
  var entity: CaseKey
  /// What recurs: the entity and the mapping row.
  var row: CaseKey

  init(entity: Entity, row: String?) {
    self.entity = CauseDigest.of(entity.field, entity.value).key
    self.row = CauseDigest.of(entity.field, entity.value, row).key
  }
}

struct OpenAlert: Sendable {
  var id: String
  var first: Timestamp
  var last: Timestamp
  var joined: Int
  var severity: Severity
  var score: Double?

  func takes(_ time: Timestamp, within: TimeSpan, atMost: TimeSpan) -> Bool {
    time - last <= within && time - first <= atMost && first - time <= within
  }

  mutating func join(_ time: Timestamp, _ severity: Severity, _ score: Double?) {
    last = max(last, time)
    joined += 1
    self.severity = max(self.severity, severity)
    if let score { self.score = max(self.score ?? score, score) }
  }
}

struct Incident: Sendable {
  var id: String
  var last: Timestamp

  static func id(startedBy alert: String) -> String { "inc-" + alert.prefix(16) }
}

extension Finding {
  /// Missing where the model found it.
  var ruleID: String? {
    if case .rule(let id) = origin { return id }
    return nil
  }
}
