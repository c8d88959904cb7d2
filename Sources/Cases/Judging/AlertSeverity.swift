import Detection

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
enum AlertSeverity {
  /// - Parameter told: what a mapping says by score and context: it takes the place of the model's grade, and only ever
  ///   raises what a rule says.
  static func of(_ evidence: Evidence, risk: Risk?, told: Severity? = nil) -> Severity {
    let ruled = evidence.findings.filter { $0.origin != .model }.map(\.severity).max()
    if let ruled { return max(ruled, risk?.severity ?? ruled, told ?? ruled) }
    if let told { return told }
    // How rare an event is says nothing of how likely it is bad: the risk alone decides.
    if evidence.scoreIsRarity { return risk?.severity ?? .medium }
    let grade = grade(evidence.score)
    guard let risk else { return max(.low, grade) }
    let midway = (grade.rawValue + risk.severity.rawValue) / 2
    return max(.low, Severity(rawValue: midway) ?? .low)
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
