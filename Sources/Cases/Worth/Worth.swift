package import Primitives

/// An alert with what a look at it is expected to save.
package struct RankedAlert: Hashable, Sendable {
  package var fact: AlertFact
  /// That it is what it says.
  package var probability: Double
  package var criticality: Double
  /// What a true one costs; nothing where another alert of its incident stands for the same loss, or has stopped it.
  package var loss: Cents
  /// Loss × probability × criticality.
  package var worth: Cents
}

/// The open alerts in the order in which they are worth a look.
package enum Worth {
  /// - Parameters:
  ///   - facts: all alerts: the closed ones say how often rules were right, and what was stopped already.
  ///   - unattended: how long what costs by the minute or the day goes on where nobody looks.
  ///   - incident: which incident an alert belongs to; an incident loses what one of its entities loses by one mapping row
  ///     once, so the likeliest alert about it is worth that, and the others are worth nothing more.
  /// - Returns: the most worth first, then the more severe, the newer, by id.
  package static func rank(
    _ facts: [AlertFact], unattended: TimeSpan, incident: (AlertFact) -> String = { $0.incident },
    criticality: (Entity) -> Double
  ) -> [RankedAlert] {
    let record = TrackRecord(facts)
    func loss(_ fact: AlertFact) -> Loss {
      Loss(incident: incident(fact), entity: fact.entity, mapping: fact.mapping)
    }
    var counted = Set(facts.filter { $0.outcome == .truePositive }.map(loss))
    var ranked = facts.filter { $0.outcome == nil }.map { fact in
      let weight = fact.entity.map(criticality) ?? 1
      let probability = record.probability(fact)
      let loss = fact.loss(unattended: unattended)
      return RankedAlert(
        fact: fact, probability: probability, criticality: weight, loss: loss,
        worth: Cents(dollars: loss.dollars * probability * weight))
    }.sorted(by: comesFirst)
    for place in ranked.indices where ranked[place].loss != .zero {
      if !counted.insert(loss(ranked[place].fact)).inserted {
        ranked[place].loss = .zero
        ranked[place].worth = .zero
      }
    }
    return ranked.sorted(by: comesFirst)
  }

  /// What is lost once.
  private struct Loss: Hashable {
    var incident: String
    var entity: Entity?
    var mapping: String?
  }

  private static func comesFirst(_ a: RankedAlert, _ b: RankedAlert) -> Bool {
    (b.worth, b.fact.severity, b.fact.time, a.fact.id)
      < (a.worth, a.fact.severity, a.fact.time, b.fact.id)
  }
}

extension AlertFact {
  /// As `Alert.loss`.
  func loss(unattended: TimeSpan) -> Cents { cost.lasting(unattended, by: costPer) }
}
