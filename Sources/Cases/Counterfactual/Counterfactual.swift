package import Primitives

/// What would have cleared an alert.
package struct Counterfactual: Hashable, Sendable {
  /// One quantity as it was and as it would have had to be.
  package struct Change: Hashable, Sendable {
    /// The field, or the feature that counts the quantity.
    package var quantity: String
    package var from: Double
    package var to: Double
    /// `2 events in the last hour instead of 20`
    package var text: String

    package init(quantity: String, from: Double, to: Double, text: String) {
      self.quantity = quantity
      self.from = from
      self.to = to
      self.text = text
    }
  }

  /// A feature that moves with the change.
  package struct Follower: Hashable, Sendable {
    package var feature: String
    /// Missing where the feature is.
    package var from: Double?
    package var to: Double?
  }

  package enum Verdict: Hashable, Sendable {
    /// Applied and judged again, nothing is found.
    case clears
    /// No change of what the entity could have done otherwise clears it.
    case nothing(why: String)
    /// It cannot be judged again as it was.
    case unknown(why: String)
  }

  package var alert: String
  package var verdict: Verdict
  /// The smallest change; empty unless it clears.
  package var changes: [Change] = []
  package var followers: [Follower] = []
  /// Other single changes that clear by themselves, the smallest first.
  package var alternatives: [Change] = []
  /// The model's probability, where it has a say.
  package var scoreBefore: Double?
  package var scoreAfter: Double?
  package var threshold: Double?
  /// Whether the score says how rare an event is, and not how likely it is bad.
  package var isRarity = false
  /// What has changed since the alert was raised, and other reservations.
  package var notes: [String] = []

  package init(alert: String, verdict: Verdict, notes: [String] = []) {
    self.alert = alert
    self.verdict = verdict
    self.notes = notes
  }

  /// `2 events in the last hour instead of 20, and an amount of 90 instead of 4,000`
  package var sentence: String { Joining.and(changes.map(\.text)) }

  package var json: JSONValue {
    let (word, why): (String, String?) =
      switch verdict {
      case .clears: ("clears", nil)
      case .nothing(let why): ("nothing", why)
      case .unknown(let why): ("unknown", why)
      }
    return [
      "alert": .text(alert), "verdict": .text(word), "why": .of(why),
      "changes": .list(changes.map(\.json)), "alternatives": .list(alternatives.map(\.json)),
      "features": .list(
        followers.map {
          ["feature": .text($0.feature), "from": .of($0.from), "to": .of($0.to)]
        }),
      "score": .of(scoreBefore), "score_after": .of(scoreAfter), "threshold": .of(threshold),
      "notes": .list(notes.map(JSONValue.text)),
    ]
  }
}

extension Counterfactual.Change {
  fileprivate var json: JSONValue {
    [
      "quantity": .text(quantity), "from": .of(from), "to": .of(to), "text": .text(text),
    ]
  }
}

/// Lists in a sentence.
package enum Joining {
  /// `a`, `a and b`, `a, b and c`
  package static func and(_ parts: [String]) -> String {
    guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
    return parts.dropLast().joined(separator: ", ") + " and " + last
  }
}
