package import Cases
import Detection
import Plugins
package import Primitives
import Store

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

  mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) {
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
  /// - Parameters:
  ///   - patience: how long after the event something may still be found about it.
  ///   - part: what of the stream has to be gone through; all of it where missing.
  /// - Returns: nothing where a part of the stream cannot say it for sure.
  func judgement(
    of number: Int, id: String, time: Timestamp, patience: TimeSpan, part: ReplayPart? = nil,
    progress: some JobProgress, change: (EventBatch, Int) -> Void = { _, _ in }
  ) throws(Failure) -> JudgementOutput? {
    var output = JudgementOutput(eventID: id)
    if number == 0 { output.isWatching = true }
    func goesOn(_ step: Step) -> Bool {
      step.next <= number || (patience > .zero && step.newest <= time + patience)
    }
    guard let part else {
      try drive(stops: [number], output: &output, progress: progress, change: change) {
        step, output in
        if step.next == number { output.isWatching = true }
        return goesOn(step)
      }
      return output
    }
    output.isWatching = true
    let isSure = try drive(
      part, stops: [number], output: &output, progress: progress, change: change
    ) { step, _ in goesOn(step) }
    return isSure ? output : nil
  }

  /// A replay with what is asked of it.
  struct Asked {
    var replay: Replay
    /// The event as it is, and as it would be.
    var events: [EventRecord]
    /// May put other values into the batch of the event before it is judged.
    var change: (EventBatch, Int) -> Void = { _, _ in }
  }

  /// What a replay says of an event: of what concerns its entities where that is enough, of the whole stream where not.
  ///
  /// - Parameters:
  ///   - usesPart: false to go through the whole stream in any case.
  ///   - make: a replay that has not begun.
  static func judgement(
    of found: RetainedEvents.Found, store: AlertStore, settings: Settings, usesPart: Bool,
    progress: some JobProgress, make: () throws(Failure) -> Asked
  ) throws(Failure) -> (output: JudgementOutput, replay: Replay) {
    var asked = try make()
    func judged(_ part: ReplayPart?) throws(Failure) -> JudgementOutput? {
      try asked.replay.judgement(
        of: found.number, id: found.event.id, time: found.event.time,
        patience: asked.replay.patience, part: part, progress: progress, change: asked.change)
    }
    if usesPart,
      let part = try ReplayPart(
        for: asked.events, asked.replay, store: store, settings: settings)
    {
      if let output = try judged(part) { return (output, asked.replay) }
      asked = try make()
    }
    guard let output = try judged(nil) else {
      preconditionFailure("the whole stream says for sure")
    }
    return (output, asked.replay)
  }

  /// How long after an event a rule may still find silence about it.
  var patience: TimeSpan {
    plan.rules.map { rule -> TimeSpan in
      if case .absence(let absence)? = rule.pattern { return absence.within }
      return .zero
    }.max() ?? .zero
  }
}
