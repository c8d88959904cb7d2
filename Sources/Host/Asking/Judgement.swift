package import Cases
import Detection
import Plugins
package import Primitives

/// What rules and model came to about one event.
package struct Judgement: Sendable, Hashable {
  package struct Found: Sendable, Hashable {
    /// A rule's id; `model` for the model.
    package var rule: String
    package var severity: String
    package var message: String
  }

  /// Missing where no model judged.
  package var score: Double?
  package var found: [Found] = []
  /// The alerts that it raised.
  package var alerts: [Alert] = []
  /// Ids of the alerts that its findings joined.
  package var joined: [String] = []
  /// Numbers of the mutes that keep its findings quiet.
  package var mutes: [Int64] = []
  /// It came too late to be judged.
  package var isLate = false

  package var json: JSONValue {
    [
      "score": score.map { .number($0) } ?? .null,
      "rules": .list(
        found.map {
          [
            "rule": .text($0.rule), "severity": .text($0.severity), "message": .text($0.message),
          ]
        }),
      "alerts": .list(
        alerts.map {
          [
            "id": .text($0.id), "severity": .text($0.severity.word), "title": .text($0.title),
            "message": .text($0.message), "mapping": $0.mapping.map { .text($0) } ?? .null,
          ]
        }),
      "joined": .list(joined.map { .text($0) }),
      "muted_by": .list(mutes.map { .integer($0) }), "late": .flag(isLate),
    ]
  }
}

/// Takes down what is said of one event of a replay.
struct JudgementOutput: RunOutput {
  let eventID: String
  /// Whether the event at hand is the one: another may have its id.
  var isWatching = false
  var judgement = Judgement()
  var frozen: [FrozenEvidence] = []
  var wantsScores: Bool { isWatching }
  var wantsFindings: Bool { isWatching }

  init(eventID: String) { self.eventID = eventID }

  mutating func found(_ evidence: Evidence, mapping: MappingRow?) {
    guard isWatching, evidence.event.id == eventID else { return }
    for finding in evidence.findings {
      let id = finding.ruleID
      judgement.found.append(
        Judgement.Found(
          rule: id.isEmpty ? "model" : id, severity: finding.severity.word,
          message: finding.message))
    }
  }

  mutating func raised(_ alert: Alert, frozen: FrozenEvidence) {
    guard isWatching, alert.eventID == eventID else { return }
    judgement.alerts.append(alert)
    self.frozen.append(frozen)
  }

  mutating func joined(_ joined: Joined) {
    if isWatching && joined.eventID == eventID { judgement.joined.append(joined.alertID) }
  }

  mutating func suppressed(_ finding: SuppressedFinding) {
    guard isWatching, finding.eventID == eventID, let mute = finding.mute else { return }
    judgement.mutes.append(mute)
  }

  mutating func late(_ record: EventRecord, origin: EventOrigin) {
    if isWatching && record.id == eventID { judgement.isLate = true }
  }

  mutating func batchEnded() {}

  mutating func scored(_ batch: EventBatch, row: Int, score: Double?, rules: [String]) {
    if isWatching && batch.id(row) == eventID { judgement.score = score }
  }
}

extension Replay {
  /// What the replay says of one event, by its number; its values may be changed before it is judged.
  ///
  /// - Parameter patience: how long after the event something may still be found about it.
  func judgement(
    of number: Int, id: String, time: Timestamp, patience: TimeSpan, progress: some JobProgress,
    change: (EventBatch, Int) -> Void = { _, _ in }
  ) throws(Failure) -> JudgementOutput {
    var output = JudgementOutput(eventID: id)
    if number == 0 { output.isWatching = true }
    var now = Timestamp.distantPast
    try drive(stops: [number], output: &output, progress: progress, change: change) {
      (step, output) throws(Failure) in
      let next = step.first + step.events.count
      for row in 0..<step.events.count { now = max(now, step.events.time(row)) }
      if next == number { output.isWatching = true }
      return next <= number || (patience > .zero && now <= time + patience)
    }
    return output
  }

  /// How long after an event a rule may still find silence about it.
  var patience: TimeSpan {
    plan.rules.map { rule -> TimeSpan in
      if case .absence(let absence)? = rule.pattern { return absence.within }
      return .zero
    }.max() ?? .zero
  }
}
