import Cases
import Detection
import Plugins
package import Primitives
import Store

extension Control {
  /// Decides the kept events of a time again with something otherwise, and says what it changes.
  ///
  /// - Throws: `Failure(.usage)` where a rule or source is unknown, with the nearest, or no model judged.
  package func whatIf(
    _ change: EstateChange, progress: some JobProgress
  ) throws(Failure) -> EstateReport {
    let started = RunMeter.now()
    let installation = try Installation(settings)
    let store = try store(.readOnly)
    let kept = RetainedEvents(store) { progress.warn($0) }
    try Control.check(change, installation, kept)
    let mutes = try mutesInForce(store)
    let streams = try kept.streams().filter { $0.last >= change.since }
    if change.threshold != nil && !streams.contains(where: { $0.model != nil }) {
      throw Failure(
        .usage, "no model judged the kept events, so that there is no threshold",
        advice: "judge events with --model, and ask again")
    }
    let labels = try plantedLabels(change.labels)
    func side(_ without: Set<String>) -> EstateSide {
      EstateSide(
        without: without, policy: installation.policy, settings: Judge.Settings(), labels: labels,
        ledger: settings.judgement.ledger)
    }
    var output = EstateOutput(
      before: side([]), after: side(Set(change.without)), since: change.since)
    var report = EstateReport(change: change)
    let drop = Set(change.drop)
    for stream in streams {
      let dropsAll = drop.contains(stream.source)
      output.mode = drop.isEmpty ? .both : .before
      var others = false
      try decide(stream, kept, installation, change, mutes, keeps: nil, &output, progress) {
        batch in
        if !drop.isEmpty {
          let seen = Set((0..<batch.events.count).map { batch.events.sources[$0] })
          if seen.contains(where: { drop.contains(batch.interner.text(of: $0)) }) { others = true }
        }
        report.saw(batch.events, since: max(change.since, batch.judgedFrom))
      }
      report.replayed += stream.events
      if drop.isEmpty || dropsAll { continue }
      output.mode = .after
      // Windows hold what was dropped, so that the rest is gone through by itself.
      try decide(
        stream, kept, installation, change, mutes,
        keeps: others
          ? { batch, row, interner in
            !drop.contains(interner.text(of: batch.sources[row]))
          } : nil, &output, progress
      ) { _ in }
      report.replayed += stream.events
    }
    report.compare(output.before, output.after, labels, installation)
    report.seconds = RunMeter.now() - started
    return report
  }

  private static func check(
    _ change: EstateChange, _ installation: Installation, _ kept: RetainedEvents
  ) throws(Failure) {
    guard change.threshold != nil || !change.without.isEmpty || !change.drop.isEmpty else {
      throw Failure(
        .usage, "nothing is to be otherwise",
        advice: "give threshold, without or drop, such as whatif{without = \"auth.off-hours\"}")
    }
    if let threshold = change.threshold, !(0...1).contains(threshold) {
      throw Failure(
        .usage, "the threshold is \(Format.number(threshold, atMost: 4))", advice: "give 0 to 1")
    }
    for rule in change.without where !installation.finders.contains(rule) {
      throw .unknown("rule", rule, among: installation.finders, advice: "rules() shows all")
    }
    let read = Set(try kept.streams().map(\.source))
    // A stream may hold events that name their source themselves.
    for source in change.drop where !read.contains(source) {
      if try kept.hold(source: source) { continue }
      throw .unknown(
        "source", source, among: read.union(installation.vocabulary.sources),
        advice: "events were read from \(read.sorted().joined(separator: ", "))")
    }
  }

  private struct Batch {
    var events: EventBatch
    var interner: Interner
    /// Events before it only filled windows.
    var judgedFrom: Timestamp
  }

  private func decide(
    _ stream: KeptStream, _ kept: RetainedEvents, _ installation: Installation,
    _ change: EstateChange, _ mutes: MuteBook, keeps: ((EventBatch, Int, Interner) -> Bool)?,
    _ output: inout EstateOutput, _ progress: some JobProgress, saw: (Batch) -> Void
  ) throws(Failure) {
    let replay = try Replay(
      stream, of: kept, installation: installation, settings: settings, mutes: mutes,
      threshold: change.threshold)
    let own = replay.ownThreshold
    output.before.begin(replay.plan, threshold: own)
    output.after.begin(replay.plan, threshold: change.threshold ?? own)
    try replay.drive(
      stops: [], output: &output, progress: progress,
      keeps: keeps.map { keeps in { keeps($0, $1, replay.plan.interner) } }
    ) { (step, _) in
      saw(
        Batch(
          events: step.events, interner: replay.plan.interner, judgedFrom: replay.plan.judgeFrom))
      return true
    }
  }
}

/// Hands what is found to one side or both.
private struct EstateOutput: RunOutput {
  enum Mode { case both, before, after }

  var before: EstateSide
  var after: EstateSide
  let since: Timestamp
  var mode = Mode.both
  var wantsScores: Bool { false }
  var wantsFindings: Bool { true }

  mutating func found(_ evidence: Evidence, mapping: MappingRow?) {
    guard evidence.event.time >= since else { return }
    if mode != .after { before.take(evidence) }
    if mode != .before { after.take(evidence) }
  }
  mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) {}
  mutating func joined(_ joined: Joined) {}
  mutating func late(_ record: EventRecord, origin: EventOrigin) {}
  mutating func batchEnded() {}
  mutating func scored(_ batch: EventBatch, row: Int, score: Double?, rules: [String]) {}
}

extension EstateReport {
  fileprivate mutating func saw(_ batch: EventBatch, since: Timestamp) {
    for row in 0..<batch.count {
      let time = batch.time(row)
      guard time >= since else { continue }
      events += 1
      first = min(first ?? time, time)
      last = max(last ?? time, time)
    }
  }

  fileprivate mutating func compare(
    _ before: EstateSide, _ after: EstateSide, _ labels: [Label], _ installation: Installation
  ) {
    self.before = before.side
    self.after = after.side
    lost = EstateReport.only(before.raised, not: after.raised)
    gained = EstateReport.only(after.raised, not: before.raised)
    guard let first, let last else { return }
    let ids = installation.plugins.scenarioIDs
    // Both sides hold the same incidents in the same order.
    let pairs = zip(before.incidents, after.incidents).filter {
      $0.0.start >= first && $0.0.start <= last
    }
    scenarios = Dictionary(grouping: pairs, by: \.0.name).sorted { $0.key < $1.key }.map {
      name, pairs in
      Scenario(
        id: ids[name] ?? name, planted: pairs.count, before: pairs.count(where: \.0.isCaught),
        after: pairs.count(where: \.1.isCaught))
    }
  }

  private static func only(_ alerts: [Alert], not others: [Alert]) -> [Difference] {
    struct Key: Hashable {
      var event: String
      var entity: Entity?
      var rule: String?
    }
    func key(_ alert: Alert) -> Key {
      Key(event: alert.eventID, entity: alert.entity, rule: alert.rule)
    }
    let known = Set(others.map(key))
    return alerts.filter { !known.contains(key($0)) }.map { alert in
      Difference(
        time: alert.time, event: alert.eventID,
        entity: alert.entity.map { "\($0.field)=\($0.value)" } ?? "",
        rule: alert.rule ?? DetectionScorer.model, title: alert.title)
    }
  }
}
