package import Cases
package import Detection
import Foundation
import Glibc
import Plugins
package import Primitives
import Store

/// What was known and who judged at a time of the events.
package struct StateThen: Sendable {
  package struct List: Sendable {
    package var name: String
    package var entries: Int
    /// When its file was last written, by the machine's clock.
    package var written: Timestamp?
  }

  package var at: Timestamp
  /// The entity that was asked for, with its windows as its next event would have met them.
  package var entity: Entity?
  /// Its last kept event until then.
  package var lastEvent: EventRecord?
  package var windows: [EventFeature] = []
  /// Of the newest alert until then: what judged it. Missing before the first alert.
  package var judgedBy: (alert: String, time: Timestamp, plugins: String?, model: String?)?
  package var pluginsNow: String
  /// The installed rules; those that judged then where the plugins are the same.
  package var rules: [String]
  package var lists: [List]

  /// Whether the rules that are installed now are those that judged then; missing where that is not known.
  package var hasSameRules: Bool? { judgedBy?.plugins.map { $0 == pluginsNow } }

  package var json: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .text($0) } ?? .null }
    func number(_ x: Double?) -> JSONValue { x.map { $0.isFinite ? .number($0) : .null } ?? .null }
    return [
      "at": .text(at.description), "entity": text(entity.map { "\($0.field)=\($0.value)" }),
      "last_event": text(lastEvent?.id), "last_event_time": text(lastEvent?.time.description),
      "windows": .list(
        windows.map {
          [
            "feature": .text($0.name), "value": number($0.value),
            "normal": number($0.usual?.median),
            "definition": .text($0.definition),
          ]
        }),
      "judged_by_alert": text(judgedBy?.alert), "model": text(judgedBy?.model),
      "plugins_digest": ["then": text(judgedBy?.plugins), "now": .text(pluginsNow)],
      "same_rules": hasSameRules.map { .flag($0) } ?? .null,
      "rules": .list(rules.map { .text($0) }),
      "lists": .list(
        lists.map {
          [
            "list": .text($0.name), "entries": .integer(Int64($0.entries)),
            "written": text($0.written?.description),
          ]
        }),
    ]
  }
}

extension Control {
  /// What judged at a time, and the windows of an entity as they were.
  ///
  /// - Parameter entity: `user=ana`; no windows where missing.
  /// - Throws: `Failure(.usage)` where no event of the entity until then is kept.
  package func state(
    at time: Timestamp, of entity: String?, progress: some JobProgress
  ) throws(Failure) -> StateThen {
    let installation = try Installation(settings)
    let store = try store(.readOnly)
    var query = AlertQuery()
    query.before = time + TimeSpan(microseconds: 1)
    query.limit = 1
    let newest = try store.find(query).first?.alert
    var state = StateThen(
      at: time,
      judgedBy: newest.map { ($0.id, $0.time, $0.pluginsDigest, $0.model) },
      pluginsNow: installation.plugins.digest, rules: installation.plugins.rules.map(\.id).sorted(),
      lists: lists(installation))
    guard let entity else { return state }
    let named = try self.entity(entity)
    state.entity = named
    try fillWindows(&state, of: named, installation, store, progress)
    return state
  }

  private func lists(_ installation: Installation) -> [StateThen.List] {
    let folder = settings.resolve(settings.lists)
    return installation.lists.book.names.sorted().map { name in
      let written = [".txt", ".csv"].compactMap { ending -> Timestamp? in
        var facts = stat()
        guard stat("\(folder)/\(name)\(ending)", &facts) == 0 else { return nil }
        return Timestamp(microseconds: Int64(facts.st_mtim.tv_sec) * 1_000_000)
      }.first
      return StateThen.List(
        name: name, entries: installation.lists.book[name]?.count ?? 0, written: written)
    }
  }

  private func fillWindows(
    _ state: inout StateThen, of entity: Entity, _ installation: Installation,
    _ store: AlertStore, _ progress: some JobProgress
  ) throws(Failure) {
    let kept = RetainedEvents(store) { progress.warn($0) }
    var query = EventQuery()
    query.before = state.at + TimeSpan(microseconds: 1)
    query.fields = [(entity.field, .text(entity.value))]
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
