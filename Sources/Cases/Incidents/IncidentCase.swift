package import Detection
package import Primitives

/// Alerts that belong together, told as one: how bad, what it costs, how the attack went on.
package struct IncidentCase: Hashable, Sendable {
  /// Named after its first alert.
  package var id: String
  /// In order of time, then id; at least one.
  package var facts: [AlertFact]
  package var first: Timestamp
  package var last: Timestamp
  /// The highest of its alerts that were not closed as something else; info where all were.
  package var severity: Severity
  /// Of the same alerts, as `Losses` counts: a mapping row once for each entity, and by the minute or the day for as long as
  /// its alerts went on.
  package var cost: Cents
  /// What each of them adds to the cost, by id.
  package var losses: [String: Cents]
  /// The attack in order: alerts of one rule about one entity that follow each other are one step.
  package var chain: [IncidentStep]
  /// Whether people merged or split it.
  package var isEdited: Bool

  init(
    _ facts: [AlertFact], isEdited: Bool, stages: [String: AttackStage], lull: TimeSpan
  ) {
    precondition(!facts.isEmpty, "an incident has an alert")
    self.facts = facts
    self.isEdited = isEdited
    id = Incident.id(startedBy: facts[0].id)
    first = facts[0].time
    last = facts[facts.count - 1].time
    let standing = facts.filter(\.stands)
    severity = standing.map(\.severity).max() ?? .info
    losses = Losses.of(standing, lull: lull)
    cost = losses.values.reduce(.zero, +)
    chain = IncidentStep.chain(facts, stages)
  }

  /// Whether any of its alerts waits for a decision.
  package var isOpen: Bool { facts.contains { $0.outcome == nil } }

  /// How far the attack has come; missing where no rule says.
  package var stage: AttackTactic? { chain.compactMap(\.stage?.tactic).max() }

  /// Everybody it names with the number of its alerts, the most first, then by name.
  package var entities: [(entity: Entity, alerts: Int)] {
    var counts: [Entity: Int] = [:]
    for fact in facts { for entity in Set(fact.entities) { counts[entity, default: 0] += 1 } }
    return counts.map { (entity: $0.key, alerts: $0.value) }.sorted {
      ($1.alerts, $0.entity.field, $0.entity.value) < ($0.alerts, $1.entity.field, $1.entity.value)
    }
  }
}

extension AlertFact {
  /// Whether it was not closed as something else than what it said.
  package var stands: Bool { outcome == nil || outcome == .truePositive }
}

/// Alerts of one rule about one entity that follow each other in an incident.
package struct IncidentStep: Hashable, Sendable {
  package var stage: AttackStage?
  package var finder: String
  package var entity: Entity?
  package var title: String
  package var severity: Severity
  package var first: Timestamp
  package var last: Timestamp
  package var alerts: [String]

  static func chain(_ facts: [AlertFact], _ stages: [String: AttackStage]) -> [IncidentStep] {
    var chain: [IncidentStep] = []
    for fact in facts {
      if let step = chain.last, step.finder == fact.finder, step.entity == fact.entity {
        chain[chain.count - 1].last = fact.time
        chain[chain.count - 1].severity = max(step.severity, fact.severity)
        chain[chain.count - 1].alerts.append(fact.id)
      } else {
        chain.append(
          IncidentStep(
            stage: stages[fact.finder], finder: fact.finder, entity: fact.entity,
            title: fact.title, severity: fact.severity, first: fact.time, last: fact.time,
            alerts: [fact.id]))
      }
    }
    return chain
  }
}
