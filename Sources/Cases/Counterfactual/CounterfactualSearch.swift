/// What model and rules together say of an event as it could have been.
package struct Outcome: Hashable, Sendable {
  /// Rules that fire, and 1 where the model finds it.
  package var found: Int
  /// The model's margin; missing without one.
  package var margin: Double?

  package init(found: Int, margin: Double?) {
    self.found = found
    self.margin = margin
  }

  package var isClear: Bool { found == 0 }
}

/// Decides again.
package protocol Rejudging {
  mutating func outcome(_ world: World) -> Outcome
  /// The first world in which nothing is found; missing where there is none.
  mutating func firstClear(_ worlds: [World]) -> Int?
}

/// Finds the smallest change of what the entity could have done otherwise after which nothing is found any more.
///
/// One quantity at a time first, each exactly: the nearest of its values that clears. The smallest of these, as a share of
/// what the quantity was, is the answer; the others are alternatives. Quantities that what found the event looks at come
/// before all others, which are asked only where none of those clears. Where none clears alone, sets of quantities are
/// grown from the changes that bring the judgement nearest to silence, and then made as small as they can be: no part of
/// the answer can be left out, and none brought nearer to what it was, without the alert coming back. That no smaller set
/// of several exists is not proved.
package struct CounterfactualSearch {
  private let quantities: Quantities
  private let candidates: Candidates
  /// Judgements that a search of several quantities may take.
  private static let budget = 3000
  private static let beam = 4
  private static let mostTogether = 6
  private static let samples = 24

  package struct Answer: Sendable {
    /// The smallest; empty where nothing clears.
    package var change: World = []
    /// Other single quantities that clear by themselves, the smallest first.
    package var alternatives: [World] = []
    /// Judgements that were made.
    package var tried = 0
  }

  package init(quantities: Quantities, candidates: Candidates) {
    self.quantities = quantities
    self.candidates = candidates
  }

  package func search(_ judge: inout some Rejudging) -> Answer {
    var answer = Answer()
    var values: [Int: [Double]] = [:]
    for isCause in [true, false] {
      var singles: [Setting] = []
      for (place, lever) in quantities.levers.enumerated()
      where !lever.isHidden && lever.isCause == isCause {
        let tried = candidates.values(of: place, in: quantities)
        values[place] = tried
        answer.tried += tried.count
        if let found = nearest(place, tried, with: [], &judge) { singles.append(found) }
      }
      singles.sort { ($0.size, $0.lever) < ($1.size, $1.lever) }
      guard let best = singles.first else { continue }
      answer.change = [best]
      // Fewer events in a longer window say less than fewer in a shorter one, where both clear.
      answer.alternatives = singles.dropFirst().filter { other in
        !singles.contains {
          $0.lever != other.lever && quantities.isPart($0.lever, of: other.lever)
        }
      }.map { [$0] }
      return answer
    }
    var left = CounterfactualSearch.budget
    if let found = together(values, &judge, &left) {
      answer.change = reduced(found, values, &judge)
    }
    answer.tried += CounterfactualSearch.budget - left
    return answer
  }

  private func setting(_ place: Int, _ value: Double) -> Setting {
    Setting(lever: place, from: quantities.levers[place].value, to: value)
  }

  /// The nearest value that clears, with other quantities set as given.
  private func nearest(
    _ place: Int, _ values: [Double], with rest: World, _ judge: inout some Rejudging
  ) -> Setting? {
    guard let first = judge.firstClear(values.map { rest + [setting(place, $0)] }) else {
      return nil
    }
    let found = values[first]
    guard candidates.hasLua else { return setting(place, found) }
    // Between the last value on this side that did not clear and this one, Lua may change its mind anywhere.
    let from = quantities.levers[place].value
    let before =
      values[..<first].last { ($0 < from) == (found < from) } ?? from
    var scale = 1.0
    for _ in 0..<quantities.levers[place].decimals { scale *= 10 }
    var low = (before * scale).rounded()
    var high = (found * scale).rounded()
    while abs(high - low) > 1 {
      let middle = ((low + high) / 2).rounded(.towardZero)
      if middle == low || middle == high { break }
      if judge.outcome(rest + [setting(place, middle / scale)]).isClear {
        high = middle
      } else {
        low = middle
      }
    }
    return setting(place, high / scale)
  }

  // MARK: several quantities

  private struct Step {
    var world: World
    var outcome: Outcome
  }

  /// Grows sets of settings from those that bring the judgement nearest to silence.
  private func together(
    _ values: [Int: [Double]], _ judge: inout some Rejudging, _ left: inout Int
  ) -> World? {
    let sampled = values.mapValues { CounterfactualSearch.sample($0) }
    let order = sampled.keys.sorted()
    var beam = [Step(world: [], outcome: judge.outcome([]))]
    for _ in 0..<CounterfactualSearch.mostTogether {
      var next: [Step] = []
      for step in beam {
        for place in order where !step.world.contains(where: { $0.lever == place }) {
          var best: Step?
          for value in sampled[place] ?? [] {
            guard left > 0 else { break }
            left -= 1
            let world = step.world + [setting(place, value)]
            let outcome = judge.outcome(world)
            if outcome.isClear { return world }
            if best.map({ CounterfactualSearch.isNearer(outcome, $0.outcome) }) ?? true {
              best = Step(world: world, outcome: outcome)
            }
          }
          if let best, CounterfactualSearch.isNearer(best.outcome, step.outcome) {
            next.append(best)
          }
        }
      }
      if next.isEmpty { break }
      next.sort { CounterfactualSearch.isNearer($0.outcome, $1.outcome) }
      beam = Array(next.prefix(CounterfactualSearch.beam))
    }
    // The other end: everything as low, or as far, as it can be.
    let lowest: World = order.compactMap { place in
      guard let value = values[place]?.min() else { return nil }
      return setting(place, value)
    }
    return judge.outcome(lowest).isClear ? lowest : nil
  }

  /// The nearest, the farthest and evenly spread ones between.
  private static func sample(_ values: [Double]) -> [Double] {
    if values.count <= samples { return values }
    return (0..<samples).map { values[$0 * (values.count - 1) / (samples - 1)] }
  }

  private static func isNearer(_ a: Outcome, _ b: Outcome) -> Bool {
    (a.found, a.margin ?? 0) < (b.found, b.margin ?? 0)
  }

  /// Leaves out what is not needed, the largest change first, then brings each of the others back as far as it goes.
  private func reduced(
    _ world: World, _ values: [Int: [Double]], _ judge: inout some Rejudging
  ) -> World {
    var world = world
    for setting in world.sorted(by: { ($0.size, $0.lever) > ($1.size, $1.lever) }) {
      let without = world.filter { $0.lever != setting.lever }
      if judge.outcome(without).isClear { world = without }
    }
    for setting in world.sorted(by: { ($0.size, $0.lever) > ($1.size, $1.lever) }) {
      let rest = world.filter { $0.lever != setting.lever }
      if let nearer = nearest(setting.lever, values[setting.lever] ?? [], with: rest, &judge),
        nearer.size < setting.size
      {
        world = rest + [nearer]
      }
    }
    return world.sorted { $0.lever < $1.lever }
  }
}
