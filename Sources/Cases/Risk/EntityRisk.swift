package import Primitives

/// How much trouble an entity is in at a moment: the sum of what each of its alerts still adds, to the hundredth of a point.
package struct EntityRisk: Hashable, Sendable {
  package var entity: Entity
  package var at: Timestamp
  /// How much the entity matters: its alerts count so often.
  package var criticality: Double
  /// What adds to the score, the most first. They always sum to it.
  package var contributions: [RiskContribution]
  package var band: RiskBand
  /// What its alerts alone come to.
  package var computed: RiskBand
  /// How it would become green, and stay so once what a person set is over; missing where it is by its alerts, too.
  package var wayToGreen: WayToGreen?
  /// The score that a person set and until when; missing where nobody did.
  package var override: RiskOverride?

  /// In hundredths of a point.
  package var hundredths: Int { contributions.reduce(0) { $0 + $1.hundredths } }
  package var score: Double { Double(hundredths) / 100 }
}

/// What one alert, or a person, adds to a risk.
package struct RiskContribution: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    case alert(AlertFact, isOwn: Bool)
    /// The difference to the score that a person set; may be below 0.
    case override(RiskOverride)
  }

  package var source: Source
  /// In hundredths of a point.
  package var hundredths: Int

  package var points: Double { Double(hundredths) / 100 }
}

/// A score that a person set by hand in place of the computed one, for a time.
package struct RiskOverride: Hashable, Sendable {
  package var entity: Entity
  package var hundredths: Int
  package var since: Timestamp
  /// Not included.
  package var until: Timestamp
  /// When a person took it back before its end.
  package var cleared: Timestamp?
  package var note: String

  package init(
    entity: Entity, hundredths: Int, since: Timestamp, until: Timestamp,
    cleared: Timestamp? = nil, note: String
  ) {
    self.entity = entity
    self.hundredths = hundredths
    self.since = since
    self.until = until
    self.cleared = cleared
    self.note = note
  }

  package func holds(at moment: Timestamp) -> Bool {
    moment >= since && moment < until && (cleared.map { moment < $0 } ?? true)
  }
}

/// What would make a risk green again, as things stand.
package struct WayToGreen: Hashable, Sendable {
  /// The first second at which it is green if nothing more happens.
  package var byItself: Timestamp
  /// The fewest alerts that make it green at once if they turn out to be false; none where the alerts are green.
  package var closing: [String]
  /// Whether what a person set has to be taken back for it.
  package var clearing: Bool

  package init(byItself: Timestamp, closing: [String], clearing: Bool = false) {
    self.byItself = byItself
    self.closing = closing
    self.clearing = clearing
  }
}
