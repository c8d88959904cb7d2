import Cases
import Detection
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
      modelName: scorer?.name)
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
