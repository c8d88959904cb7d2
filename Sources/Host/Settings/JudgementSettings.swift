package import Cases
import Primitives

/// How alerts are weighed: the keys `criticality`, `risk.…`, `incidents.…`, `ledger.…` and `queue.…` of the settings.
package struct JudgementSettings: Sendable, Equatable {
  /// The file that says how much customers and assets matter; it need not be there.
  package var criticality = "config/criticality.yaml"
  package var risk = RiskSettings()
  package var incidents = IncidentSettings()
  package var ledger = LedgerSettings()
  /// How many alerts people have time for; missing where nobody said so.
  package var budget: AlertBudget?
  private var share: AlertBudget.Share?

  static let keys = [
    "criticality", "risk.half_life", "risk.amber_from", "risk.red_from",
    "incidents.within", "incidents.at_most", "incidents.most_subjects", "ledger.minutes_per_alert",
    "ledger.usd_per_hour", "ledger.friction_usd", "ledger.unattended", "ledger.retire_after",
    "queue.budget", "queue.per",
  ]

  /// Sets a key; returns what to write instead where the value cannot be used.
  mutating func set(_ key: String, _ value: String) -> String? {
    switch key {
    case "criticality": criticality = value
    case "risk.half_life": return span(value, into: \.risk.halfLife)
    case "risk.amber_from": return count(value, into: \.risk.amberFrom)
    case "risk.red_from": return count(value, into: \.risk.redFrom)
    case "incidents.within": return span(value, into: \.incidents.within)
    case "incidents.at_most": return span(value, into: \.incidents.atMost)
    case "incidents.most_subjects": return count(value, into: \.incidents.mostSubjects)
    case "ledger.minutes_per_alert": return count(value, into: \.ledger.minutesPerAlert)
    case "ledger.usd_per_hour": return money(value, into: \.ledger.hourly)
    case "ledger.friction_usd": return money(value, into: \.ledger.friction)
    case "ledger.unattended":
      let advice = span(value, into: \.ledger.unattended)
      incidents.lull = ledger.unattended
      return advice
    case "ledger.retire_after": return count(value, into: \.ledger.retireAfter)
    case "queue.budget":
      guard let count = Int(value), (1...1_000_000).contains(count) else {
        return "give a whole number from 1 to 1000000"
      }
      budget = AlertBudget(count: count, share: share ?? .all)
    case "queue.per":
      guard let known = AlertBudget.Share(rawValue: value) else { return "give all, day or team" }
      share = known
      if let set = budget { budget = AlertBudget(count: set.count, share: known) }
    default: preconditionFailure("\(key) is no key of the judgement")
    }
    return nil
  }

  private mutating func span(
    _ value: String, into place: WritableKeyPath<Self, TimeSpan>
  ) -> String? {
    guard let span = JudgementSettings.span(value) else { return JudgementSettings.spanAdvice }
    self[keyPath: place] = span
    return nil
  }

  private mutating func count(
    _ value: String, into place: WritableKeyPath<Self, Int>
  ) -> String? {
    guard let count = Int(value), (1...1_000_000).contains(count) else {
      return "give a whole number from 1 to 1000000"
    }
    self[keyPath: place] = count
    return nil
  }

  private mutating func money(
    _ value: String, into place: WritableKeyPath<Self, Cents>
  ) -> String? {
    guard let dollars = Double(value), (0...1_000_000).contains(dollars) else {
      return "give US dollars from 0 to 1000000"
    }
    self[keyPath: place] = Cents(dollars: dollars)
    return nil
  }

  static let spanAdvice = "give a duration from '1 minute' to '3650 days'"

  static func span(_ words: String) -> TimeSpan? {
    guard let span = TimeSpan(words: words), span >= .minutes(1), span <= .days(3650) else {
      return nil
    }
    return span
  }
}
