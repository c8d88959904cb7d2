package import Host
import Primitives
import Response

/// What `rehearse` prints: step by step what would be done, and how it would end.
package struct RehearsalView {
  private let rehearsal: Rehearsal

  package init(rehearsal: Rehearsal) { self.rehearsal = rehearsal }

  package func print(to screen: Screen, isJSON: Bool) {
    if isJSON { return screen.print(rehearsal.json.serialized(.indented)) }
    screen.print(
      "Rehearsal of \(safe(rehearsal.playbook)) on alert \(safe(rehearsal.alert)): nothing is done."
    )
    if !rehearsal.applies {
      screen.print("Its conditions do not hold for this alert; it would not begin by itself.")
    }
    for (number, line) in rehearsal.lines.enumerated() {
      let place = "\(number + 1)."
      switch line {
      case .done(let step, let isUndo, let acts, let refused):
        screen.print("\(place) \(safe(step))\(isUndo ? " (undone)" : "")")
        if acts.isEmpty && refused.isEmpty { screen.print("     no act") }
        for act in acts { screen.print("     \(safe(act.description))") }
        for refused in refused { screen.print("     \(safe(refused.reason))") }
      case .asked(let step, let question, let answer, let isTold):
        screen.print("\(place) \(safe(step))")
        screen.print("     asks: \(safe(question))")
        screen.print("     \(isTold ? "answer" : "nobody answers"): \(safe(answer))")
      }
    }
    screen.print("It ends: \(safe(rehearsal.outcome))")
  }
}
