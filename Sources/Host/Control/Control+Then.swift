package import Cases
package import Detection
import Plugins
package import Primitives
import Store

/// What was known and who judged at a time of the events.
package struct StateThen: Sendable {
  package var at: Timestamp
  /// The entity that was asked for, with its windows as its next event would have met them.
  package var entity: Entity?
  /// Its last kept event until then.
  package var lastEvent: EventRecord?
  package var windows: [EventFeature] = []
  /// The newest alert until then. Missing before the first.
  package var newestAlert: Alert?
  /// The rules, lists and model that judged.
  package var setup: SetupKnowledge

  /// The newest alert, where other plugins raised it than those that are written down for its time: those judged so
  /// shortly that the program was killed before it could tell.
  package var unknownJudge: Alert? {
    guard let setup = setup.setup, let alert = newestAlert, alert.source == setup.inForce.source,
      alert.time >= setup.inForce.first, let digest = alert.pluginsDigest,
      digest != setup.inForce.pluginsDigest
    else { return nil }
    return alert
  }

  package var json: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .text($0) } ?? .null }
    func number(_ x: Double?) -> JSONValue { x.map { $0.isFinite ? .number($0) : .null } ?? .null }
    let members: [JSONValue.Member] = [
      .init("at", .text(at.description)),
      .init("entity", text(entity.map { "\($0.field)=\($0.value)" })),
      .init("last_event", text(lastEvent?.id)),
      .init("last_event_time", text(lastEvent?.time.description)),
      .init(
        "windows",
        .list(
          windows.map {
            [
              "feature": .text($0.name), "value": number($0.value),
              "normal": number($0.usual?.median),
              "definition": .text($0.definition),
            ]
          })), .init("newest_alert", text(newestAlert?.id)),
    ]
    return .object(members + setup.members)
  }
}

extension Control {
  /// What judged at a time, and the windows of an entity as they were.
  ///
  /// - Parameters:
  ///   - entity: `user=ana`; no windows where missing.
  ///   - source: whose judges are meant; see `setup`.
  /// - Throws: `Failure(.usage)` where no event of the entity until then is kept.
  package func state(
    at time: Timestamp, of entity: String?, source: String? = nil, progress: some JobProgress
  ) throws(Failure) -> StateThen {
    let installation = try Installation(settings)
    let store = try store(.readOnly)
    var query = AlertQuery()
    query.before = time + TimeSpan(microseconds: 1)
    query.limit = 1
    var state = StateThen(
      at: time, newestAlert: try store.find(query).first?.alert,
      setup: try setup(at: time, source: source, SetupDescription(installation)))
    guard let entity else { return state }
    let named = try self.entity(entity)
    state.entity = named
    try fillWindows(&state, of: named, installation, store, progress)
    return state
  }

  private func fillWindows(
    _ state: inout StateThen, of entity: Entity, _ installation: Installation,
    _ store: AlertStore, _ progress: some JobProgress
  ) throws(Failure) {
    let kept = RetainedEvents(store) { progress.warn($0) }
    var query = EventQuery()
    query.before = state.at + TimeSpan(microseconds: 1)
    query.fields = [FieldTest(entity.field, [.text(entity.value)])]
    query.limit = 1
    guard let found = try kept.events(query, progress: progress).first else {
      throw Failure(
        .usage, "no event of \(entity.field) '\(entity.value)' until \(state.at) is kept",
        advice: "events{entity = \"\(entity.field)=\(entity.value)\"} shows what is")
    }
    state.lastEvent = found.event
    let replay = try Replay(
      found.stream, of: kept, installation: installation, settings: settings, rules: [],
      usesModel: false)
    let until = state.at.microseconds
    // What comes within the lateness that is allowed may still be of before.
    let end = state.at + settings.allowedLateness
    var output = JudgementOutput(eventID: "")
    try replay.drive(
      stops: [], output: &output, progress: progress, keeps: { $0.times[$1] <= until },
      seen: { block in (0..<block.count).contains { block.time($0) <= end } },
      after: { (_, _) throws(Failure) in true })
    // The windows answer when an event comes: one like the last, at the time that is asked for.
    var probe = found.event
    probe.time = state.at
    probe.id = "(at)"
    let batch = EventBatch(schema: replay.plan.schema)
    batch.append(probe, interner: replay.plan.interner)
    try replay.run.take(
      ReadBatch(events: batch, labels: [], readyAt: RunMeter.now()), output: &output)
    let stage = replay.run.features
    let usuals = stage.usuals(row: 0)
    state.windows = replay.plan.evidence.features.filter { $0.definition.scope != nil }.map {
      let column = stage.column(of: $0.definition)
      return EventFeature(
        name: $0.name, definition: $0.definition.description, value: stage.table[0, column],
        usual: usuals.usual(column: column, ofPeers: false))
    }
  }
}
