package import Primitives

/// An alert with what a look at it is expected to save.
package struct RankedAlert: Hashable, Sendable {
  package var fact: AlertFact
  /// That it is what it says.
  package var probability: Double
  package var criticality: Double
  /// What a true one costs.
  package var loss: Cents
  /// Loss × probability × criticality.
  package var worth: Cents
}

/// The open alerts in the order in which they are worth a look.
package enum Worth {
  /// - Parameters:
  ///   - facts: all alerts: the closed ones say how often rules were right.
  ///   - unattended: how long what costs by the minute or the day goes on where nobody looks.
  /// - Returns: the most worth first, then the more severe, the newer, by id.
  package static func rank(
    _ facts: [AlertFact], unattended: TimeSpan, criticality: (Entity) -> Double
  ) -> [RankedAlert] {
    let record = TrackRecord(facts)
    return facts.filter { $0.outcome == nil }.map { fact in
      let probability = record.probability(fact)
      let weight = fact.entity.map(criticality) ?? 1
      let loss = fact.loss(unattended: unattended)
      return RankedAlert(
        fact: fact, probability: probability, criticality: weight, loss: loss,
        worth: Cents(dollars: loss.dollars * probability * weight))
    }.sorted { a, b in
      (b.worth, b.fact.severity, b.fact.time, a.fact.id)
        < (a.worth, a.fact.severity, a.fact.time, b.fact.id)
    }
  }
}

extension AlertFact {
  /// What it costs where it is true and nobody looks.
  func loss(unattended: TimeSpan) -> Cents { cost.lasting(unattended, by: costPer) }
}
