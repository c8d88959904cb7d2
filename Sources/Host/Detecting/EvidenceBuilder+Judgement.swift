import Cases
import Detection
import Plugins
import Primitives

/// What is kept with an alert so that it can be judged again.
extension EvidenceBuilder {
  /// What the alert was decided by: every rule about its entity that looks at such events, fired or silent, and the model.
  func judgement(of evidence: Evidence, row: Int) -> FrozenJudgement {
    let event = evidence.event
    let fired = Set(evidence.ruleIDs)
    let noun = noun(event, row: row)
    let cells: (FeatureDefinition) -> Double? = { [features] in
      features.contains($0) ? features.table[row, features.column(of: $0)] : nil
    }
    func facts(_ columns: [Column], of entity: Entity?) -> [FrozenJudgement.Fact] {
      columns.map { column in
        let value = features.table[row, column.place]
        return FrozenJudgement.Fact(
          name: column.name, value: value,
          move: column.definition.move(on: event, value: value, other: cells),
          words: column.words(on: event, noun: noun, of: entity))
      }
    }
    var rules: [FrozenJudgement.Ruling] = []
    // By place: a rule is large, and a copy of it takes hold of all its parts.
    for place in plan.rules.indices where looks(plan.rules[place], at: evidence, fired) {
      let id = plan.rules[place].id
      rules.append(
        FrozenJudgement.Ruling(
          id: id, digest: ruleDigests[id], fired: fired.contains(id),
          facts: facts(ruleColumns[id] ?? [], of: evidence.entity)))
    }
    for id in evidence.ruleIDs where !rules.contains(where: { $0.id == id }) {
      rules.append(FrozenJudgement.Ruling(id: id, digest: nil, fired: true, facts: []))
    }
    var model: FrozenJudgement.Scoring?
    if let scorer, evidence.score != nil {
      model = FrozenJudgement.Scoring(
        path: scorer.path, digest: scorer.digest,
        found: evidence.findings.contains { $0.origin == .model },
        facts: facts(modelColumns, of: evidence.entity))
    }
    return FrozenJudgement(event: event, rules: rules, model: model)
  }

  /// Whether a rule fired, or could have fired on the event had its numbers been others.
  private func looks(_ rule: Rule, at evidence: Evidence, _ fired: Set<String>) -> Bool {
    if fired.contains(rule.id) { return true }
    // A sequence that did not come to its end is not ended by another number.
    if rule.pattern != nil || entity(of: rule, on: evidence.event) != evidence.entity {
      return false
    }
    return rule.on.allSatisfy {
      $0.test.accepts(evidence.event.value(named: $0.name), lists: plan.policy.lists)
    }
  }

  /// Whom a rule's findings on an event are about.
  private func entity(of rule: Rule, on event: EventRecord) -> Entity? {
    if case .field(let field) = rule.per, let value = event.text(field) {
      return Entity(field: field, value: value)
    }
    return event.primaryEntity.map { Entity(field: $0.field, value: $0.value) }
  }
}
