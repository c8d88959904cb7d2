import Cases
import Detection
import Plugins
import Primitives
import Store

/// What of a stream has to be gone through again to judge some of its events as all of it would.
///
/// The windows of an event are those of the entities that it names: events of others move nothing but the stream's clock, of
/// which their times are enough. What was told about its entities before is what the database says was told: alerts and
/// what joined them are remembered by the judge as if they had just been raised.
struct ReplayPart {
  /// Values of the entities: events that carry one of them are taken in.
  let texts: Set<String>
  private let remembered: [String: [Memory]]
  private let allowedLateness: TimeSpan

  private enum Memory {
    case raised(Alert)
    case joined(SuppressedFinding, Alert)
  }

  /// Missing where a part does not say what the whole would: a rule keeps variables of its own or failed in the last run,
  /// alerts were kept back because there were too many, or findings are counted together by other fields than whom they
  /// are about (`dedup.by`), which no stored alert holds.
  ///
  /// - Parameter events: those that are asked about, as they are and as they would be.
  init?(
    for events: [EventRecord], _ replay: Replay, store: AlertStore, settings: Settings
  ) throws(Failure) {
    let rules = replay.plan.rules
    if rules.contains(where: \.keepsVariables) { return nil }
    let policy = replay.plan.policy
    let declared =
      rules.map { policy.dedup[$0.id] } + policy.mappings.flatMap(\.rows).map(\.dedup)
    if declared.contains(where: { $0.map { !$0.by.isEmpty } ?? false }) { return nil }
    if try store.hasFloods() { return nil }
    let failing = Set(
      (try HealthFile.read(settings)?.plugins ?? []).filter { $0.failures > 0 || $0.isSetAside }
        .map(\.id))
    if rules.contains(where: { failing.contains($0.id) }) { return nil }
    let fields = ReplayPart.fields(replay)
    var texts: Set<String> = []
    var entities: Set<Entity> = []
    for event in events {
      for field in fields + [event.primaryField].compactMap({ $0 }) {
        guard let value = event.text(field) else { continue }
        texts.insert(value)
        entities.insert(Entity(field: field, value: value))
      }
    }
    self.texts = texts
    allowedLateness = replay.plan.allowedLateness
    var remembered: [String: [Memory]] = [:]
    for entity in entities.sorted(by: { ($0.field, $0.value) < ($1.field, $1.value) }) {
      for alert in try store.alerts(about: entity) {
        remembered[alert.eventID, default: []].append(.raised(alert))
        for finding in try store.suppressed(withAlert: alert.id, limit: .max)
        where finding.reason == .joined {
          remembered[finding.eventID, default: []].append(.joined(finding, alert))
        }
      }
    }
    self.remembered = remembered
  }

  /// Fields by whose values windows, waits and findings are kept apart. Of a pair one is enough, the first unless the other
  /// is looked at by itself.
  private static func fields(_ replay: Replay) -> [String] {
    var fields: Set<String> = []
    var pairs: [(String, String)] = []
    func add(_ scope: EntityScope) {
      switch scope {
      case .primary: break
      case .field(let name): fields.insert(name)
      case .pair(let first, let second): pairs.append((first, second))
      }
    }
    for definition in replay.run.features.plan.definitions { definition.scope.map(add) }
    for rule in replay.plan.rules {
      add(rule.per)
      if let pattern = rule.pattern { fields.insert(pattern.by) }
    }
    for (first, second) in pairs where !fields.contains(first) && !fields.contains(second) {
      fields.insert(first)
    }
    return fields.sorted()
  }

  /// Whether something was told about an event.
  fileprivate func tells(of id: String) -> Bool { remembered[id] != nil }

  /// Tells the judge what was told about an event; what was told later than the event is returned.
  fileprivate func tell(_ judge: inout Judge, of id: String, at time: Timestamp) -> [Alert] {
    var later: [Alert] = []
    for memory in remembered[id] ?? [] {
      switch memory {
      case .raised(let alert) where alert.time > time: later.append(alert)
      case .raised(let alert): judge.remember(alert)
      case .joined(let finding, let alert): judge.remember(finding, with: alert)
      }
    }
    return later
  }

