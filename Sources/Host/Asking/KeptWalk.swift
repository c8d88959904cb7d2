package import Detection
package import Primitives
import Store

/// Goes through kept events in the order in which they were judged, with their features, a block at a time, for rules that are
/// tried at a prompt. Events from before the time that is asked for fill windows and are not handed out.
package final class KeptWalk {
  private let kept: RetainedEvents
  private let installation: Installation
  private let settings: Settings
  private let progress: any JobProgress
  /// From which time on events are handed out.
  let since: Timestamp
  private var streams: ArraySlice<KeptStream>
  private var replay: Replay?
  private var feed: BatchFeed?
  private var rows: [Int] = []
  private var batch: EventBatch?
  private var names: [String: Int] = [:]
  private(set) var tally: TrialTally
  private var looked = 0

  init(
    _ kept: RetainedEvents, since: Timestamp, installation: Installation, settings: Settings,
    tally: TrialTally, progress: any JobProgress
  ) throws(Failure) {
    self.kept = kept
    self.since = since
    self.installation = installation
    self.settings = settings
    self.progress = progress
    self.tally = tally
    streams = try kept.streams().filter { $0.last >= since }[...]
    progress.begin("try", total: streams.reduce(0) { $0 + $1.events })
  }

  /// The next events that are handed out; nothing at the end.
  package func next() throws(Failure) -> [EventRecord]? {
    while true {
      if progress.isStopped { throw Failure(.usage, "stopped") }
      guard let replay, let feed else {
        guard let stream = streams.popFirst() else {
          progress.end("\(tally.report.events) events")
          return nil
        }
        try open(stream)
        continue
      }
      let batch = EventBatch(schema: replay.plan.schema)
      guard case .filled = try feed.fill(batch) else {
        self.replay = nil
        continue
      }
      var quiet = JudgementOutput(eventID: "")
      try replay.run.take(
        ReadBatch(events: batch, labels: [], readyAt: RunMeter.now()), output: &quiet)
      looked += batch.count
      progress.advance(to: looked)
      let late = Set(replay.run.features.engine.lateRows)
      let from = max(since, replay.plan.judgeFrom).microseconds
      rows = (0..<batch.count).filter { batch.times[$0] >= from && !late.contains($0) }
      if rows.isEmpty { continue }
      self.batch = batch
      for row in rows { tally.sawEvent(batch.time(row)) }
      return rows.map { batch.record($0, interner: replay.plan.interner) }
    }
  }

  private func open(_ stream: KeptStream) throws(Failure) {
    let replay = try Replay(
      stream, of: kept, installation: installation, settings: settings, rules: [],
      usesModel: false)
    self.replay = replay
    feed = try kept.feed(stream, schema: replay.plan.schema, interner: replay.plan.interner)
    names = Dictionary(
      replay.plan.evidence.features.map {
        ($0.name, replay.run.features.column(of: $0.definition))
      }, uniquingKeysWith: { first, _ in first })
    tally.begin(replay.plan)
  }

  /// A feature of an event of the last block, by its place there; missing where it has none.
  package func feature(_ place: Int, _ name: String) throws(Failure) -> Double? {
    guard let replay, rows.indices.contains(place) else { return nil }
    guard let column = names[name] else {
      throw Failure(
        .usage, "there is no feature '\(name)' here",
        advice: nearestName(to: name, among: names.keys.sorted()).map { "did you mean '\($0)'?" }
          ?? "features(event) names them")
    }
    let x = replay.run.features.table[rows[place], column]
    return x.isNaN ? nil : x
  }

  /// Takes down what was found on an event of the last block.
  package func found(
    _ place: Int, severity: Severity, title: String, message: String
  ) throws(Failure) {
    guard let replay, let batch, rows.indices.contains(place) else { return }
    try tally.found(
      batch.record(rows[place], interner: replay.plan.interner), severity: severity, title: title,
      message: message, entities: replay.plan.entities)
  }

  /// What all of it came to.
  package func report(ruleSeconds: Double) throws(Failure) -> TrialReport {
    tally.took(ruleSeconds: ruleSeconds)
    return try tally.finish()
  }
}
