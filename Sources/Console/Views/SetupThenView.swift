import Cases
import Detection
import Host
import Primitives
import Store

/// Who judged at a time: what differs from now by name, the rest by number.
struct SetupThenView {
  /// Rules and lists that differ, of each so many.
  private static let mostNamed = 20

  let state: StateThen

  func print(to screen: Screen) {
    screen.print(screen.paint("\nWho judged", .bold))
    guard let setup = state.setup.setup else {
      return screen.print("  \(state.setup.gap(at: state.at) ?? "")")
    }
    let force = setup.inForce
    screen.print(
      "  \(safe(force.source)), from \(force.first) on (written \(shortened(force.written)))")
    model(setup, screen)
    plugins(setup, screen)
    lists(setup, screen)
    for other in setup.others.prefix(5) {
      screen.print(
        "  other    \(safe(other.source)) from \(other.first) on, by plugins \(other.pluginsDigest.prefix(12))"
      )
    }
    if let alert = state.unknownJudge {
      screen.print(
        "  but alert \(alert.id.prefix(10)) of \(alert.time) was raised by plugins "
          + "\(safe(String((alert.pluginsDigest ?? "").prefix(12)))), of which nothing is written down"
      )
    }
  }

  private func model(_ setup: SetupThen, _ screen: Screen) {
    guard let model = setup.model else { return screen.print("  model    none") }
    let kept = model.isKept ? "" : ", whose file was not kept"
    screen.print("  model    \(safe(model.name)) \(model.digest.prefix(12))\(kept)")
  }

  private func plugins(_ setup: SetupThen, _ screen: Screen) {
    let digest = setup.inForce.pluginsDigest.prefix(12)
    let count = named(setup.rules.count, "rule")
    if setup.hasSamePlugins {
      return screen.print("  plugins  \(digest), those of now: \(count)")
    }
    screen.print("  plugins  \(digest), and \(setup.pluginsNow.prefix(12)) now: \(count)")
    let differing = setup.rules.filter { $0.since != .same }
    for rule in differing.prefix(SetupThenView.mostNamed) {
      let now = rule.since == .gone ? "is gone now" : "its file is another now"
      screen.print("           \(safe(rule.id)) \(rule.digest.prefix(12)): \(now)")
    }
    rest(differing.count, "rules differ", screen)
    for id in setup.newRules.prefix(SetupThenView.mostNamed) {
      screen.print("           \(safe(id)): was not there")
    }
    rest(setup.newRules.count, "were not there", screen)
  }

  private func lists(_ setup: SetupThen, _ screen: Screen) {
    if setup.lists.isEmpty { return screen.print("  lists    none") }
    let differing = setup.lists.filter { $0.since != .same }
    let same = setup.lists.count - differing.count
    let words = [
      same > 0 ? "\(same) as now" : nil, differing.isEmpty ? nil : named(differing.count, "other"),
    ].compactMap { $0 }
    screen.print("  lists    \(words.joined(separator: ", "))")
    for list in differing.prefix(SetupThenView.mostNamed) {
      let now = list.entriesNow.map { "\(Format.count($0)) now" } ?? "gone now"
      let noun = list.entries == 1 ? "entry" : "entries"
      screen.print(
        "           \(safe(list.name)): \(Format.count(list.entries)) \(noun), \(now)")
    }
    rest(differing.count, "lists differ", screen)
    for list in setup.lists where !list.isKept {
      screen.print(
        "           \(safe(list.name)): too large to keep (\(Format.bytes(list.bytes)))")
    }
  }

  private func rest(_ count: Int, _ what: String, _ screen: Screen) {
    if count > SetupThenView.mostNamed {
      screen.print("           … and \(count - SetupThenView.mostNamed) more \(what)")
    }
  }

  private func shortened(_ time: Timestamp) -> String { "\(time.description.prefix(19))Z" }
}
