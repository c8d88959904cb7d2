import Cases
import Detection
import Ingest
import Plugins
import Primitives

/// Gathers what is known of an event and its entities at the moment of judgement.
struct EvidenceBuilder {
  /// A feature, where it stands in the table, and how it reads in a sentence.
  private struct Column {
    var name: String
    var place: Int
    var words: FeatureWords
    /// The field whose entity it counts by; missing where that is the event's first one.
    var field: String?

    init(_ feature: NamedFeature, place: Int) {
      name = feature.name
      self.place = place
      words = feature.words
      if case .field(let field)? = feature.definition.scope { self.field = field }
    }
  }

  private let plan: RunPlan
  private let features: FeatureStage
  private let scorer: Scorer?
  /// By rule id, the features that the rule looks at.
  private let ruleColumns: [String: [Column]]
  private let evidenceColumns: [Column]
  private let historyColumn: Int
  private let entityFields: [Int: String]

  /// - Parameter features: holds the plan's evidence, the features of its rules and `history(.primary)`.
  init(plan: RunPlan, features: FeatureStage, scorer: Scorer?) {
    self.plan = plan
    self.features = features
    self.scorer = scorer
    func columns(_ named: [NamedFeature]) -> [Column] {
      named.map { Column($0, place: features.column(of: $0.definition)) }
    }
    ruleColumns = Dictionary(
      plan.rules.map { ($0.id, columns($0.features)) }, uniquingKeysWith: { first, _ in first })
    evidenceColumns = columns(plan.evidence.features)
    historyColumn = features.column(of: .history(.primary))
    entityFields = Dictionary(
      plan.schema.fields.filter { $0.type == .text }.map { ($0.slot, $0.name) },
      uniquingKeysWith: { first, _ in first })
  }

  /// One piece of evidence for each entity that the findings are about, in order of first mention.
  ///
  /// - Parameter findings: the rules' and, where it found the event, the model's; at least one.
  func build(
    _ events: EventBatch, row: Int, findings: [Finding], score: Double?, margin: Double
  ) -> [Evidence] {
    let record = events.record(row, interner: plan.interner)
    let primary = events.primaryEntity(row).map { entity in
      (field: entityFields[entity.slot] ?? "", value: entity.value)
    }
    return findings.parted(primary: primary).map { group in
      let isPrimary =
        group.entity?.field == primary?.field && group.entity?.value == primary?.value
      return evidence(
        group, record: record, row: row, score: score, margin: margin,
        holdsModel: isPrimary || group.findings.contains { $0.origin == .model })
    }
  }

  /// - Parameter holdsModel: whether what the model says of the event belongs to this group: it speaks of the event's
  ///   first entity.
  private func evidence(
    _ group: FindingGroup, record: EventRecord, row: Int, score: Double?, margin: Double,
    holdsModel: Bool
  ) -> Evidence {
    let entity = group.entity.map {
      Entity(field: $0.field, value: plan.interner.text(of: $0.value))
    }
    var measurements: [Measurement] = []
    var seen: Set<String> = []
    var ruleFeatures: [String] = []
    for finding in group.findings {
      for column in ruleColumns[finding.ruleID] ?? [] where seen.insert(column.name).inserted {
        ruleFeatures.append(column.name)
        measurements.append(measurement(column, row: row, of: entity))
      }
    }
    for column in evidenceColumns where seen.insert(column.name).inserted {
      measurements.append(measurement(column, row: row, of: entity))
    }
    let scorer = holdsModel ? scorer : nil
    let contributions =
      scorer.map { scorer in
        zip(plan.set.features, scorer.contributions(features.table, row: row)).map {
          Contribution(feature: $0.name, value: $1)
        }
      } ?? []
    return Evidence(
      event: record, entity: entity, findings: group.findings, score: scorer == nil ? nil : score,
      margin: scorer == nil ? nil : margin,
      history: Int(exactly: features.table[row, historyColumn]), features: measurements,
      ruleFeatures: ruleFeatures, contributions: contributions, bias: scorer?.bias ?? 0,
      modelName: scorer?.name, involved: plan.entities?.named(by: record) ?? [])
  }

  /// What the alert was decided by: every rule about its entity that looks at such events, fired or silent, and the model.
  func judgement(of evidence: Evidence, row: Int) -> FrozenJudgement {
    let event = evidence.event
    let fired = Set(evidence.ruleIDs)
    let cells: (FeatureDefinition) -> Double? = { [features] in
      features.contains($0) ? features.table[row, features.column(of: $0)] : nil
    }
    func facts(_ named: [NamedFeature], of entity: Entity?) -> [FrozenJudgement.Fact] {
      named.map { feature in
        let value = cells(feature.definition) ?? .nan
        var words = feature.words
        if case .field(let field)? = feature.definition.scope, field != entity?.field {
          words.phrase += " for the \(field)"
        }
        return FrozenJudgement.Fact(
          name: feature.name, value: value,
          move: feature.definition.move(on: event, value: value, other: cells), words: words)
      }
    }
    let lists = plan.policy.lists
    var rules = plan.rules.filter { rule in
      if fired.contains(rule.id) { return true }
      // A sequence that did not come to its end is not ended by another number.
      if rule.pattern != nil || entity(of: rule, on: event) != evidence.entity { return false }
      return rule.on.allSatisfy { $0.test.accepts(event.value(named: $0.name), lists: lists) }
    }.map { rule in
      FrozenJudgement.Ruling(
        id: rule.id, digest: rule.digest, fired: fired.contains(rule.id),
        facts: facts(rule.features, of: evidence.entity))
    }
    for id in evidence.ruleIDs where !rules.contains(where: { $0.id == id }) {
      rules.append(FrozenJudgement.Ruling(id: id, digest: nil, fired: true, facts: []))
    }
    var model: FrozenJudgement.Scoring?
    if let scorer, evidence.score != nil {
      model = FrozenJudgement.Scoring(
        path: scorer.path, digest: scorer.digest,
        found: evidence.findings.contains { $0.origin == .model },
        facts: facts(plan.set.features, of: evidence.entity))
    }
    return FrozenJudgement(event: event, rules: rules, model: model)
  }

  /// Whom a rule's findings on an event are about.
  private func entity(of rule: Rule, on event: EventRecord) -> Entity? {
    if case .field(let field) = rule.per, let value = event.text(field) {
      return Entity(field: field, value: value)
    }
    return event.primaryEntity.map { Entity(field: $0.field, value: $0.value) }
  }

  /// Words of a feature that counts by another entity of the event say which.
  private func measurement(_ column: Column, row: Int, of entity: Entity?) -> Measurement {
    let normal = features.normal(row: row, column: column.place)
    var words = column.words
    if let field = column.field, field != entity?.field { words.phrase += " for the \(field)" }
    return Measurement(
      name: column.name, value: features.table[row, column.place], normal: normal?.center,
      spread: normal?.spread, count: normal?.count ?? 0, words: words)
  }
}

extension SourceMapping.Entities {
  /// Everybody that an event names, its first entity first.
  func named(by record: EventRecord) -> [Entity] {
    fields(kind: record.kind).compactMap { field in
      record.text(field).map { Entity(field: field, value: $0) }
    }
  }
}
