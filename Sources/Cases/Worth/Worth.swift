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
  ///   - lull: as in `Losses`.
  ///   - incident: which incident an alert belongs to; an incident loses what one of its entities loses by one mapping row
  ///     once, so the likeliest alert about it is worth that, and the others are worth nothing more. Of what costs by the
  ///     minute or the day each is worth its own time.
  /// - Returns: the most worth first, then the more severe, the newer, by id.
  package static func rank(
    _ facts: [AlertFact], lull: TimeSpan, incident: (AlertFact) -> String = { $0.incident },
    criticality: (Entity) -> Double
  ) -> [RankedAlert] {
    let record = TrackRecord(facts)
    func ranked(_ fact: AlertFact, _ loss: Cents) -> RankedAlert {
      let weight = fact.entity.map(criticality) ?? 1
      let probability = record.probability(fact)
      return RankedAlert(
        fact: fact, probability: probability, criticality: weight, loss: loss,
        worth: Cents(dollars: loss.dollars * probability * weight))
    }
    let likeliest = facts.filter { $0.outcome == nil }.map { ranked($0, $0.cost) }
      .sorted(by: comesFirst).map(\.fact)
    // What is confirmed is stopped already; time is counted in its order, what is lost once with the likeliest.
    let standing = facts.filter { $0.outcome == .truePositive } + likeliest
    let timed = facts.filter { $0.stands && $0.costPer != .incident }
      .sorted { ($0.time, $0.id) < ($1.time, $1.id) }
    var losses: [String: Losses] = [:]
    var open: [RankedAlert] = []
    for fact in standing.filter({ $0.costPer == .incident }) + timed {
      let loss = losses[incident(fact), default: Losses(lull: lull)].add(fact)
      if fact.outcome == nil { open.append(ranked(fact, loss)) }
    }
    return open.sorted(by: comesFirst)
  }

  private static func comesFirst(_ a: RankedAlert, _ b: RankedAlert) -> Bool {
    (b.worth, b.fact.severity, b.fact.time, a.fact.id)
      < (a.worth, a.fact.severity, a.fact.time, b.fact.id)
  }
}
