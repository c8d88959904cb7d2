import Cases
import Detection
import Learning
import Plugins
import Primitives

/// One pass over a stream: features, scores, rules, judgement, batch by batch in order of arrival.
final class DetectionRun {
  private(set) var plan: RunPlan
  private let pool: WorkerPool
  let features: FeatureStage
  let scorer: Scorer?
  private(set) var rules: RuleStage
  let series: SeriesStage?
  let margins: NumberColumn
  /// Calibrated, for rules that ask what the model says; missing where none does.
  private var scores: ScoreColumn?
  private(set) var evidence: EvidenceBuilder
  var judge: Judge
  /// What is kept quiet; replaced between batches where people change it.
  var mutes = MuteBook()
  /// What alerts set off by the plugins that judge, where anything does.
  var book: ResponseBook?
  /// Who fills windows of the generations to come.
  var refills: RefillDesk?
  /// How far the stream has come, in microseconds; missing before the first event.
  private(set) var streamTime: Int64?
  /// Events before this number are judged again after a restart: what they lead to is known and told nobody.
  var quietUntil = 0
  var digest = AlertDigest()
  /// Notices what rules read and events no longer carry.
  private var fields: FieldWatch
  var report = DetectReport()
  /// What each found event took from its evidence to its verdict, where that is measured.
  var judgeTimes: [JudgeTime]?
  var judgeClock: JudgeTime.Clock?
  /// Whether reasons tell what is usual for others; not where these are not all gone through.
  var asksPeers = true
  /// What a test says that the model says of every event.
  var toldScore: ModelScore?
  private(set) var labels: LabelIndex
  var detection: DetectionScorer?
  var truth = ScoredTruth()
  private var toldAside: Set<String> = []
  /// Writes down what judges from which event on, where that is kept.
  private var setups: SetupTeller?
  private var probation = Probation()

  /// What was running before a generation.
  private typealias Standby = (
    plan: RunPlan, rules: RuleStage, evidence: EvidenceBuilder, responses: ResponseBook.Edition?,
    installation: Installation?
  )
  /// Before each of the generations that are on probation.
  private var standbys: [Standby] = []

  /// What the model says of the events of one batch.
  struct ScoreColumn: Sendable {
    let column: NumberColumn
    /// Whether the numbers say how rare an event is, and not how likely it is bad.
    var isRarity = false

    subscript(row: Int) -> ModelScore { ModelScore(column.values[row], isRarity: isRarity) }
  }

  /// Calibrated scores or margins of one batch; workers write disjoint rows.
  final class NumberColumn: @unchecked Sendable {
    // Unchecked: each worker writes its own rows in one phase and all of them are read after it.
    let values: UnsafeMutablePointer<Double>
    init(capacity: Int) {
      values = .allocate(capacity: capacity)
      values.initialize(repeating: .nan, count: capacity)
    }
    deinit { values.deallocate() }
  }

  /// - Parameter labels: what is known to be true, where alerts and scores are to be held against it.
  init(_ plan: RunPlan, pool: WorkerPool, labels: [Label]? = nil) throws(Failure) {
    self.plan = plan
    self.pool = pool
    let read =
      plan.evidence.features.map(\.definition) + plan.set.features.map(\.definition)
      + plan.rules.flatMap { $0.features.map(\.definition) } + [.history(.primary)]
    let definitions = read + read.flatMap(\.companions)
    let features = try FeatureStage(
      features: definitions, sampled: read.filter(\.hasNormal), schema: plan.schema,
      interner: plan.interner, pool: pool, allowedLateness: plan.allowedLateness)
    self.features = features
    let scorer =
      try plan.model.map { (model) throws(Failure) in
        try Scorer(
          model.file, name: model.name, path: plan.modelPath ?? model.name, set: plan.set,
          plan: features.plan)
      }
    self.scorer = scorer
    let binding = RuleBinding(
      schema: plan.schema, interner: plan.interner, lists: plan.lists)
    var installed: [InstalledRule] = []
    for rule in plan.rules { installed.append(try binding.bind(rule, to: features.plan)) }
    rules = RuleStage(
      rules: installed, vocabulary: plan.vocabulary, interner: plan.interner, pool: pool,
      lists: plan.lists.book, prepared: plan.prepared)
    series = SeriesStage(schema: plan.schema, interner: plan.interner, pool: pool)
    margins = NumberColumn(capacity: EventBatch.standardCapacity)
    if rules.readsScore { scores = DetectionRun.scoreColumn(scorer) }
    evidence = EvidenceBuilder(plan: plan, features: features, scorer: scorer)
    judge = Judge(policy: plan.policy, settings: plan.judging)
    fields = FieldWatch(plan, known: plan.fields)
    self.labels = LabelIndex(labels ?? [])
    if let labels { detection = DetectionScorer(labels) }
  }

