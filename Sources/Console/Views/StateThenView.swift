import Cases
import Detection
package import Host
import Primitives

/// What `at` prints below the risks: who judged then, and the windows of the entity that was asked for.
package struct StateThenView {
  private let state: StateThen

  package init(state: StateThen) { self.state = state }

  package func print(to screen: Screen) {
    SetupThenView(state: state).print(to: screen)
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
}
