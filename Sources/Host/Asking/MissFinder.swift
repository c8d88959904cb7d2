import Cases
import Detection
import Ingest
import Learning
import Plugins
import Primitives
import Store

/// Finds out why one rule raised no alert on some events of a stream: one replay for all of them.
struct MissFinder {
  let rule: Rule
  private let replay: Replay
  /// Made anew where a part of the stream could not say for sure.
  private let again: () throws(Failure) -> Replay
  private let part: ReplayPart?
  private let store: AlertStore
  private let targets: [Int: EventRecord]
  private let swallowed: Swallowed

  /// What was learned of an event while the stream went by it.
  struct Sighting {
    var event: EventRecord
    var trace: RuleTrace?
    var isLate = false
    /// Its place among its entity's marks.
    var mark: Int?
    var failure: RuleFailure?
    var isSetAside = false
  }

  /// What the rule came to, by event id: what the model or the detector of series finds beside it is not its own.
  private struct Verdicts: RunOutput {
    let rule: String
    /// Whether the rule is among those that found what is told next.
    private var isOwn = false
    var found: Set<String> = []
    var raised: [String: String] = [:]
    var joined: [String: String] = [:]
    var muted: [String: Int64] = [:]
    var wantsScores: Bool { false }
    var wantsFindings: Bool { true }

    init(rule: String) { self.rule = rule }