  /// Features that the run computes, by column.
  var definitions: [FeatureDefinition] { features.plan.definitions }

  private static func scoreColumn(_ scorer: Scorer?) -> ScoreColumn {
    ScoreColumn(
      column: NumberColumn(capacity: EventBatch.standardCapacity),
      isRarity: scorer?.model.meaning == .rarity)
  }

  /// Judges with other plugins from the next batch on. What windows hold goes on where a feature's definition is the same,
  /// what a rule's own variables hold where the rule is the same, and open alerts stay open.
  ///
  /// A generation is on probation for its first 10,000 events: where its new rules fail or take too long, the one
  /// before it comes back (`Probation`).
  private func renew(_ bound: BoundGeneration) {
    let refill = caughtUp(bound.refill)
    for plan in bound.added {
      if let refill { features.add(refill.features) } else { features.add(plan) }
    }
    let last: Standby = (
      plan: plan, rules: rules, evidence: evidence, responses: book?.edition,
      installation: setups?.installation
    )
    book?.renew(ResponseBook.Edition(bound.installation))
    setups?.change(to: bound.installation)
    plan.rules = bound.rules.map(\.rule)
    plan.lists = bound.installation.lists
    plan.policy = bound.installation.policy
    rules = RuleStage(
      rules: bound.rules, vocabulary: plan.vocabulary, interner: plan.interner, pool: pool,
      lists: plan.lists.book, prepared: bound.prepared.runners, after: rules, refill: refill)
    if scores == nil, rules.readsScore { scores = DetectionRun.scoreColumn(scorer) }
    evidence = EvidenceBuilder(plan: plan, features: features, scorer: scorer)
    judge.policy = plan.policy
    watchFields(fields.record)
    let changed = others(than: last.plan)
    let place = probation.add(bound.number, new: changed)
    if place == standbys.count {
      standbys.append(last)
    } else {
      standbys.removeSubrange((place + 1)...)
    }
    if probation.joinsOldest() { standbys.remove(at: 1) }
    report.reloads.append(
      ReloadReport(
        number: bound.number, digest: bound.installation.plugins.digest, atEvent: report.events,
        changed: changed.sorted(),
        emptyWindows: (refill == nil ? bound.windows.map(\.name) : bound.emptyWindows)
          + rules.beganEmpty,
        shortWindows: refill == nil ? [] : bound.shortWindows,
        refilledFrom: refill?.coverage.events ?? 0))
  }

  /// Windows that were filled with the events before a tap was opened, with those since; nothing where these are too many.
  private func caughtUp(_ refill: (filled: Refill, tap: RefillTap)?) -> Refill? {
    guard let (filled, tap) = refill else { return nil }
    defer { tap.close() }
    if tap.isOverflown { return nil }
    for batch in tap.batches { filled.take(batch) }
    return filled
  }

  /// Has what judges written down, from the next batch on.
  func write(
    to journal: SetupJournal, judgingBy installation: Installation, stream: EventKeeper.Stream,
    run: Int64
  ) {
    let model = scorer.map {
      SetupModel(file: $0.model, name: $0.name, path: $0.path, digest: $0.digest)
    }
    setups = SetupTeller(
      journal, installation, model: model, stream: stream, run: run, judgeFrom: plan.judgeFrom)
  }

  /// Watches the fields that the rules of now read, knowing what was seen so far.
  private func watchFields(_ seen: FieldRecord) {
    plan.fields.add(seen)
    fields = FieldWatch(plan, known: plan.fields)
  }

  /// Rules that judge now and did not in a plan, by id.
  private func others(than last: RunPlan) -> Set<String> {
    let old = Set(last.rules)
    return Set(plan.rules.filter { !old.contains($0) }.map(\.id))
  }

  private func judgeProbation(events: Int) {
    if probation.isEmpty { return }
    switch probation.judge(rules.health, events: events) {
    case .goesOn: break
    case .passed(let count): standbys.removeFirst(count)
    case .failed(let place, let rule, let reason):
      undo(from: place, by: rule, reason)
      probation.remove(from: place)
      standbys.removeSubrange(place...)
    }
  }

  /// What was running before a generation on probation comes back.
  private func undo(from place: Int, by rule: String?, _ reason: String) {
    let before = standbys[place]
    let undone = rules
    let seen = fields.record
    let known = plan.fields
    (plan, rules, evidence) = (before.plan, before.rules, before.evidence)
    if let responses = before.responses { book?.renew(responses) }
    if let installation = before.installation { setups?.change(to: installation) }
    plan.fields = known
    watchFields(seen)
    rules.comeBack(after: undone, lists: plan.lists.book)
    judge.policy = plan.policy
    let first = probation.number(place)
    for index in report.reloads.indices where report.reloads[index].number >= first {
      guard report.reloads[index].undone == nil else { continue }
      let isOurs = rule.map(report.reloads[index].changed.contains) ?? true
      report.reloads[index].undone = isOurs ? reason : "undone with another: \(reason)"
      report.reloads[index].undoneAtEvent = report.events
    }
  }

