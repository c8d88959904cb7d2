import Detection
import Primitives

extension Alert {
  /// An alert by itself: no recurrence, an incident of its own.
  init(
    id: String, _ evidence: Evidence, _ leading: Finding, _ explanation: Explanation,
    row: MappingRow?, severity: Severity, policy: Judge.Policy,
    record: TrackRecord
  ) {
    let event = evidence.event
    self.init(
      id: id, time: event.time, eventID: event.id, source: event.source, entity: evidence.entity,
      kind: leading.ruleID == nil ? .model : .rule, rule: leading.ruleID, score: evidence.score,
      confidence: Alert.confidence(evidence, record), severity: severity,
      title: Alert.title(leading, row), message: Alert.message(evidence, leading, explanation),
      reasons: Array(explanation.causes.prefix(Explanation.mostReasons)),
      category: row?.category, risk: row?.risk, costUSD: row?.costUSD, costPer: row?.per,
      compliance: row?.compliance ?? [], action: row?.action, owner: row?.owner,
      slaSeconds: row.flatMap { $0.slaSeconds ?? policy.owners[$0.owner]?.slaSeconds },
      mapping: row?.id, incident: Incident.id(startedBy: id),
      model: evidence.score == nil ? nil : evidence.modelName,
      pluginsDigest: policy.pluginsDigest, response: policy.response(to: evidence),
      past: evidence.past, scoreMeaning: evidence.scoreIsRarity ? .rarity : .probability)
  }

  /// How sure it is that the alert is right: what the detectors say together, tempered by how little is known.
  ///
  /// The model alone: its calibrated probability. Where rules fired, the one that was right most often so far says how
  /// often: the share of its decided alerts that were true, with one true and one false one added, so a half before
  /// anything was decided. Each further rule that agrees doubles the odds; the model then counts by how much likelier it finds
  /// the event bad than an event is in general. So a rule that the model contradicts is trusted less than one that it
  /// agrees with. Without a score there is a confidence only where alerts of the rules were decided.
  ///
  /// Then × (n + 2) / (n + 4) with n earlier events of the entity: half of it for one never seen, 0.99 of it after
  /// 200. A judgement of how much history is enough, not a statistic. The score itself where no history was counted;
  /// missing where the score says how rare an event is and no decided rule fired: nobody knows how often that is right.
  private static func confidence(_ evidence: Evidence, _ record: TrackRecord) -> Double? {
    let rules = evidence.ruleIDs
    let score = evidence.probability
    let isDecided = rules.contains { record.decided[$0] != nil }
    guard score != nil || isDecided else { return nil }
    guard let agreed = agreed(score, rules, record, baseRate: evidence.baseRate) else { return nil }
    guard let history = evidence.history else { return agreed }
    let n = Double(max(0, history))
    return agreed * (n + 2) / (n + 4)
  }

  private static func agreed(
    _ score: Double?, _ rules: [String], _ record: TrackRecord, baseRate: Double?
  ) -> Double? {
    guard let precision = rules.map({ record.precision(of: $0) }).max() else { return score }
    var odds = precision / (1 - precision)
    if let score {
      guard let baseRate, score > 0, score < 1 else { return score }
      odds *= (score / (1 - score)) / (baseRate / (1 - baseRate))
    }
    for _ in 1..<rules.count { odds *= 2 }
    return odds / (1 + odds)
  }

  /// The row's own title, the rule's, what stands last in the category (`Security - Account Takeover`), or the model's.
  private static func title(_ leading: Finding, _ row: MappingRow?) -> String {
    if let title = row?.title { return title }
    if leading.ruleID != nil && !leading.title.isEmpty { return leading.title }
    if let name = row?.category.split(separator: " - ").last { return String(name) }
    return leading.title.isEmpty ? "Unusual activity" : leading.title
  }

  /// The rule's own sentence; for a model that gave none, its two strongest causes and its probability.
  private static func message(
    _ evidence: Evidence, _ leading: Finding, _ explanation: Explanation
  ) -> String {
    if !leading.message.isEmpty { return leading.message }
    let causes = explanation.causes.prefix(2).map(\.text)
    var text = causes.isEmpty ? "unusual as a whole" : causes.joined(separator: ", ")
    if let entity = evidence.entity { text = "\(entity.value): \(text)" }
    if evidence.scoreIsRarity {
      return evidence.score.map {
        "\(text) (rarer than \(Format.decimal($0 * 100, 2)) % of events)"
      }
        ?? text
    }
    return evidence.score.map { "\(text) (probability \(Format.decimal($0, 2)))" } ?? text
  }
}
