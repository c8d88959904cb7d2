package import Host
import Primitives

/// What `trace` prints: the conditions with what they saw, then each line that ran with the variables that it changed.
package struct WalkView {
  private let walk: RuleWalk
  private let marksStops: Bool

  /// - Parameter marksStops: the lines are those of breakpoints: each is told with all that is in sight.
  package init(walk: RuleWalk, marksStops: Bool = false) {
    self.walk = walk
    self.marksStops = marksStops
  }

  package func print(to screen: Screen, isJSON: Bool) {
    if isJSON { return screen.print(walk.json.serialized(.indented)) }
    MissView(miss: walk.miss).print(to: screen, isJSON: false)
    if !walk.hasFunction {
      screen.print("\nThe rule has no function: its conditions decide.")
    } else if walk.steps == 0 {
      screen.print("\nIts function was not asked.")
    } else {
      lines(screen)
    }
    if let failure = walk.failure { screen.print("\nIt failed: \(safe(failure))") }
    if let message = walk.message { screen.print("\nIt said: \(safe(message))") }
  }

  private func lines(_ screen: Screen) {
    screen.print("\n\(screen.paint(safe("Lines of \(walk.file)"), .bold))")
    var known: [String: JSONValue] = [:]
    let size = String(walk.visits.map(\.line).max() ?? 0).count
    for visit in walk.visits {
      let number = String(repeating: " ", count: size - String(visit.line).count) + "\(visit.line)"
      screen.print("  \(screen.paint(number, .cyan))  \(safe(visit.source))")
      var seen: [String: JSONValue] = [:]
      for variable in visit.outer + visit.locals { seen[variable.name] = variable.value }
      let shown = visit.locals + visit.outer
      var told: Set<String> = []
      for variable in shown where told.insert(variable.name).inserted {
        guard let value = seen[variable.name], marksStops || known[variable.name] != value else {
          continue
        }
        screen.print(
          screen.paint(
            "  \(String(repeating: " ", count: size))    "
              + safe("\(variable.name) = \(WalkView.text(value))"), .dim))
      }
      known = seen
    }
    if walk.visits.isEmpty { screen.print("  none of the lines that are looked at ran") }
    if walk.isCut { screen.print("  … more lines ran, which are not followed") }
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "nil"
    case .text(let text): "\"\(text)\""
    default: value.serialized()
    }
  }
}
