import Cases
import Detection
package import Host
import Primitives

/// What `whatif` prints: the changed values, then score, rules and alerts before and after.
package struct WhatIfView {
  private let answer: WhatIf

  package init(answer: WhatIf) { self.answer = answer }

  package func print(to screen: Screen, isJSON: Bool) {
    if isJSON { return screen.print(answer.json.serialized(.indented)) }
    let event = answer.event
    screen.print(
      screen.paint(safe("Event \(event.id) (\(event.time), \(event.kind)), if"), .bold))
    for change in answer.changes {
      screen.print(
        "  \(safe(change.field)) were \(safe(change.after)) instead of \(safe(change.before))")
    }
    tell("As it was", answer.before, screen)
    tell("As it would have been", answer.after, screen)
  }

  private func tell(_ title: String, _ judgement: Judgement, _ screen: Screen) {
    screen.print("\n\(screen.paint(title, .bold))")
    if judgement.isLate { screen.print("  too late to be judged") }
    if let score = judgement.score { screen.print("  score \(Format.decimal(score, 3))") }
    for found in judgement.found {
      // The model has no sentence of its own.
      if found.message.isEmpty {
        screen.print("  \(safe(found.rule)): by its score")
      } else {
        screen.print("  \(safe(found.rule)) (\(found.severity)): \(safe(found.message))")
      }
    }
    for mute in judgement.mutes { screen.print("  mute \(mute) keeps it quiet") }
    for alert in judgement.alerts {
      screen.print("  raises an alert, \(alert.severity.word): \(safe(alert.title))")
    }
    for id in judgement.joined { screen.print("  is counted with alert \(safe(id))") }
    if judgement.found.isEmpty && judgement.mutes.isEmpty && !judgement.isLate {
      screen.print("  nothing is found")
    }
  }
}
