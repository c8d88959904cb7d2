/// How bad a finding is, in rising order.
package enum Severity: Int, Sendable, CaseIterable, Comparable {
  case info = 1
  case low, medium, high, critical

  package init?(_ word: String) {
    guard let match = Severity.allCases.first(where: { $0.word == word }) else { return nil }
    self = match
  }

  package var word: String {
    switch self {
    case .info: "info"
    case .low: "low"
    case .medium: "medium"
    case .high: "high"
    case .critical: "critical"
    }
  }

  package static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
}
