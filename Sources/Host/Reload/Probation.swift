import Plugins
import Primitives

/// The first events of a new generation, in which it has to prove that it does no harm.
struct Probation {
  enum Verdict: Equatable {
    case goesOn
    case passed
    case failed(String)
  }

  static let events = 10_000
  /// Time in Lua that the new rules may take per event of the stream, after enough events to tell.
  static let nanosecondsPerEvent = 20_000.0
  static let enough = 1000

  let number: Int
  /// Rules that are new or other than before; what the others do is not this generation's fault.
  let changed: Set<String>
  private var seen = 0

  init(number: Int, changed: Set<String>) {
    self.number = number
    self.changed = changed
  }

  mutating func judge(_ health: [PluginHealth], events: Int) -> Verdict {
    seen += events
    let ours = health.filter { changed.contains($0.id) }
    if let bad = ours.first(where: \.isSetAside), let failure = bad.lastFailure {
      return .failed(failure.description)
    }
    let perEvent = ours.reduce(0) { $0 + $1.seconds } * 1e9 / Double(max(1, seen))
    if seen >= Probation.enough && perEvent > Probation.nanosecondsPerEvent {
      let microseconds = Int(perEvent / 1000)
      return .failed("its new rules take \(microseconds) µs an event")
    }
    return seen >= Probation.events ? .passed : .goesOn
  }
}
