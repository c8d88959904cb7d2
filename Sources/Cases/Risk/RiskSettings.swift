package import Detection
package import Primitives

/// What the risk of an entity is made of: points by severity, how fast they fade, and where it stops being green.
package struct RiskSettings: Hashable, Sendable {
  /// The time in which what an alert adds becomes half.
  package var halfLife = TimeSpan.days(7)
  /// Points from which a risk is amber, and from which it is red. What an alert adds fades from the first second: a border
  /// at its own points would never be reached by it.
  package var amberFrom = 20
  package var redFrom = 60

  package init() {}

  /// - Parameter hundredths: a score in hundredths of a point.
  func band(_ hundredths: Int) -> RiskBand {
    hundredths < amberFrom * 100 ? .green : hundredths < redFrom * 100 ? .amber : .red
  }

  /// Points of an alert about the entity on the day it was raised, while nobody has said what it was.
  package static func points(_ severity: Severity) -> Int {
    switch severity {
    case .info: 1
    case .low: 3
    case .medium: 10
    case .high: 25
    case .critical: 50
    }
  }

  /// Of an alert about somebody else whose event names the entity, this share counts.
  package static let involvedShare = 0.25
  /// An alert that was confirmed counts this often.
  package static let confirmedFactor = 2.0
}

/// A risk in one word.
package enum RiskBand: String, Hashable, Sendable, CaseIterable {
  case green, amber, red
}
