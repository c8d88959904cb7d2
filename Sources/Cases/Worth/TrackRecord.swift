/// How often each rule was right so far, as a probability that its next alert is.
///
/// The mean of a Beta distribution: two decisions' worth of what is believed beforehand, then every decision that people
/// made. Beforehand, a rule is believed to be right half of the time, or as often as the model says of this very event
/// where that is more. What only the model found has the model's calibrated probability. Duplicates decide nothing.
package struct TrackRecord: Sendable {
  private var decided: [String: (right: Int, wrong: Int)] = [:]
  private static let strength = 2.0

  package init(_ facts: [AlertFact]) {
    for fact in facts {
      guard let rule = fact.rule else { continue }
      switch fact.outcome {
      case .truePositive: decided[rule, default: (0, 0)].right += 1
      case .falsePositive, .benign: decided[rule, default: (0, 0)].wrong += 1
      case .duplicate, nil: break
      }
    }
  }

  package func probability(_ fact: AlertFact) -> Double {
    let model = min(1, max(0, fact.score ?? 0))
    guard let rule = fact.rule else { return model }
    let (right, wrong) = decided[rule] ?? (0, 0)
    return (Double(right) + TrackRecord.strength * max(0.5, model))
      / (Double(right + wrong) + TrackRecord.strength)
  }
}