  func take(_ batch: ReadBatch, output: inout some RunOutput) throws(Failure) {
    if let generation = batch.generation { renew(generation) }
    output.batchBegins(batch)
    let events = batch.events
    fields.observe(events)
    let late = report.meter.measure("features") { features.process(batch, labels: labels) }
    let engine = features.engine
    setups?.judged(events.count, known: quietUntil - report.events) {
      engine.streamTime(ofRow: $0)
    }
    if let scorer {
      report.meter.measure("score") { score(events, scorer) }
    }
    if let series {
      report.meter.measure("series") { series.process(events, late: late) }
    }
    if let toldScore {
      scores?.isRarity = !toldScore.rarity.isNaN
      scores?.column.values.update(repeating: toldScore.number ?? .nan, count: events.count)
    }
    let found = report.meter.measure("rules") {
      rules.process(events, features.table, late: late, scores: scores)
    }
    let start = RunMeter.now()
    for row in late {
      try output.late(
        events.record(row, interner: plan.interner), origin: events.origins[row])
    }
    try judge(events, found, late: late, output: &output)
    report.meter.add("judge", RunMeter.now() - start)
    let committing = RunMeter.now()
    try output.batchEnded()
    report.meter.add("commit", RunMeter.now() - committing)
    report.meter.record(latency: RunMeter.now() - batch.readyAt, events: events.count)
    report.events += events.count
    if !events.isEmpty { streamTime = engine.streamTime(ofRow: events.count - 1) }
    refills?.saw(events)
    judgeProbation(events: events.count)
  }

  /// Lets windows, series and waits take in events without judging them: as if nothing had been found on them.
  ///
  /// - Parameter ids: of events about which it is told where nothing came after them.
  func warm(
    _ events: EventBatch, about ids: Set<String>, output: inout some RunOutput
  ) throws(Failure) {
    let late = features.process(
      ReadBatch(events: events, labels: [], readyAt: RunMeter.now()), labels: labels)
    series?.process(events, late: late)
    for silent in rules.warm(events, late: late, about: ids) {
      try judge(silent, isQuiet: false, output: &output)
    }
    report.events += events.count
  }

  private func score(_ events: EventBatch, _ scorer: Scorer) {
    let table = features.table
    let (margins, scores) = (margins, scores)
    let workers = pool.count
    let count = events.count
    pool.run { worker in
      let rows = (count * worker / workers)..<(count * (worker + 1) / workers)
      scorer.score(table, rows: rows, into: margins.values)
      guard let scores else { return }
      for row in rows { scores.column.values[row] = scorer.model.score(margins.values[row]) }
    }
  }

  /// How a rule sees the last rows of the batch that was taken last, in words.
  func course(of rule: String, _ events: EventBatch, last: Int) -> [String] {
    (max(0, events.count - last)..<events.count).compactMap {
      rules.course(of: rule, events, $0, features.table, scores: scores)
    }
  }

  /// How a rule meets a row of the batch that was taken last.
  func trace(of rule: String, _ events: EventBatch, _ row: Int) -> RuleTrace? {
    rules.trace(of: rule, events, row, features.table, scores: scores)
  }

  /// How the rules fare so far. Between batches.
  var health: [PluginHealth] { rules.health }

  /// Moves the time of the stream on without an event: what has not come by then is found and judged.
  func advance(to time: Timestamp, output: inout some RunOutput) throws(Failure) {
    for silent in rules.advance(to: time) {
      try judge(silent, isQuiet: report.events < quietUntil, output: &output)
    }
    try output.batchEnded()
  }

  /// Rules that were set aside since this was last asked. Between batches.
  func newlySetAside() -> [RuleFailure] {
    let aside = rules.health.compactMap(\.setAside)
    let new = aside.filter { toldAside.insert($0.rule).inserted }
    return new
  }

  /// Fields that went missing since this was last asked. Between batches.
  func newlyGone() -> [GoneField] {
    let news = fields.takeNews()
    report.goneFields += news
    return news
  }

  /// Which fields events carry. Between batches.
  var fieldRecord: FieldRecord { fields.record }

  /// The report of all that was taken; `expected` maps a label's name to the mapping row it should get.
  func finish(expected: [String: String]) -> DetectReport {
    report.digest = digest.hex
    report.pluginsDigest = plan.policy.pluginsDigest ?? ""
    report.plugins = rules.health
    report.late = features.lateEvents
    if let detection {
      report.quality = truth.quality(detection: detection.report(expected: expected))
    }
    return report
  }
}
