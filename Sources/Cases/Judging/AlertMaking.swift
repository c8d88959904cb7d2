import Detection
import Primitives

extension Alert {
  /// An alert by itself: no recurrence, an incident of its own.
  init(
    id: String, _ evidence: Evidence, _ leading: Finding, _ explanation: Explanation,
    row: MappingRow?, severity: Severity, confidence: Double?, policy: Judge.Policy
  ) {
    let event = evidence.event
    self.init(
      id: id, time: event.time, eventID: event.id, source: event.source, entity: evidence.entity,
      kind: leading.ruleID == nil ? .model : .rule, rule: leading.ruleID, score: evidence.score,
      confidence: confidence, severity: severity,
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
    let causes = explanation.causes.prefix(2).map(\.brief)
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
