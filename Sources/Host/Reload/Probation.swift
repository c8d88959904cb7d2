import Plugins
import Primitives

/// The first events of a new generation, in which it has to prove that it does no harm.
///
/// A plugin that is saved meanwhile clears nobody: rules that are not yet proven stay so until each has judged enough.
struct Probation {
  enum Verdict: Equatable {
    case goesOn
    case passed
    case failed(String)
  }

  static let events = 10_000
  /// Time in Lua that the new rules may take per event of the stream, each after enough events to tell.
  static let nanosecondsPerEvent = 20_000.0
  static let enough = 1000

  /// Of the first generation since the last that proved itself: they go together.
  let first: Int
  /// Rules that are other than in the last generation that proved itself, and the events that each has judged; what
  /// the others do is not these generations' fault.
  private var seen: [String: Int]

  /// - Parameters:
  ///   - number: of the new generation.
  ///   - changed: its rules that are other than in the last generation that proved itself.
  ///   - new: those of them that are other than in the generation just before.
  ///   - last: what the generation just before had shown, where it was on probation itself.
  init(number: Int, changed: Set<String>, new: Set<String>, after last: Probation? = nil) {
    first = last?.first ?? number
    seen = Dictionary(
      uniqueKeysWithValues: changed.map { ($0, new.contains($0) ? 0 : last?.seen[$0] ?? 0) })
  }

  mutating func judge(_ health: [PluginHealth], events: Int) -> Verdict {
    seen = seen.mapValues { $0 + events }
    let ours = health.filter { seen[$0.id] != nil }
    if let bad = ours.first(where: \.isSetAside), let failure = bad.lastFailure {
      return .failed(failure.description)
    }
    let perEvent = ours.reduce(0) { sum, rule in
      let events = seen[rule.id] ?? 0
      return events < Probation.enough ? sum : sum + rule.seconds * 1e9 / Double(events)
    }
    if perEvent > Probation.nanosecondsPerEvent {
      let microseconds = Int(perEvent / 1000)
      return .failed("its new rules take \(microseconds) µs an event")
    }
    return seen.values.allSatisfy { $0 >= Probation.events } ? .passed : .goesOn
  }
}
