import Cases
import Detection
package import Host
import Primitives

/// What `alerts prove` prints: what an alert rests on, and whether it follows from it again.
package struct ProofView {
  private let card: ProofCard

  package init(card: ProofCard) { self.card = card }

  package func print(to screen: Screen, isJSON: Bool) {
    if isJSON { return screen.print(card.json.serialized(.indented)) }
    let paint = screen.paint
    let word =
      switch card.verdict {
      case .same: paint("proved", .green)
      case .differs: paint("differs", .red)
      case .unprovable: paint("cannot be proved", .yellow)
      }
    screen.print("\(paint(safe("Alert \(card.alert.id)"), .bold)): \(word)")
    screen.print("  \(safe(card.sentence))")
    screen.print("  event    \(safe(card.eventIDs.joined(separator: ", "))), \(card.alert.time)")
    if let rule = card.alert.rule {
      screen.print("  rule     \(safe(rule)), \(safe(card.ruleFile ?? "not installed any more"))")
    }
    if let digest = card.ruleDigest { screen.print("  SHA-256  \(digest)") }
    if let model = card.alert.model {
      screen.print("  model    \(safe(model)), \(card.modelDigest ?? "not there any more")")
    }
    screen.print("  plugins  \(safe(card.alert.pluginsDigest ?? "–")) then")
    screen.print("           \(safe(card.pluginsDigest)) now")
    screen.print("  features \(Format.count(card.features.count)) kept with the alert")
    for difference in card.differences {
      screen.print(
        "  \(safe(difference.what)): \(safe(difference.then)) then, \(safe(difference.now)) now")
    }
    if let changes = card.settingsThen {
      for change in changes { screen.print("  setting  \(safe(change)); judged as it was") }
    } else {
      screen.print("  setting  the run kept none: judged by those of now")
    }
    if let since = card.keptSince {
      screen.print(paint("  Judged again from the events kept since \(since).", .dim))
    }
  }
}
