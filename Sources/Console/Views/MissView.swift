import Detection
package import Host
import Primitives

/// What `whynot` prints: the sentence that decides, every condition with what it saw, and the windows.
package struct MissView {
  private let miss: Miss

  package init(miss: Miss) { self.miss = miss }

  package func print(to screen: Screen, isJSON: Bool) {
    if isJSON { return screen.print(miss.json.serialized(.indented)) }
    let paint = screen.paint
    let about =
      miss.event.map { event in
        " (\(event.time), \(event.kind)\(event.primaryEntity.map { " of \($0.value)" } ?? ""))"
      } ?? ""
    screen.print(paint(safe("\(miss.rule) on event \(miss.eventID)\(about)"), .bold))
    screen.print("  \(safe(miss.sentence))")
    if !miss.conditions.isEmpty {
      screen.print("\nConditions")
      for condition in miss.conditions {
        let mark = condition.holds ? paint("holds", .green) : paint("fails", .red)
        screen.print(
          "  \(mark)  \(condition.part): \(safe(condition.test)), it is \(safe(condition.value))")
      }
    }
    if !miss.windows.isEmpty {
      screen.print("\nWindows")
      for window in miss.windows {
        let value = window.value.isNaN ? "missing" : Format.number(window.value, atMost: 6)
        screen.print("  \(safe(window.name)) = \(value)   \(safe(window.definition))")
      }
    }
    for change in miss.settingsThen {
      screen.print(paint(safe("\nJudged as the run did: \(change)."), .dim))
    }
    if let since = miss.keptSince {
      screen.print(paint("\nEvents are kept since \(since): windows know nothing of before.", .dim))
    }
    if let alert = miss.alert { screen.print("Look further: moonwatch explain \(safe(alert))") }
  }
}
