import Cases
import Detection
import Ingest
import Learning
import Plugins
import Primitives

/// Gathers what is known of an event and its entities at the moment of judgement.
final class EvidenceBuilder {
  /// A feature, where it stands in the table, and how it reads in a sentence.
  final class Column {
    let name: String
    let place: Int
    let definition: FeatureDefinition
    private let words: FeatureWords
    private let hasWordsOfEvent: Bool
    /// Its words where it counts by another entity of the event than the one that the alert is about.
    private let wordsOfField: FeatureWords
    /// The field whose entity it counts by; missing where that is the event's first one.
    let field: String?

    init(_ feature: NamedFeature, place: Int) {
      name = feature.name
      self.place = place
      definition = feature.definition
      words = feature.words
      hasWordsOfEvent = feature.definition.hasWordsOfEvent
      var wordsOfField = feature.words
      if case .field(let field)? = feature.definition.scope {
        self.field = field
        wordsOfField.phrase += " for the \(field.replacing("_", with: " "))"
      } else {
        field = nil
      }
      self.wordsOfField = wordsOfField
    }

    /// How it reads on one event; a feature that counts by another entity of the event says which.
    func words(on event: EventRecord, noun: String?, of entity: Entity?) -> FeatureWords {
      let words = field == nil || field == entity?.field ? words : wordsOfField
      return hasWordsOfEvent ? definition.words(words, on: event, noun: noun) : words
    }
  }

  let plan: RunPlan
  let features: FeatureStage
  let scorer: Scorer?
  /// By rule id, the features that the rule looks at.
  let ruleColumns: [String: [Column]]
  private let evidenceColumns: [Column]
  let modelColumns: [Column]
  /// By rule id, of its file.
  let ruleDigests: [String: String]
  let historyColumn: Int
  /// Where it stands how many kinds of events the entity had; missing where nothing counts them.
  private let kindsColumn: Int?
  private let entityFields: [Int: String]
  /// For the thread that judges.
  private let decided: DecidedNumbers
  /// What is measured for findings of the same rules. For the thread that judges.
  private var remembered: [[String]: Merged] = [:]

  /// - Parameter features: holds the plan's evidence, the features of its rules and `history(.primary)`.
  init(plan: RunPlan, features: FeatureStage, scorer: Scorer?) {
    self.plan = plan
    self.features = features
    self.scorer = scorer
    decided = DecidedNumbers(plan)
    func columns(_ named: [NamedFeature]) -> [Column] {
      named.map { Column($0, place: features.column(of: $0.definition)) }
    }
    ruleColumns = Dictionary(
      plan.rules.map { ($0.id, columns($0.features)) }, uniquingKeysWith: { first, _ in first })
    evidenceColumns = columns(plan.evidence.features)
    modelColumns = scorer == nil ? [] : columns(plan.set.features)
    ruleDigests = Dictionary(
      plan.rules.map { ($0.id, $0.digest) }, uniquingKeysWith: { first, _ in first })
    historyColumn = features.column(of: .history(.primary))
    let kinds = FeatureDefinition.distinct(.primary, of: "kind", within: .hours(24))
    kindsColumn = features.contains(kinds) ? features.column(of: kinds) : nil
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
    let columns = merged(group.findings)
    let measurements = columns.places.indices.map {
      Measurement(name: columns.names[$0], value: features.table[row, columns.places[$0]])
    }
    let scorer = holdsModel ? scorer : nil
    var evidence = Evidence(
      event: record, entity: entity, findings: group.findings, score: holdsModel ? score : nil,
      margin: scorer == nil ? nil : margin,
      history: Int(exactly: features.table[row, historyColumn]), features: measurements,
      ruleFeatures: columns.ofRules, modelName: scorer?.name, baseRate: scorer?.baseRate,
      involved: plan.entities?.named(by: record) ?? [])
    evidence.scoreIsRarity = scorer?.model.meaning == .rarity
    return evidence
  }

