import Cases
import Detection
import Plugins
import Primitives

/// An evaluator for suites: the real feature engine and conditions, rules and mappings asked row by row.
struct WorkingBench: SuiteBench {
  private let set: PluginSet
  private let batch: EventBatch
  private let interner = Interner()
  private let engine: FeatureEngine
  private let plan: FeaturePlan
  private let rules: [(RuleRunner, on: CompiledCondition, when: CompiledCondition)]
  private let patterns: [CompiledPattern?]
  private var sequences: [Int: SequenceTracker] = [:]
  private var absences: [Int: AbsenceTracker] = [:]
  private var score = ModelScore.missing

  init(_ set: PluginSet, _ vocabulary: Vocabulary = .test) throws {
    self.set = set
    let schema = try Schema(
      vocabulary.fields.keys.sorted().map { ($0, vocabulary.fields[$0] ?? .text) })
    let plan = try FeaturePlan(
      features: FeatureSet.standard.features.map(\.definition)
        + set.rules.flatMap { $0.features.map(\.definition) },
      schema: schema, interner: interner)
    self.plan = plan
    engine = FeatureEngine(plan: plan, shards: 1)
    batch = EventBatch(schema: schema, capacity: 1)
    var rules: [(RuleRunner, CompiledCondition, CompiledCondition)] = []
    for rule in set.rules {
      let columns = Dictionary(
        rule.features.map { ($0.name, plan.column(of: $0.definition)) },
        uniquingKeysWith: { first, _ in first })
      rules.append(
        (
          RuleRunner(rule: rule, vocabulary: vocabulary),
          try CompiledCondition(rule.on, schema: schema, interner: interner),
          try CompiledCondition(rule.when, schema: schema, interner: interner, features: columns)
        ))
    }
    self.rules = rules
    let texts = interner
    patterns = try set.rules.map { rule in
      try rule.pattern.map { try CompiledPattern($0, schema: schema, interner: texts) }
    }
    for (index, rule) in set.rules.enumerated() {
      switch rule.pattern {
      case .sequence(let sequence)?: sequences[index] = SequenceTracker(sequence)
      case .absence(let absence)?: absences[index] = AbsenceTracker(absence)
      case nil: break
      }
    }
  }

  mutating func tell(score: ModelScore) { self.score = score }
  mutating func watch(rule: String) {}
  var course: [String] { [] }
  /// A rule that fails throws.
  var failures: [RuleFailure] { [] }

  /// Whether a rule's pattern is complete with the event in the batch; true where it has none.
  private mutating func isComplete(_ index: Int) -> Bool {
    guard let pattern = patterns[index] else { return true }
    let entity = batch.text(0, pattern.entitySlot)
    let mask = pattern.mask(batch, 0)
    if absences[index] != nil {
      let anchor = AbsenceTracker.Anchor(
        time: batch.times[0], kind: batch.kinds[0], source: batch.sources[0])
      batch.withID(0) { absences[index]?.take(entity, anchor, mask: mask, id: $0) }
      return false
    }
    return sequences[index]?.take(entity, time: batch.times[0], mask: mask) ?? false
  }

  mutating func advance(to time: Timestamp) throws -> [SuiteFinding] {
    var findings: [SuiteFinding] = []
    for index in absences.keys.sorted() {
      for silence in absences[index]?.advance(to: time.microseconds) ?? [] {
        let by = patterns[index]?.pattern.by ?? ""
        let event = EventRecord(
          time: Timestamp(microseconds: silence.time), id: silence.eventID,
          source: interner.text(of: silence.source), kind: interner.text(of: silence.kind),
          fields: [by: .text(interner.text(of: silence.entity))], primaryField: by)
        let runner = rules[index].0
        guard let verdict = try runner.detect(event, feature: { _ in .nan }) else { continue }
        findings.append(
          SuiteFinding(
            rule: runner.rule.id, severity: verdict.severity, message: verdict.message,
            mapping: mapping(event, runner.rule, verdict, nil), eventID: event.id))
      }
    }
    return findings
  }

  mutating func send(_ events: [EventRecord]) throws -> [SuiteFinding] {
    var findings: [SuiteFinding] = []
    for event in events {
      findings += try advance(to: event.time)
      batch.removeAll()
      batch.append(event, interner: interner)
      let table = FeatureTable(columns: plan.columns, capacity: 1)
      engine.process(batch, into: table, shard: 0)
      engine.finish(batch, into: table)
      for (index, (runner, on, when)) in rules.enumerated()
      where isComplete(index) && on.holds(batch, 0) && when.holds(batch, 0, table, score: score) {
        let features = runner.rule.features
        let verdict = try runner.detect(
          BatchRow(batch: batch, row: 0, interner: interner), score: score
        ) {
          table[0, plan.column(of: features[$0].definition)]
        }
        guard let verdict else { continue }
        findings.append(
          SuiteFinding(
            rule: runner.rule.id, severity: verdict.severity, message: verdict.message,
            mapping: mapping(event, runner.rule, verdict, table), eventID: event.id))
      }
    }
    return findings
  }

  private func mapping(
    _ event: EventRecord, _ rule: Rule, _ verdict: RuleVerdict, _ table: FeatureTable?
  ) -> String? {
    let measured = (FeatureSet.standard.features + rule.features).compactMap { feature in
      table.map {
        Measurement(name: feature.name, value: $0[0, plan.column(of: feature.definition)])
      }
    }
    let evidence = Evidence(
      event: event, entity: nil,
      findings: [
        Finding(
          row: 0, origin: .rule(id: rule.id), severity: verdict.severity, title: rule.title,
          message: verdict.message)
      ], features: measured)
    return set.mappings.choose(for: evidence)?.row.id
  }
}
