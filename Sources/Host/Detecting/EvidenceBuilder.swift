import Cases
import Detection
import Plugins
import Primitives

/// Gathers what is known of an event and its entities at the moment of judgement.
struct EvidenceBuilder {
  private let plan: RunPlan
  private let features: FeatureStage
  private let scorer: Scorer?
  private let ruleColumns: [String: [(name: String, column: Int)]]
  private let evidenceColumns: [Int]
  private let historyColumn: Int?

  init(
    plan: RunPlan, features: FeatureStage, scorer: Scorer?,
    ruleColumns: [String: [(name: String, column: Int)]]
  ) {
    self.plan = plan
    self.features = features
    self.scorer = scorer
    self.ruleColumns = ruleColumns
    evidenceColumns = features.plan.columns(of: plan.evidence)
    historyColumn =
      features.plan.contains(.history(.primary))
      ? features.plan.column(of: .history(.primary)) : nil
  }

  /// One piece of evidence for each entity that the findings are about, in order of first mention.
  func build(
    _ events: EventBatch, row: Int, findings: [Finding], score: Double?, margin: Double,
    isFoundByModel: Bool
  ) -> [Evidence] {
    let record = events.record(row, interner: plan.interner)
    let primary = record.primaryEntity.map { Entity(field: $0.field, value: $0.value) }
    var groups: [(entity: Entity?, findings: [Finding])] = []
    for finding in findings {
      let entity = finding.entity.map {
        Entity(field: $0.field, value: plan.interner.text(of: $0.value))
      }
      add(finding, entity ?? primary, to: &groups)
    }
    if isFoundByModel {
      let finding = Finding(
        row: row, origin: .model, severity: .info, title: "", message: "")
      add(finding, primary, to: &groups)
    }
    return groups.map { group in
      evidence(
        events, row: row, record: record, group.entity, group.findings, score: score,
        margin: margin, isPrimary: group.entity == primary)
    }
  }

  private func add(
    _ finding: Finding, _ entity: Entity?, to groups: inout [(entity: Entity?, findings: [Finding])]
  ) {
    if let known = groups.firstIndex(where: { $0.entity == entity }) {
      groups[known].findings.append(finding)
    } else {
      groups.append((entity, [finding]))
    }
  }

  private func evidence(
    _ events: EventBatch, row: Int, record: EventRecord, _ entity: Entity?,
    _ findings: [Finding], score: Double?, margin: Double, isPrimary: Bool
  ) -> Evidence {
    var measurements: [Measurement] = []
    var seen: Set<String> = []
    var ruleFeatures: [String] = []
    for finding in findings {
      guard case .rule(let id) = finding.origin else { continue }
      for (name, column) in ruleColumns[id] ?? [] where seen.insert(name).inserted {
        ruleFeatures.append(name)
        measurements.append(measurement(name, row: row, column: column))
      }
    }
    for (feature, column) in zip(plan.evidence.features, evidenceColumns)
    where seen.insert(feature.name).inserted {
      measurements.append(measurement(feature.name, row: row, column: column))
    }
    var contributions: [Contribution] = []
    // What the model says is about the event's first entity.
    if isPrimary, let scorer {
      contributions = zip(plan.set.features, scorer.contributions(features.table, row: row)).map {
        Contribution(feature: $0.name, value: $1)
      }
    }
    let history = historyColumn.map { features.table[row, $0] }
    return Evidence(
      event: record, entity: entity, findings: findings, score: isPrimary ? score : nil,
      margin: isPrimary && scorer != nil ? margin : nil,
      history: history.flatMap { Int(exactly: $0) }, features: measurements,
      ruleFeatures: ruleFeatures, contributions: contributions,
      bias: scorer?.bias ?? 0, modelName: scorer?.name)
  }

  private func measurement(_ name: String, row: Int, column: Int) -> Measurement {
    let normal = features.normal(row: row, column: column)
    return Measurement(
      name: name, value: features.table[row, column], normal: normal?.center,
      spread: normal?.spread, count: normal?.count ?? 0)
  }
}
