import Plugins
import Primitives

/// The first events of new generations, in which each has to prove that it does no harm.
///
/// Generations stand in their order: the one that does harm is undone with those after it, which were built upon it, and those
/// before it go on. A generation that changes what one before it brought and had not proven stands with that one: there
/// is nothing sound between them to come back to.
struct Probation {
  enum Verdict: Equatable {
    case goesOn
    /// So many of the oldest have proven themselves.
    case passed(Int)
    /// The one in this place does harm, by a rule that failed or by what its rules take.
    case failed(Int, rule: String?, String)
  }

  static let events = 10_000
  /// Time in Lua that new rules may take per event of the stream, each after enough events to tell.
  static let nanosecondsPerEvent = 20_000.0
  static let enough = 1000
  /// With more of them at once the two oldest stand together.
  static let most = 16

  private struct Trial {
    /// Of its first generation.
    var number: Int
    /// The rules that it brought, and the events that each has judged; what others do is not its fault.
    var seen: [String: Int]
  }

  private var trials: [Trial] = []

  var isEmpty: Bool { trials.isEmpty }
  /// The number of the first generation in a place.
  func number(_ place: Int) -> Int { trials[place].number }

  /// Begins with a generation, which stands in the place that is given; those after it stand with it.
  ///
  /// - Parameters:
  ///   - number: of the generation.
  ///   - new: its rules that are other than in the generation just before.
  mutating func add(_ number: Int, new: Set<String>) -> Int {
    let added = Dictionary(uniqueKeysWithValues: new.map { ($0, 0) })
    let place = trials.firstIndex { !new.isDisjoint(with: $0.seen.keys) } ?? trials.count
    var trial = Trial(number: number, seen: added)
    if place < trials.count {
      trial.number = trials[place].number
      for older in trials[place...].reversed() {
        trial.seen.merge(older.seen) { newer, _ in newer }
      }
      trials.removeSubrange(place...)
    }
    trials.append(trial)
    return place
  }

  /// Whether there are too many: the second then stands with the first.
  mutating func joinsOldest() -> Bool {
    guard trials.count > Probation.most else { return false }
    let second = trials.remove(at: 1)
    trials[0].seen.merge(second.seen) { first, _ in first }
    return true
  }

  /// Generations from a place on are undone.
  mutating func remove(from place: Int) { trials.removeSubrange(place...) }

  mutating func judge(_ health: [PluginHealth], events: Int) -> Verdict {
    for place in trials.indices {
      trials[place].seen = trials[place].seen.mapValues { $0 + events }
    }
    for (place, trial) in trials.enumerated() {
      let bad = health.first { $0.isSetAside && trial.seen[$0.id] != nil }
      if let failure = bad?.lastFailure {
        return .failed(place, rule: bad?.id, failure.description)
      }
    }
    let costs = trials.map { cost(of: $0, health) }
    var total = costs.reduce(0, +)
    if total > Probation.nanosecondsPerEvent {
      let reason = "its new rules take \(Int(total / 1000)) µs an event"
      // The newest go, until those that are left take little enough.
      var place = trials.count - 1
      total -= costs[place]
      while place > 0, total > Probation.nanosecondsPerEvent {
        place -= 1
        total -= costs[place]
      }
      return .failed(place, rule: nil, reason)
    }
    let proven = trials.prefix { $0.seen.values.allSatisfy { $0 >= Probation.events } }.count
    trials.removeFirst(proven)
    return proven > 0 ? .passed(proven) : .goesOn
  }

  private func cost(of trial: Trial, _ health: [PluginHealth]) -> Double {
    health.reduce(0) { sum, rule in
      guard let events = trial.seen[rule.id], events >= Probation.enough else { return sum }
      return sum + rule.seconds * 1e9 / Double(events)
    }
  }
}
