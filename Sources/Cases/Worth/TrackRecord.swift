import Primitives

/// How often each rule was right so far, as a probability that its next alert is.
///
/// The mean of a Beta distribution: two decisions' worth of what is believed beforehand, then every decision that people
/// made. Beforehand, a rule is believed to be right half of the time, or as often as the model says of this very event
/// where that is more. What only the model found has the model's calibrated probability, or is judged like a rule where its
/// score is none. Duplicates decide nothing.
package struct TrackRecord: Hashable, Sendable {
  package struct Decisions: Hashable, Sendable {
    package var right: Int
    package var wrong: Int

    package init(right: Int = 0, wrong: Int = 0) {
      self.right = right
      self.wrong = wrong
    }
  }

  /// By rule; what only the model found by `AlertFact.model`.
  package private(set) var decided: [String: Decisions]
  private static let strength = 2.0

  package init(decided: [String: Decisions] = [:]) { self.decided = decided }

  package init(_ facts: [AlertFact]) {
    decided = [:]
    for fact in facts {
      guard let isTrue = Cases.Decisions.Decided(fact).isTrue else { continue }
      count(fact.finder, isTrue: isTrue, by: 1)
    }
  }

  /// Counts so many decisions more, or fewer.
  mutating func count(_ finder: String, isTrue: Bool, by number: Int) {
    var known = decided[finder] ?? Decisions()
    if isTrue { known.right += number } else { known.wrong += number }
    decided[finder] = known == Decisions() ? nil : known
  }

  package func probability(_ fact: AlertFact) -> Double {
    if fact.rule == nil, let score = fact.score { return min(1, max(0, score)) }
    return mean(of: fact.finder, before: max(0.5, fact.score.map { min(1, $0) } ?? 0))
  }

  /// How often a rule is right, a half beforehand.
  package func precision(of rule: String) -> Double { mean(of: rule, before: 0.5) }

  /// What is known of some rules alone: what an alert of theirs rests on.
  package func only(_ rules: [String]) -> TrackRecord {
    TrackRecord(decided: decided.filter { rules.contains($0.key) })
  }

  private func mean(of finder: String, before: Double) -> Double {
    let known = decided[finder] ?? Decisions()
    return (Double(known.right) + TrackRecord.strength * before)
      / (Double(known.right + known.wrong) + TrackRecord.strength)
  }
}

extension TrackRecord {
  var json: JSONValue {
    .object(
      decided.sorted { $0.key < $1.key }.map {
        .init($0.key, [.integer(Int64($0.value.right)), .integer(Int64($0.value.wrong))])
      })
  }

  /// What `json` wrote; nothing of rules whose numbers cannot be read.
  init(json: JSONValue?) {
    decided = [:]
    for member in json?.members ?? [] {
      guard let pair = member.value.list, pair.count == 2, let right = pair[0].integer,
        let wrong = pair[1].integer, right >= 0, wrong >= 0
      else { continue }
      decided[member.key] = Decisions(right: Int(right), wrong: Int(wrong))
    }
  }
}
