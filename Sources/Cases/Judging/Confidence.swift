import Primitives

/// How sure it is that an alert is right: what the detectors say together, tempered by how little is known.
///
/// The model alone: its calibrated probability. Where rules fired, the one that was right most often so far says how
/// often: the share of its decided alerts that were true, with one true and one false one added, so a half before
/// anything was decided. Each further rule that agrees doubles the odds; the model then counts by how much likelier it finds
/// the event bad than an event is in general. So a rule that the model contradicts is trusted less than one that it
/// agrees with. Without a score there is a confidence only where alerts of the rules were decided.
///
/// Then × (n + 2) / (n + 4) with n earlier events of the entity: half of it for one never seen, 0.99 of it after
/// 200. A judgement of how much history is enough, not a statistic. The score itself where no history was counted;
/// missing where the score says how rare an event is and no decided rule fired: nobody knows how often that is right.
struct Confidence {
  private(set) var value = 0.0
  /// Each the difference that one of these steps made: they sum to the value.
  private(set) var parts: [Contributions.Part] = []

  init?(_ evidence: Evidence, _ record: TrackRecord) {
    let rules = evidence.ruleIDs
    let score = evidence.probability
    let isDecided = rules.contains { record.decided[$0] != nil }
    guard score != nil || isDecided else { return nil }
    if let best = rules.max(by: { record.precision(of: $0) < record.precision(of: $1) }) {
      agree(best, record, rules, score, baseRate: evidence.baseRate)
    } else if let score {
      move(to: score, "model", "its calibrated probability")
    }
    guard let history = evidence.history else { return }
    let n = Double(max(0, history))
    move(
      to: value * (n + 2) / (n + 4), "history",
      "\(Format.count(max(0, history))) earlier event\(history == 1 ? "" : "s") of the entity")
  }

  private mutating func move(to next: Double, _ by: String, _ why: String) {
    parts.append(Contributions.Part(by, next - value, why))
    value = next
  }

  private mutating func agree(
    _ best: String, _ record: TrackRecord, _ rules: [String], _ score: Double?, baseRate: Double?
  ) {
    let precision = record.precision(of: best)
    let decided = record.decided[best].map { $0.right + $0.wrong } ?? 0
    move(
      to: precision, best,
      decided == 0
        ? "a half, before any of its alerts was decided"
        : "how often its \(decided) decided alert\(decided == 1 ? " was" : "s were") right")
    var odds = precision / (1 - precision)
    for _ in 1..<rules.count { odds *= 2 }
    if rules.count > 1 {
      let others = rules.filter { $0 != best }
      move(to: odds / (1 + odds), Joining.and(others), "found it as well")
    }
    guard let score else { return }
    if let baseRate, score > 0, score < 1 {
      odds *= (score / (1 - score)) / (baseRate / (1 - baseRate))
      move(
        to: odds / (1 + odds), "model",
        "its probability \(Confidence.words(score)), where that of any event is \(Confidence.words(baseRate))"
      )
    } else {
      move(to: score, "model", "its calibrated probability")
    }
  }

  private static func words(_ probability: Double) -> String {
    probability < 0.0005 ? "below 0.001" : Format.number(probability, atMost: 3)
  }
}