    mutating func found(_ evidence: Evidence, mapping: MappingRow?) {
      isOwn = evidence.ruleIDs.contains(rule)
      if isOwn { found.insert(evidence.event.id) }
    }
    mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) {
      if isOwn { raised[alert.eventID] = alert.id }
    }
    mutating func joined(_ joined: Joined) {
      if isOwn { self.joined[joined.eventID] = joined.alertID }
    }
    mutating func muted(_ evidence: Evidence, by mute: Mute) {
      if evidence.ruleIDs.contains(rule) { muted[evidence.event.id] = mute.number }
    }
    mutating func late(_ record: EventRecord, origin: EventOrigin) {}
    mutating func batchEnded() {}
    mutating func scored(_ batch: EventBatch, row: Int, score: Double?, rules: [String]) {}
  }

  /// One event of an entity that a pattern looks at, with its name.
  struct Mark {
    var mark: PatternMark
    var id: String
    var time: Timestamp
  }

  /// - Parameters:
  ///   - targets: events by their number in the stream.
  ///   - usesPart: whether only what concerns the entities of the events is gone through again, where that is enough.
  init(
    _ rule: Rule, on targets: [Int: EventRecord], of stream: KeptStream, in kept: RetainedEvents,
    store: AlertStore, installation: Installation, settings: Settings, usesPart: Bool = true
  ) throws(Failure) {
    self.rule = rule
    self.targets = targets
    self.store = store
    let mutes = MuteBook(try store.mutes().map(\.mute))
    again = { () throws(Failure) in
      try Replay(
        stream, of: kept, installation: installation, settings: settings, rules: [rule],
        usesModel: rule.asksModel, mutes: mutes)
    }
    replay = try again()
    part =
      usesPart
      ? try ReplayPart(for: Array(targets.values), replay, store: store, settings: settings) : nil
    swallowed = Swallowed(
      rule, store: store, mappings: installation.plugins.mappings, settings: settings)
  }

  func find(progress: some JobProgress) throws(Failure) -> [Int: Miss] {
    if let part, let found = try find(replay, part, progress) { return found }
    guard
      let found = try find(part == nil ? replay : try again(), nil, progress)
    else { preconditionFailure("the whole stream says for sure") }
    return found
  }

  /// Nothing where the part cannot say for sure.
  private func find(
    _ replay: Replay, _ part: ReplayPart?, _ progress: some JobProgress
  ) throws(Failure) -> [Int: Miss]? {
    guard replay.plan.rules.contains(where: { $0.id == rule.id }) else {
      return targets.mapValues { lacksFields($0) }
    }
    let pattern = replay.run.rules.installed(rule.id)?.pattern
    let interner = replay.plan.interner
    let by = pattern?.pattern.by
    let entities = Set(
      targets.values.compactMap { event in
        by.flatMap { event.text($0) }.map { interner.intern($0).rawValue }
      })
    var marks: [UInt32: [Mark]] = [:]
    var sightings: [Int: Sighting] = [:]
    var verdicts = Verdicts(rule: rule.id)
    var now = Int64.min
    let patience = patience
    let end = targets.values.map { $0.time + patience }.max() ?? .distantPast
    let last = targets.keys.max() ?? 0
    func look(_ step: Replay.Step) -> Bool {
      let late = Set(step.late)
      now = step.newest.microseconds
      for row in 0..<step.events.count where !late.contains(row) {
        guard let pattern else { continue }
        let entity = step.events.text(row, pattern.entitySlot).rawValue
        guard entities.contains(entity) else { continue }
        let mask = pattern.mask(step.events, row)
        guard mask != 0 || step.isStop else { continue }
        marks[entity, default: []].append(
          Mark(
            mark: PatternMark(time: step.events.times[row], mask: mask), id: step.events.id(row),
            time: step.events.time(row)))
      }
      if step.isStop, let event = targets[step.first] {
        var sighting = Sighting(event: event)
        sighting.trace = replay.run.trace(of: rule.id, step.events, 0)
        sighting.isLate = late.contains(0)
        if let pattern {
          let entity = step.events.text(0, pattern.entitySlot).rawValue
          sighting.mark = marks[entity].map { $0.count - 1 }
        }
        let health = replay.run.health.first
        sighting.failure = health?.lastFailure
        sighting.isSetAside = health?.isSetAside ?? false
        sightings[step.first] = sighting
      }
      return step.next <= last || (patience > .zero && now <= end.microseconds)
    }
    let stops = Array(targets.keys)
    if let part {
      guard
        try replay.drive(
          part, stops: stops, output: &verdicts, progress: progress,
          after: { step, _ in look(step) })
      else { return nil }
    } else {
      try replay.drive(stops: stops, output: &verdicts, progress: progress) { step, _ in
        look(step)
      }
    }
    var misses: [Int: Miss] = [:]
    for (number, event) in targets {
      guard let sighting = sightings[number] else {
        // What concerns an entity does not hold events that name nobody.
        if part != nil { return nil }
        misses[number] = miss(event, .damaged, "its block is damaged, so it cannot be judged")
        continue
      }
      let own = pattern.flatMap { pattern in
        event.text(pattern.pattern.by).flatMap { interner.find($0) }.flatMap { marks[$0.rawValue] }
      }
      misses[number] = try judge(sighting, verdicts, pattern?.pattern, own ?? [], now: now)
    }
    return misses
  }

  /// How long after an event the rule may still find something about it.
  private var patience: TimeSpan {
    if case .absence(let absence)? = rule.pattern { return absence.within }
    return .zero
  }

  // MARK: deciding

  private func judge(
    _ sighting: Sighting, _ verdicts: Verdicts, _ pattern: EventPattern?, _ marks: [Mark],
    now: Int64
  ) throws(Failure) -> Miss {
    let event = sighting.event
    var result: Miss
    if sighting.isLate {
      result = miss(
        event, .late,
        "it came later than the lateness that is allowed, so no rule judged it; it is among the dead letters"
      )
    } else if event.time < replay.plan.judgeFrom {
      result = miss(
        event, .beforeJudging,
        "it filled windows only: events were judged from \(replay.plan.judgeFrom) on")
    } else if verdicts.found.contains(event.id) || verdicts.muted[event.id] != nil {
      result = try told(event, verdicts)
    } else if sighting.isSetAside, let failure = sighting.failure, failure.eventID != event.id {
      result = miss(
        event, .setAside, "the rule had been set aside by then: \(failure.description)")
    } else if let pattern, let reason = waiting(event, sighting, pattern, marks, now: now) {
      result = reason
    } else {
      result = single(sighting)
    }
    fill(&result, sighting)
    return result
  }

  private func fill(_ miss: inout Miss, _ sighting: Sighting) {
    guard let trace = sighting.trace else { return }
    let parts = [("step", trace.step), ("on", trace.on), ("when", trace.when)]
    for (part, seen) in parts {
      miss.conditions += seen.map { seen in
        Miss.Condition(
          part: part, test: MissWords.test(seen, of: rule), value: MissWords.value(seen, of: rule),
          holds: seen.holds,
          shortfall: seen.holds ? 0 : seen.predicate.test.shortfall(of: seen.value))
      }
    }
    miss.windows = trace.features.map {
      Miss.Window(
        name: $0.feature.name, definition: $0.feature.definition.description, value: $0.value)
    }
    miss.keptSince = replay.stream.first
  }

  func miss(_ event: EventRecord, _ cause: Miss.Cause, _ sentence: String) -> Miss {
    Miss(rule: rule.id, eventID: event.id, event: event, cause: cause, sentence: sentence)
  }

  private func told(_ event: EventRecord, _ verdicts: Verdicts) throws(Failure) -> Miss {
    if let (cause, sentence, alert) = try swallowed.reason(
      event, mutedNow: verdicts.muted[event.id])
    {
      var result = miss(event, cause, sentence)
      result.alert = alert
      return result
    }
    let kept = try store.alerts(ofEvent: event.id)
    let id = verdicts.raised[event.id] ?? verdicts.joined[event.id]
    let stored = try id.flatMap { (id) throws(Failure) in try store.existing(id) }
    var result: Miss
    if let stored, verdicts.raised[event.id] != nil {
      let (cause, words) = try swallowed.place(of: stored)
      result = miss(event, cause, "it did: alert \(stored) is about this event\(words)")
    } else if let stored {
      result = miss(
        event, .joined, "it found the event, and the finding was counted with alert \(stored)")
    } else if verdicts.muted[event.id] != nil || verdicts.raised[event.id] != nil,
      let own = kept.first(where: { $0.rule == rule.id })
    {
      // A mute that was made since keeps it quiet now.
      let (cause, words) = try swallowed.place(of: own.id)
      result = miss(event, cause, "it did: alert \(own.id) is about this event\(words)")
      result.alert = own.id
      return result
    } else if let other = kept.first(where: { $0.rule != rule.id }) {
      result = miss(
        event, .led,
        "it found the event, which is told in alert \(other.id), led by \(other.rule ?? "the model")"
      )
      result.alert = other.id
      return result
    } else if id == nil {
      result = miss(event, .repeated, "it found the event, which had been told already")
    } else {
      result = miss(
        event, .otherThen,
        "it finds the event now, and no alert is kept about it: the rule was another then, or the alert has left"
      )
    }
    result.alert = stored
    return result
  }

  /// Of a rule that looks at one event.
  private func single(_ sighting: Sighting) -> Miss {
    let event = sighting.event
    let seen =
      sighting.trace.map { trace in
        trace.on.map { ("on", $0) } + trace.when.map { ("when", $0) }
      } ?? []
    if let (part, failing) = seen.first(where: { !$0.1.holds }) {
      let name = failing.predicate.name
      if failing.value == .missing, rule.features.contains(where: { $0.name == name }),
        let lacking = lackedEntity(event)
      {
        return miss(
          event, .noEntity,
          "it has no \(lacking), by which the rule goes, so nothing was counted for it")
      }
      let words = MissWords.sentence(part, failing, of: rule)
      if name == "kind" { return miss(event, .kind, words) }
      if rule.asksModel(for: name) && failing.value == .missing {
        return miss(event, .scoreMissing, "\(words); \(silence(of: replay.plan.model?.file))")
      }
      return miss(event, .condition, words)
    }
    if let failure = sighting.failure, failure.eventID == event.id {
      return miss(event, .luaError, "its function failed: \(failure.description)")
    }
    return miss(
      event, .detectNothing, "all conditions hold, and its function 'detect' returned nothing")
  }

  /// The fields by one of which the rule goes, in words, where the event has none of them.
  private func lackedEntity(_ event: EventRecord) -> String? {
    let fields: [String]
    if case .field(let field) = rule.per {
      fields = [field]
    } else {
      fields = event.primaryField == nil ? replay.plan.entities?.fields(kind: event.kind) ?? [] : []
    }
    if fields.isEmpty || fields.contains(where: { event.text($0) != nil }) { return nil }
    return fields.map { "'\($0)'" }.joined(separator: " and no ")
  }

  /// Why the model does not say what is asked of it.
  private func silence(of model: Model?) -> String {
    switch model?.meaning {
    case nil: "no model judged these events"
    case .rarity: "the model says how rare an event is ('rarity'), not how likely it is bad"
    case .probability: "the model says how likely an event is bad ('score'), not how rare it is"
    }
  }

  private func lacksFields(_ event: EventRecord) -> Miss {
    let known = Set(replay.plan.schema.fields.map(\.name))
    let named = (rule.on + rule.when + (rule.pattern?.conditions.flatMap { $0 } ?? [])).map(\.name)
    let features = Set(rule.features.map(\.name))
    let lacking = Set(named).subtracting(known).subtracting(features)
      .subtracting(["kind", "source"] + Rule.modelNames).sorted()
    let fields =
      lacking.isEmpty ? "fields that its features count" : lacking.joined(separator: ", ")
    return miss(
      event, .fieldsMissing,
      "it never judges events of '\(replay.stream.source)': they do not carry \(fields)")
  }
}
