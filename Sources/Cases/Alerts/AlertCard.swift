import Detection
import Primitives

/// An alert in three lines, as an analyst first meets it. Without colour.
///
///     Account takeover attempt: 20 logins in 5 minutes by user_3576664.
///     Risk HIGH · est. cost $500 · SLA 15 min · Security Operations
///     Do: lock account, notify user, require password reset
///
/// What comes from outside is cut and its control characters shown, so that no event can move the cursor of a terminal.
package enum AlertCard {
  package static func text(_ alert: Alert, owners: Owners) -> String {
    var lines = ["\(headline(alert))."]
    lines.append(business(alert, owners: owners))
    if let action = alert.action, !action.isEmpty { lines.append("Do: \(shown(lowered(action)))") }
    return lines.joined(separator: "\n")
  }

  /// Title and message without the full stop.
  static func headline(_ alert: Alert) -> String {
    var text = alert.message.isEmpty ? alert.title : "\(alert.title): \(alert.message)"
    while text.last == "." { text.removeLast() }
    return shown(text)
  }

  /// What it means for the business, not how sure or how bad this one is: risk and cost of its mapping row, time to respond
  /// and owner; what is not known is left out.
  static func business(_ alert: Alert, owners: Owners) -> String {
    var parts: [String] = []
    if let risk = alert.risk {
      parts.append("Risk \(risk.rawValue.uppercased())")
    } else {
      parts.append("Severity \(alert.severity.word.uppercased()), no mapping")
    }
    if let cost = alert.costUSD {
      parts.append("est. cost \(money(cost, per: alert.costPer ?? .incident))")
    }
    if let seconds = alert.slaSeconds { parts.append("SLA \(duration(seconds))") }
    if let owner = alert.owner { parts.append(shown(owners.name(of: owner))) }
    return parts.joined(separator: " · ")
  }

  /// `Severity high (model, score 0.93) · response manual_review · respond by 2026-03-20T09:01:32Z`
  package static func duty(_ alert: Alert) -> String {
    let ofModel = "model" + (alert.score.map { ", score \(Format.decimal($0, 2))" } ?? "")
    let finder = alert.rule.map { "rule \(shown($0))" } ?? ofModel
    var parts = ["Severity \(alert.severity.word) (\(finder))"]
    if let response = alert.response { parts.append("response \(shown(response))") }
    if let due = due(alert) { parts.append("respond by \(due)") }
    return parts.joined(separator: " · ")
  }

  /// Until when somebody should have responded; missing where nobody said how fast.
  static func due(_ alert: Alert) -> Timestamp? {
    alert.slaSeconds.map { alert.time + .seconds(Int64($0)) }
  }

  /// `$500`, `$200 per minute`.
  package static func money(_ dollars: Double, per unit: CostUnit) -> String {
    let amount = Format.money(dollars)
    return unit == .incident ? amount : "\(amount) per \(unit.rawValue)"
  }

  /// `15 min`, `90 s`.
  static func duration(_ seconds: Int) -> String {
    seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s"
  }

  /// The first letter small, unless the first word is an abbreviation: `SAR`.
  private static func lowered(_ text: String) -> String {
    let start = text.prefix(2)
    guard let first = start.first, start.count == 2, start.last!.isLowercase else { return text }
    return first.lowercased() + text.dropFirst()
  }

  private static let longest = 400

  /// At most 400 characters, safe for a terminal.
  package static func shown(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > longest else { return safe(text) }
    return safe(String(scalars.prefix(longest))) + "…"
  }
}
