import Cases
import Detection
import Learning
import Plugins
import Primitives

/// One pass over a stream: features, scores, rules, judgement, batch by batch in order of arrival.
final class DetectionRun {
  private var plan: RunPlan
  private let pool: WorkerPool
  let features: FeatureStage
  private let scorer: Scorer?
  private(set) var rules: RuleStage
  let series: SeriesStage?
  private let margins: NumberColumn
  /// Calibrated, for rules that ask what the model says; missing where none does.
  private var scores: ScoreColumn?
  private var evidence: EvidenceBuilder
  var judge: Judge
  /// What is kept quiet; replaced between batches where people change it.
  var mutes = MuteBook()
  /// What alerts set off by the plugins that judge, where anything does.
  var book: ResponseBook?
  /// Events before this number are judged again after a restart: what they lead to is known and told nobody.
  var quietUntil = 0
  private var digest = AlertDigest()
  /// Notices what rules read and events no longer carry.
  private var fields: FieldWatch
  var report = DetectReport()
  /// What each found event took from its evidence to its verdict, where that is measured.
  var judgeTimes: [JudgeTime]?
  private var judgeClock: JudgeTime.Clock?
  /// Whether reasons tell what is usual for others; not where these are not all gone through.
  var asksPeers = true
  /// What a test says that the model says of every event.
  var toldScore: ModelScore?
  private var labels: LabelIndex
  private var detection: DetectionScorer?
  private var truth = ScoredTruth()
  private var toldAside: Set<String> = []
  /// Writes down what judges from which event on, where that is kept.
  private var setups: SetupTeller?
  private var probation: Probation?
  /// What was running before the generation that is on probation.
  private var before:
    (
      plan: RunPlan, rules: RuleStage, evidence: EvidenceBuilder, responses: ResponseBook.Edition?,
      installation: Installation?
    )?

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
      features: definitions,
      sampled: read.filter(\.hasNormal)
        + plan.rules.flatMap { $0.features.map(\.definition) }.filter(\.hasNormal),
      schema: plan.schema,
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
      lists: plan.lists.book)
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
  /// before it comes back.
  private func renew(_ bound: BoundGeneration) {
    for plan in bound.added { features.add(plan) }
    let last = (
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
      lists: plan.lists.book, prepared: bound.prepared.runners, after: rules)
    if scores == nil, rules.readsScore { scores = DetectionRun.scoreColumn(scorer) }
    evidence = EvidenceBuilder(plan: plan, features: features, scorer: scorer)
    judge.policy = plan.policy
    watchFields(fields.record)
    // Before a generation has proved itself, the one to come back to is the last that had.
    let proven = before ?? last
    before = proven
    let changed = others(than: last.plan)
    probation = Probation(
      number: bound.number, changed: others(than: proven.plan), new: changed, after: probation)
    report.reloads.append(
      ReloadReport(
        number: bound.number, digest: bound.installation.plugins.digest, atEvent: report.events,
        changed: changed.sorted(), emptyWindows: bound.emptyWindows))
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
    guard var probation else { return }
    switch probation.judge(rules.health, events: events) {
    case .goesOn: self.probation = probation
    case .passed:
      self.probation = nil
      before = nil
    case .failed(let reason):
      guard let before else { return }
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
      self.before = nil
      self.probation = nil
      for index in report.reloads.indices where report.reloads[index].number >= probation.first {
        report.reloads[index].undone = reason
        report.reloads[index].undoneAtEvent = report.events
      }
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

  private func judge(
    _ events: EventBatch, _ all: RuleFindings, late: [Int], output: inout some RunOutput
  ) throws(Failure) {
    let found = all.rows
    var silences = all.silences[...]
    var next = 0
    var nextLate = 0
    let from = plan.judgeFrom.microseconds
    let wantsTruth = detection != nil
    let wantsEvery = output.wantsScores || wantsTruth
    for row in 0..<events.count {
      while let silent = silences.first, silent.row == row {
        try judge(
          silent, isQuiet: report.events + row < quietUntil, output: &output)
        silences.removeFirst()
      }
      let first = next
      while next < found.count && found[next].row == row { next += 1 }
      if nextLate < late.count && late[nextLate] == row {
        nextLate += 1
        continue
      }
      if events.times[row] < from { continue }
      let margin = margins.values[row]
      let score = scorer.map { $0.model.score(margin) } ?? toldScore?.number
      let ofRules = found[first..<next]
      let unusual = series?.finding(row, in: events)
      if wantsEvery {
        if wantsTruth {
          let label = labels.label(of: row, in: events, interner: plan.interner)
          truth.add(
            margin: scorer == nil ? series?.score(row) : margin, isPositive: label != nil)
        }
        if output.wantsScores {
          let names = ofRules.map(\.ruleID) + (unusual.map { [$0.ruleID] } ?? [])
          // Without a model the series' own detector is what there is to score by.
          try output.scored(events, row: row, score: score ?? series?.score(row), rules: names)
        }
      }
      let isFoundByModel = isFound(score)
      if ofRules.isEmpty && unusual == nil && !isFoundByModel { continue }
      var findings = Array(ofRules)
      if let unusual { findings.append(unusual) }
      for finding in findings { report.findingsByRule[finding.ruleID, default: 0] += 1 }
      if isFoundByModel { report.modelFindings += 1 }
      if isFoundByModel {
        findings.append(
          Finding(row: row, origin: .model, severity: .info, title: "", message: ""))
      }
      judgeClock = judgeTimes == nil ? nil : JudgeTime.Clock()
      let alerts = report.alerts
      var all = evidence.build(
        events, row: row, findings: findings, score: score, margin: margin)
      if let toldScore, !toldScore.rarity.isNaN {
        for place in all.indices { all[place].scoreIsRarity = true }
      }
      let isQuiet = report.events + row < quietUntil
      for one in all {
        try judge(
          one, isQuiet: isQuiet,
          usual: self.evidence.usual(one, row: row, asksPeers: asksPeers), output: &output,
          complete: { self.evidence.complete(&$0, built: one, row: row) },
          kept: { self.evidence.judgement(of: $0, row: row) })
      }
      if let judgeClock {
        judgeTimes?.append(
          judgeClock.time(findings: all.count, hasRaised: report.alerts > alerts))
      }
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

  private func judge(
    _ silent: SilentFinding, isQuiet: Bool, output: inout some RunOutput
  ) throws(Failure) {
    if silent.event.time < plan.judgeFrom { return }
    report.findingsByRule[silent.finding.ruleID, default: 0] += 1
    try judge(
      Evidence(
        event: silent.event,
        entity: silent.event.primaryEntity.map { Entity(field: $0.field, value: $0.value) },
        findings: [silent.finding], involved: plan.entities?.named(by: silent.event) ?? []),
      isQuiet: isQuiet, output: &output, complete: { _ in },
      kept: { _ in
        FrozenJudgement(
          event: silent.event,
          rules: [
            FrozenJudgement.Ruling(id: silent.finding.ruleID, digest: "", fired: true, facts: [])
          ], model: nil)
      })
  }

  private func isFound(_ score: Double?) -> Bool {
    guard let score, let threshold = scorer?.model.alertThreshold else { return false }
    return score >= threshold
  }

  /// - Parameters:
  ///   - complete: adds what only an explanation needs; asked where an alert is raised.
  ///   - kept: what is kept with an alert so that it can be judged again; asked where one is raised.
  private func judge(
    _ found: Evidence, isQuiet: Bool, usual: UsualLookup? = nil, output: inout some RunOutput,
    complete: (inout Evidence) -> Void, kept: (Evidence) -> FrozenJudgement
  ) throws(Failure) {
    var all = found
    all.past = judge.past(of: found)
    guard var evidence = try unmuted(all, isQuiet: isQuiet, output: &output) else { return }
    if output.wantsFindings {
      let row = plan.policy.mappings.choose(for: evidence, lists: plan.policy.lists)?.row
      try output.found(evidence, mapping: row)
    }
    switch judge.judge(&evidence, usual: usual, completing: complete) {
    case .raised(let alert, _):
      judgeClock?.explained()
      report.alerts += 1
      let line = AlertWriter.line(alert)
      digest.add(line: line)
      detection?.add(alert)
      if !isQuiet {
        try output.raised(
          alert, line: line,
          frozen: FrozenEvidence(evidence, judgement: kept(evidence), record: judge.record))
      }
    case .joined(let joined):
      report.suppressed += 1
      if joined.finding?.reason == .flood {
        report.flooded += 1
      } else {
        detection?.add(joined)
      }
      if !isQuiet { try output.joined(joined) }
    case .flooded(let alert, let joined):
      report.alerts += 1
      report.suppressed += 1
      report.flooded += 1
      let line = AlertWriter.line(alert)
      digest.add(line: line)
      if !isQuiet {
        try output.raised(alert, line: line, frozen: FrozenEvidence(floodOf: alert.rule))
        try output.joined(joined)
      }
    case .repeated:
      report.suppressed += 1
    }
  }

  /// What no mute keeps quiet; nothing where one keeps all of it. What is kept quiet is counted and handed on as such.
  private func unmuted(
    _ evidence: Evidence, isQuiet: Bool, output: inout some RunOutput
  ) throws(Failure) -> Evidence? {
    if mutes.isEmpty { return evidence }
    let (told, muted) = mutes.parted(evidence)
    for (mute, quiet) in muted {
      report.suppressed += 1
      report.muted += 1
      if output.wantsFindings { try output.muted(quiet, by: mute) }
      if isQuiet { continue }
      let row = plan.policy.mappings.choose(for: quiet, lists: plan.policy.lists)?.row
      try output.suppressed(
        SuppressedFinding(
          quiet, row: row, reason: .muted, severity: plan.policy.severity(of: quiet, row),
          mute: mute.number))
    }
    return told
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
