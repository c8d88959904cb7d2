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
  /// Of the same alerts: each mapping row once for each entity; what counts by the minute or the day, for as
  /// long as its alerts went on, pauses of more than the lull left out.
  package var cost: Cents
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
    cost = IncidentCost.of(standing, lull: lull)
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

/// What the alerts of an incident cost together.
enum IncidentCost {
  private struct Loss: Hashable {
    var mapping: String?
    var entity: Entity?
    var unit: CostUnit
  }

  static func of(_ facts: [AlertFact], lull: TimeSpan) -> Cents {
    var losses: [Loss: (cost: Cents, span: TimeSpan, last: Timestamp)] = [:]
    for fact in facts {
      let loss = Loss(mapping: fact.mapping, entity: fact.entity, unit: fact.costPer)
      var known = losses[loss] ?? (fact.cost, .zero, fact.time)
      let pause = fact.costPer == .day ? max(lull, .days(1)) : lull
      known.span = known.span + min(pause, fact.time - known.last)
      losses[loss] = (max(known.cost, fact.cost), known.span, fact.time)
    }
    return losses.reduce(Cents.zero) { sum, entry in
      sum + entry.value.cost.lasting(entry.value.span, by: entry.key.unit)
    }
  }
}

extension Cents {
  /// The cost of what goes on for a time: begun minutes or days, at least one; once where it is by the incident.
  func lasting(_ span: TimeSpan, by unit: CostUnit) -> Cents {
    let size: Int64
    switch unit {
    case .incident: return self
    case .minute: size = TimeSpan.minutes(1).microseconds
    case .day: size = TimeSpan.days(1).microseconds
    }
    let units = max(1, (max(0, span.microseconds) - 1) / size + 1)
    let (product, overflow) = count.multipliedReportingOverflow(by: Int(units))
    return Cents(overflow ? (count < 0 ? -Cents.most : Cents.most) : product)
  }
}
