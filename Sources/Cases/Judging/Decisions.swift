package import Primitives

/// What people decided, as far as judging asks for it: how rules did so far, how alerts of entities ended, and whose risk
/// was set by hand. It is kept up with as they go on deciding, one alert at a time.
package struct Decisions: Sendable {
  /// One alert and what it turned out to be.
  package struct Decided: Hashable, Sendable {
    package var id: String
    package var time: Timestamp
    package var entity: Entity?
    /// The rule that speaks for it, or `AlertFact.model`.
    package var finder: String
    /// Missing where it is open again.
    package var outcome: AlertFact.Outcome?

    package init(
      id: String, time: Timestamp, entity: Entity?, finder: String, outcome: AlertFact.Outcome?
    ) {
      self.id = id
      self.time = time
      self.entity = entity
      self.finder = finder
      self.outcome = outcome
    }

    init(_ fact: AlertFact) {
      self.init(
        id: fact.id, time: fact.time, entity: fact.entity, finder: fact.finder,
        outcome: fact.outcome)
    }

    /// Whether it was right; missing where that is open, or was decided elsewhere.
    var isTrue: Bool? {
      switch outcome {
      case .truePositive: true
      case .falsePositive, .benign: false
      case .duplicate, nil: nil
      }
    }
  }

  package private(set) var record = TrackRecord()
  package private(set) var outcomes: EntityOutcomes
  /// Those that count, by id.
  private var counted: [String: Decided] = [:]

  /// - Parameters:
  ///   - overrides: risks that were set by hand, in the order in which they were.
  ///   - risk: says from where on a risk is high.
  package init(
    _ facts: [AlertFact] = [], overrides: [RiskOverride] = [], risk: RiskSettings = RiskSettings()
  ) {
    outcomes = EntityOutcomes(overrides: overrides, risk: risk)
    for fact in facts { take(Decided(fact)) }
  }

  /// Takes an alert in as it stands now, in place of how it stood before.
  package mutating func take(_ alert: Decided) {
    if let known = counted[alert.id] { count(known, by: -1) }
    counted[alert.id] = alert.isTrue == nil ? nil : alert
    count(alert, by: 1)
  }

  /// Replaces the risks that were set by hand.
  package mutating func set(_ overrides: [RiskOverride]) { outcomes.set(overrides) }

  private mutating func count(_ alert: Decided, by sign: Int) {
    guard let isTrue = alert.isTrue else { return }
    record.count(alert.finder, isTrue: isTrue, by: sign)
    if let entity = alert.entity {
      outcomes.count(entity, at: alert.time, isTrue: isTrue, by: sign)
    }
  }
}
