import Detection
import Primitives

/// How bad an alert is.
///
/// Where a rule fired: the highest of the rules' severities and the mapping's risk.
/// Where only a model without labels found it: the mapping's risk, medium without one.
/// Where only the model found it: midway, rounded down, between how sure the model is and the risk, at least low.
///
/// | calibrated score | grade | risk low | medium | high | critical | no mapping |
/// |---|---|---|---|---|---|---|
/// | 0.9 and more | critical | medium | high | high | critical | critical |
/// | 0.7 to 0.9 | high | medium | medium | high | high | high |
/// | 0.5 to 0.7 | medium | low | medium | medium | high | medium |
/// | 0.3 to 0.5 | low | low | low | medium | medium | low |
/// | below 0.3 | info | low | low | low | medium | low |
struct AlertSeverity {
  private(set) var severity = Severity.info
  /// Who gave how many of its steps from info (1) to critical (5): they sum to it.
  private(set) var parts: [Contributions.Part] = []

  /// - Parameters:
  ///   - row: the mapping row that states the risk.
  ///   - told: what a mapping says by score and context: it takes the place of the model's grade, and only ever raises what a
  ///     rule says.
  init(_ evidence: Evidence, risk: Risk?, row: String? = nil, told: Severity? = nil) {
    let mapping = row.map { "mapping \($0)" } ?? "mapping"
    let ofRules = evidence.findings.filter { $0.origin != .model }
    if let ruled = ofRules.map(\.severity).max() {
      let by = ofRules.filter { $0.severity == ruled }.compactMap(\.ruleID).min() ?? "the rule"
      raise(to: ruled, by, "says \(ruled.word)")
      if let told { raise(to: told, "mapping", AlertSeverity.words(told)) }
      if let risk { raise(to: risk.severity, mapping, AlertSeverity.words(risk)) }
    } else if let told {
      raise(to: told, "mapping", AlertSeverity.words(told))
    } else if evidence.scoreIsRarity {
      // How rare an event is says nothing of how likely it is bad: the risk alone decides.
      if let risk {
        raise(to: risk.severity, mapping, AlertSeverity.words(risk))
      } else {
        raise(to: .medium, "no mapping", "says what it means: medium")
      }
    } else {
      grade(evidence.score, risk, mapping)
    }
  }

  /// Midway between how sure the model is and the risk.
  private mutating func grade(_ score: Double?, _ risk: Risk?, _ mapping: String) {
    let grade = AlertSeverity.grade(score)
    let probability = Format.number(score ?? .nan, atMost: 2)
    let sure = "says \(grade.word) by its probability of \(probability)"
    guard let risk else {
      raise(to: grade, "model", sure)
      raise(to: .low, "every alert", "is low at least")
      return
    }
    let midway = (grade.rawValue + risk.severity.rawValue) / 2
    severity = max(.low, Severity(rawValue: midway) ?? .low)
    parts = [
      Contributions.Part("model", Double(grade.rawValue) / 2, "\(sure) (counts half)"),
      Contributions.Part(
        mapping, Double(risk.severity.rawValue) / 2,
        "\(AlertSeverity.words(risk)) (counts half)"),
    ]
    let rest = Double(severity.rawValue) - Contributions.sum(parts)
    if rest < 0 { parts.append(Contributions.Part("rounding", rest, "goes down to a whole step")) }
    if rest > 0 { parts.append(Contributions.Part("every alert", rest, "is low at least")) }
  }

  private mutating func raise(to higher: Severity, _ by: String, _ why: String) {
    let from = parts.isEmpty ? 0 : severity.rawValue
    guard higher.rawValue > from else { return }
    parts.append(Contributions.Part(by, Double(higher.rawValue - from), why))
    severity = higher
  }

  private static func words(_ told: Severity) -> String {
    "says \(told.word) by score and what came before"
  }

  private static func words(_ risk: Risk) -> String {
    "says \(risk.severity.word) by its business risk"
  }

  private static func grade(_ score: Double?) -> Severity {
    switch score ?? .nan {
    case 0.9...: .critical
    case 0.7...: .high
    case 0.5...: .medium
    case 0.3...: .low
    default: .info
    }
  }
}