  /// Whether an event might have come too late to be judged: then more than its own entities decide.
  fileprivate func mayBeLate(_ time: Int64, at now: Int64) -> Bool {
    let (age, overflow) = now.subtractingReportingOverflow(time)
    return now != .min && (overflow || age > allowedLateness.microseconds)
  }
}

extension Replay {
  /// Goes through a part of the stream as the whole is gone through by the other `drive`. Nothing is found on events that
  /// are no stop.
  ///
  /// - Returns: whether what was found is what the whole would have led to; false where the clock of the stream went back, an
  ///   event may have been late, or a rule failed.
  func drive<Output: RunOutput>(
    _ part: ReplayPart, stops: [Int], output: inout Output, progress: some JobProgress,
    change: (EventBatch, Int) -> Void = { _, _ in },
    after: (Step, inout Output) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    let stops = Set(stops)
    let schema = plan.schema
    let batch = EventBatch(schema: schema)
    let block = EventBatch(schema: schema)
    var clock = WaitClock()
    var newest = Timestamp.distantPast
    var asked: Set<String> = []
    var later: [Alert] = []
    var first = 0
    var isSure = true
    progress.begin("replay", total: stream.events)

    func warm(_ output: inout Output, next: Int) throws(Failure) {
      if batch.isEmpty && batch.passed.isEmpty { return }
      try run.warm(batch, about: asked, output: &output)
      _ = try after(
        Step(
          events: batch, first: first, next: next, newest: newest, isStop: false,
          late: run.features.engine.lateRows), &output)
      batch.removeAll()
    }

    try kept.scan(stream, for: part.texts, interner: plan.interner) {
      (start, seen, read) throws(Failure) in
      var rows = seen.rows[...]
      if !rows.isEmpty {
        block.removeAll()
        // What scanning passes over can be damaged all the same: then the block is left out.
        guard read(block), block.count == seen.times.count else { return true }
      }
      for (row, time) in seen.times.enumerated() {
        if !later.isEmpty, later.contains(where: { $0.time.microseconds < clock.time }) {
          try warm(&output, next: start + row)
          for alert in later where alert.time.microseconds < clock.time {
            run.judge.remember(alert)
          }
          later.removeAll { $0.time.microseconds < clock.time }
        }
        let isTaken = rows.first == row
        if isTaken, part.mayBeLate(time, at: clock.time) { isSure = false }
        if case .back = clock.take(time) { isSure = false }
        if !isSure { return false }
        newest = max(newest, Timestamp(microseconds: time))
        guard isTaken else {
          batch.pass(time)
          continue
        }
        rows.removeFirst()
        let number = start + row
        let isStop = stops.contains(number)
        let id = block.id(row)
        let isTold = part.tells(of: id)
        if isStop || isTold || batch.isFull { try warm(&output, next: number) }
        if batch.isEmpty { first = number }
        batch.append(block, rows: row..<row + 1)
        if isStop {
          change(batch, number)
          try run.take(
            ReadBatch(events: batch, labels: [], readyAt: RunMeter.now()), output: &output)
          asked.insert(id)
          if run.health.contains(where: { $0.failures > 0 }) { isSure = false }
          _ = try after(
            Step(
              events: batch, first: number, next: number + 1, newest: newest, isStop: true,
              late: run.features.engine.lateRows), &output)
          batch.removeAll()
        } else if isTold {
          try warm(&output, next: number + 1)
          later += part.tell(&run.judge, of: id, at: Timestamp(microseconds: time))
        }
      }
      let next = start + seen.times.count
      progress.advance(to: next)
      // What comes after the last stop matters only as far as it ends waits.
      let step = Step(
        events: batch, first: first, next: next, newest: newest, isStop: false, late: [])
      if asked.count < stops.count || next <= (stops.max() ?? 0) { return true }
      try warm(&output, next: next)
      try run.advance(to: Timestamp(microseconds: clock.time), output: &output)
      return try after(step, &output)
    }
    if isSure { try warm(&output, next: stream.events) }
    progress.end("\(run.report.events) events")
    return isSure
  }
}
