package import Primitives

/// How often what an alert tells of was seen before it, and how those ended.
package struct Recurrence: Hashable, Sendable {
  /// How many, and what they turned out to be.
  package struct Tally: Hashable, Sendable {
    package var total = 0
    package var outcomes: [AlertFact.Outcome: Int] = [:]
    package var newest: Timestamp?
    /// Whom they were about.
    package var subjects: Set<Entity> = []

    package var open: Int { total - outcomes.values.reduce(0, +) }

    mutating func add(_ fact: AlertFact) {
      total += 1
      if let outcome = fact.outcome { outcomes[outcome, default: 0] += 1 }
      newest = max(newest ?? fact.time, fact.time)
      if let entity = fact.entity { subjects.insert(entity) }
    }
  }

  /// The same pattern on the same entity: mapping row and rule are equal.
  package var same = Tally()
  /// Any other pattern on the same entity.
  package var sameEntity = Tally()
  /// The same pattern on others.
  package var samePattern = Tally()

  /// - Parameter facts: all that are known; those before the alert are counted, with what is known of them today.
  package init(of alert: AlertFact, among facts: [AlertFact]) {
    for fact in facts where (fact.time, fact.id) < (alert.time, alert.id) {
      let isPattern = fact.mapping == alert.mapping && fact.finder == alert.finder
      let isEntity = alert.entity != nil && fact.entity == alert.entity
      if isPattern && isEntity {
        same.add(fact)
      } else if isEntity {
        sameEntity.add(fact)
      } else if isPattern {
        samePattern.add(fact)
      }
    }
  }
}
