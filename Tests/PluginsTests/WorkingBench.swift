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
  }

  mutating func send(_ events: [EventRecord]) throws -> [SuiteFinding] {
    var findings: [SuiteFinding] = []
    for event in events {
      batch.removeAll()
      batch.append(event, interner: interner)
      let table = FeatureTable(columns: plan.columns, capacity: 1)
      engine.process(batch, into: table, shard: 0)
      engine.finish(batch, into: table)
      for (runner, on, when) in rules where on.holds(batch, 0) && when.holds(batch, 0, table) {
        let features = runner.rule.features
        let verdict = try runner.detect(BatchRow(batch: batch, row: 0, interner: interner)) {
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
    _ event: EventRecord, _ rule: Rule, _ verdict: RuleVerdict, _ table: FeatureTable
  ) -> String? {
    let measured = (FeatureSet.standard.features + rule.features).map {
      Measurement(name: $0.name, value: table[0, plan.column(of: $0.definition)])
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
