/// What a model says of an event: how likely it is bad or, where the model saw no labels, how rare it is. Never both.
package struct ModelScore: Hashable, Sendable {
  /// The calibrated probability that the event is bad, 0 to 1; NaN where nobody gives one.
  package let probability: Double
  /// The share of events that are less rare, 0 to 1; NaN where nobody gives one.
  package let rarity: Double

  /// No model judged.
  package static let missing = ModelScore(probability: .nan)

  package init(probability: Double) {
    self.probability = probability
    rarity = .nan
  }

  package init(rarity: Double) {
    probability = .nan
    self.rarity = rarity
  }

  /// Whichever there is; what it says is asked of the other two.
  package var number: Double? {
    if !probability.isNaN { return probability }
    return rarity.isNaN ? nil : rarity
  }

  package init(_ score: Double, isRarity: Bool) {
    self = isRarity ? ModelScore(rarity: score) : ModelScore(probability: score)
  }
}
