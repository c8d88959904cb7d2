import Cases
import Detection
package import Host
import Primitives

/// What `at` prints below the risks: who judged then, and the windows of the entity that was asked for.
package struct StateThenView {
  private let state: StateThen

  package init(state: StateThen) { self.state = state }

  package func print(to screen: Screen) {
    judges(screen)
    guard let entity = state.entity else { return }
    screen.print(
      "\n\(screen.paint(safe("Windows of \(entity.field) \(entity.value)"), .bold))"
        + ", as an event like its last one would have met them")
    if let event = state.lastEvent {
      screen.print("  last: \(safe(event.kind)) \(safe(event.id)), \(event.time)")
    }
    let size = state.windows.map { displayWidth($0.name) }.max() ?? 0
    for window in state.windows where !window.value.isNaN {
      let pad = String(repeating: " ", count: size - displayWidth(window.name))
      let usual = window.usual.map { "   usually \(Format.number($0.median, atMost: 4))" } ?? ""
      screen.print(
        "  \(safe(window.name))\(pad)  \(Format.number(window.value, atMost: 4))\(usual)")
    }
    let missing = state.windows.count(where: \.value.isNaN)
    if missing > 0 { screen.print("  \(missing) others are missing") }
  }

  private func judges(_ screen: Screen) {
    screen.print(screen.paint("\nWho judged", .bold))
    guard let judged = state.judgedBy else {
      return screen.print("  no alert is as old, so that nothing says who judged then")
    }
    screen.print("  by alert \(safe(String(judged.alert.prefix(10)))) of \(judged.time):")
    screen.print("  model    \(safe(judged.model ?? "none"))")
    let digest = judged.plugins.map { String($0.prefix(12)) } ?? "not kept"
    switch state.hasSameRules {
    case true?:
      screen.print(
        "  plugins  \(digest), those of now: \(named(state.rules.count, "rule"))")
    case false?:
      screen.print(
        "  plugins  \(digest), and \(state.pluginsNow.prefix(12)) now: which rules there were then is not kept"
      )
    case nil: screen.print("  plugins  \(digest)")
    }
    if state.lists.isEmpty { return }
    screen.print("  lists    as they are now; what stood in them then is not kept:")
    for list in state.lists {
      let written = list.written.map { ", written \(String($0.description.prefix(16)))" } ?? ""
      screen.print("           \(safe(list.name)): \(Format.count(list.entries))\(written)")
    }
  }
}
