package import Cases
import Primitives

/// What `counterfactual` prints: what would have cleared an alert.
package struct CounterfactualView {
  private let alert: Alert
  private let answer: Counterfactual

  package init(alert: Alert, answer: Counterfactual) {
    self.alert = alert
    self.answer = answer
  }

  package func print(to screen: Screen, format style: RowStyle) {
    guard style == .text else {
      screen.print(answer.json.serialized(.indented))
      return
    }
    screen.print(
      AlertPaint.coloured(
        "\(safe(alert.title)): \(safe(alert.message))", severity: alert.severity,
        paint: screen.paint))
    switch answer.verdict {
    case .clears: clears(screen)
    case .nothing(let why): screen.print("Nothing would have cleared it: \(safe(why)).")
    case .unknown(let why):
      screen.print("It cannot be said what would have cleared it: \(safe(why)).")
    }
    for note in answer.notes { screen.print(screen.paint("Note: \(safe(note)).", .dim)) }
  }

  private func clears(_ screen: Screen) {
    screen.print("It would not have been raised with \(safe(answer.sentence)).")
    for other in answer.alternatives { screen.print("  or with \(safe(other.text))") }
    let moved = answer.followers.map {
      "\(safe($0.feature)) \(figure($0.from)) → \(figure($0.to))"
    }
    if !moved.isEmpty {
      screen.print(screen.paint("Features: \(moved.joined(separator: ", "))", .dim))
    }
    if let before = answer.scoreBefore, let after = answer.scoreAfter {
      let threshold = answer.threshold.map { ", an alert from \(Format.decimal($0, 3))" } ?? ""
      screen.print(
        screen.paint(
          "\(answer.isRarity ? "Rarity" : "Probability") \(Format.decimal(before, 3)) → \(Format.decimal(after, 3))\(threshold)",
          .dim
        ))
    }
  }

  private func figure(_ x: Double?) -> String {
    x.map { Format.number($0, atMost: 2) } ?? "unknown"
  }
}
