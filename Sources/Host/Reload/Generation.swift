import Detection
import Plugins
package import Primitives
import Synchronization

/// What the plugin folders held at one moment: whole, valid, and not yet bound to a run.
struct Generation: Sendable {
  var number: Int
  var installation: Installation
  var prepared: PreparedRunners
  /// Why the gate, which was asked, could not judge it.
  var doubt: String?
  /// What of it was filled with events of the past.
  var refill: Refill.State?
}

/// Runners made beside the run, on their way to it.
final class PreparedRunners: @unchecked Sendable {
  // Unchecked: the thread that made them lets go of them when they are handed over, and one thread takes them.
  let runners: [RuleRunner]
  init(_ runners: [RuleRunner]) { self.runners = runners }
}

/// A generation bound to the fields, texts and columns of a run; it judges from a batch on.
struct BoundGeneration: Sendable {
  var number: Int
  var installation: Installation
  var prepared: PreparedRunners
  /// Those whose fields the run's events carry.
  var rules: [InstalledRule]
  /// Features that the run does not compute yet, in the order of their columns; one plan or none.
  var added: [FeaturePlan]
  /// Their names, for people, and how far back events decide them.
  var windows: [(name: String, definition: FeatureDefinition)]
  /// Windows and waits that were filled with events up to where the tap begins.
  var refill: (filled: Refill, tap: RefillTap)?

  /// Names of windows that begin empty.
  var emptyWindows: [String] {
    windows.filter { refill == nil || $0.definition.readsLabels }.map(\.name)
  }

  /// Windows that hold less than they span, for there were no more events to fill them with.
  var shortWindows: [ReloadReport.ShortWindow] {
    guard let refill else { return [] }
    let coverage = refill.filled.coverage
    return windows.filter { !$0.definition.readsLabels }.compactMap { name, definition in
      coverage.part(of: definition.reach).map {
        ReloadReport.ShortWindow(name: name, has: $0, wants: definition.reach)
      }
    }
      + rules.compactMap { rule in
        guard let pattern = rule.rule.pattern,
          refill.filled.waits.contains(where: { $0.rule == rule.rule.id })
        else { return nil }
        return coverage.part(of: pattern.span).map {
          ReloadReport.ShortWindow(name: rule.rule.id, has: $0, wants: pattern.span)
        }
      }
  }
}

/// Where a new generation waits until the run takes it; a newer one takes its place.
final class GenerationMailbox: Sendable {
  private let waiting = Mutex<Generation?>(nil)

  func offer(_ generation: Generation) { waiting.withLock { $0 = generation } }

  func take() -> Generation? {
    waiting.withLock { generation in
      defer { generation = nil }
      return generation
    }
  }
}

/// What a reload came to.
package struct ReloadReport: Sendable, Hashable {
  package var number: Int
  /// Of all plugin files.
  package var digest: String
  /// Events judged before it.
  package var atEvent: Int
  /// Rules that are new or other than before.
  package var changed: [String]
  /// Features whose windows, and rules whose patterns, began empty with it.
  package var emptyWindows: [String]
  /// Those that were filled with kept events, of which there were not enough.
  package var shortWindows: [ShortWindow] = []
  /// Kept events that new windows were filled with.
  package var refilledFrom = 0
  /// Why it was undone; missing where it stayed.
  package var undone: String?
  package var undoneAtEvent: Int?

  /// A window that began with less than its span.
  package struct ShortWindow: Sendable, Hashable {
    package var name: String
    package var has: TimeSpan
    /// Missing where every event that ever was counts.
    package var wants: TimeSpan?

    var json: JSONValue {
      [
        "name": .text(name), "filled_s": .number(has.seconds),
        "span_s": wants.map { .number($0.seconds) } ?? .null,
      ]
    }
  }

  package var json: JSONValue {
    [
      "number": .integer(Int64(number)), "plugins_digest": .text(digest),
      "at_event": .integer(Int64(atEvent)), "changed": .list(changed.map { .text($0) }),
      "empty_windows": .list(emptyWindows.map { .text($0) }),
      "short_windows": .list(shortWindows.map(\.json)),
      "refilled_from": .integer(Int64(refilledFrom)),
      "undone": undone.map { .text($0) } ?? .null,
      "undone_at_event": undoneAtEvent.map { .integer(Int64($0)) } ?? .null,
    ]
  }
}

/// Says each reload once, and once more where it is undone.
struct ReloadTeller {
  private var told = 0
  private var toldUndone: Set<Int> = []

  mutating func tell(_ reloads: [ReloadReport], to progress: some JobProgress) {
    for reload in reloads.dropFirst(told) {
      var text = "reload \(reload.number): judges from event \(reload.atEvent + 1) on"
      if !reload.changed.isEmpty {
        text += ", new or changed: \(reload.changed.joined(separator: ", "))"
      }
      if !reload.emptyWindows.isEmpty {
        text += "; these windows begin empty: \(reload.emptyWindows.joined(separator: ", "))"
      }
      if reload.refilledFrom > 0 {
        text += "; new windows were filled with \(reload.refilledFrom) kept events"
      }
      if !reload.shortWindows.isEmpty {
        let words = reload.shortWindows.map { window in
          "\(window.name) (\(Format.span(window.has))"
            + (window.wants.map { " of \(Format.span($0))" } ?? "") + ")"
        }
        text +=
          "; no events are kept from before, so these hold less: "
          + words.joined(separator: ", ")
      }
      progress.warn(text)
    }
    // Only the last few can still be on probation.
    for reload in reloads.suffix(8) {
      if let reason = reload.undone, toldUndone.insert(reload.number).inserted {
        progress.warn("reload \(reload.number) was undone: \(reason)")
      }
    }
    told = reloads.count
  }
}