  /// Answers what was usual in the features of evidence that was built for a row of the batch at hand.
  func usual(_ evidence: Evidence, row: Int, asksPeers: Bool) -> UsualLookup {
    let primary = evidence.event.primaryEntity.map { Entity(field: $0.field, value: $0.value) }
    let rules = evidence.ruleIDs
    let usuals = features.usuals(row: row)
    let (ruleColumns, evidenceColumns) = (ruleColumns, evidenceColumns)
    func answer(_ name: String, ofPeers: Bool) -> Usual? {
      let column =
        rules.lazy.compactMap { ruleColumns[$0]?.first { $0.name == name } }.first
        ?? evidenceColumns.first { $0.name == name }
      guard let column else { return nil }
      // What the event says itself is sampled for its first entity.
      if column.definition.scope == nil && evidence.entity != primary { return nil }
      if ofPeers && !asksPeers { return nil }
      // Latencies and queues are no peers: each series measures something else.
      if ofPeers && (column.field ?? primary?.field) == "series" { return nil }
      return usuals.usual(column: column.place, ofPeers: ofPeers)
    }
    return UsualLookup(
      own: { answer($0, ofPeers: false) }, peers: { answer($0, ofPeers: true) })
  }

  /// Adds what an alert is explained by: words for what was measured, and what each feature added to the model's margin.
  ///
  /// - Parameter built: the evidence as `build` gave it, of which some findings may have been muted since.
  func complete(_ evidence: inout Evidence, built: Evidence, row: Int) {
    let noun = noun(evidence.event, row: row)
    for (place, column) in merged(built.findings).columns.enumerated() {
      evidence.features[place].words = column.words(
        on: evidence.event, noun: noun, of: evidence.entity)
    }
    decide(&evidence, row: row)
    guard let scorer, evidence.score != nil else { return }
    let (bias, added) = scorer.contributions(features.table, row: row)
    evidence.bias = bias
    evidence.contributions = zip(plan.set.features, added).map {
      Contribution(feature: $0.name, value: $1)
    }
  }

  /// Notes by which numbers the functions of rules decided: beside these, only what is declared is a reason of theirs.
  private func decide(_ evidence: inout Evidence, row: Int) {
    let score = ModelScore(evidence.score ?? .nan, isRarity: evidence.scoreIsRarity)
    for id in evidence.ruleIDs {
      let columns = ruleColumns[id] ?? []
      let values = Dictionary(
        columns.map { ($0.name, features.table[row, $0.place]) },
        uniquingKeysWith: { first, _ in first })
      guard
        let numbers = decided.numbers(
          of: id, on: evidence.event, score: score, features: values), !numbers.isEmpty
      else { continue }
      evidence.decided += numbers
      let declared = Set(plan.rules.first { $0.id == id }?.when.map(\.name) ?? [])
      let others = Set(
        evidence.ruleIDs.filter { $0 != id }.flatMap { (ruleColumns[$0] ?? []).map(\.name) })
      let own = Set(columns.map(\.name)).subtracting(others)
      evidence.ruleFeatures.removeAll { own.contains($0) && !declared.contains($0) }
    }
  }

  /// What the events of its entity in the last 24 hours are called, where all were of the event's kind.
  func noun(_ event: EventRecord, row: Int) -> String? {
    guard let kindsColumn, features.table[row, kindsColumn] == 1 else { return nil }
    // Only a plain name is a noun; a kind from outside may be anything.
    let isPlain =
      event.kind.utf8.count <= 40
      && event.kind.utf8.allSatisfy { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x5F }
    return isPlain && !event.kind.isEmpty ? FeatureDefinition.noun(ofKind: event.kind) : nil
  }

  /// What is measured for findings of the same rules, made once.
  private func merged(_ findings: [Finding]) -> Merged {
    let rules = findings.map(\.ruleID)
    if let known = remembered[rules] { return known }
    var columns: [Column] = []
    var seen: Set<String> = []
    var ofRules: [String] = []
    for rule in rules {
      for column in ruleColumns[rule] ?? [] where seen.insert(column.name).inserted {
        // How long somebody is known says how much to trust a rule, and is no reason for it.
        if case .history = column.definition {} else { ofRules.append(column.name) }
        columns.append(column)
      }
    }
    for column in evidenceColumns where seen.insert(column.name).inserted {
      columns.append(column)
    }
    let merged = Merged(
      columns: columns, names: columns.map(\.name), places: columns.map(\.place),
      ofRules: ofRules)
    // Hardly any events are found by so many different sets of rules.
    if remembered.count < Merged.mostRemembered { remembered[rules] = merged }
    return merged
  }

  /// The columns of some rules and of all evidence, each once.
  private struct Merged {
    static let mostRemembered = 1024

    var columns: [Column]
    var names: [String]
    var places: [Int]
    /// Names of what the rules look at.
    var ofRules: [String]
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
