package import Detection

/// Where a judgement can change its mind as one quantity moves.
///
/// Trees and native conditions compare features with constants, so that what they say is constant between two cuts: the
/// values next to a cut, in the decimals in which the quantity is set, are all that has to be tried to find the nearest
/// one that clears. What Lua compares cannot be read from outside; probes between are tried for it, and the search closes
/// in between the last that did not clear and the first that did.
package struct Candidates: Sendable {
  /// By fact, the constants that it is compared with.
  package var cuts: [[Double]]
  /// The same for the event's own numbers.
  package var numberCuts: [String: [Double]]
  /// Constants that stand in the Lua of rules with a judgement of their own.
  package var hasLua: Bool

  private static let mostWhole = 4096
  private static let probes = 48

  package init(cuts: [[Double]], numberCuts: [String: [Double]], hasLua: Bool) {
    self.cuts = cuts
    self.numberCuts = numberCuts
    self.hasLua = hasLua
  }

  /// Values to try, the nearest first; of two as near the lower first.
  package func values(of place: Int, in quantities: Quantities) -> [Double] {
    let lever = quantities.levers[place]
    var values: [Double] = []
    switch lever.lever {
    case .novelty: return lever.value > lever.least ? [lever.least] : []
    case .events, .distinct:
      let span = lever.value - lever.least
      if span <= Double(Candidates.mostWhole) {
        var x = lever.value - 1
        while x >= lever.least {
          values.append(x)
          x -= 1
        }
        return values
      }
    case .number, .pause, .total: break
    }
    var scale = 1.0
    for _ in 0..<lever.decimals { scale *= 10 }
    let here = (lever.value * scale).rounded()
    var steps: Set<Double> = [here - 1, here + 1, here]
    func add(_ x: Double) {
      let step = (x * scale).rounded(.down)
      guard step.magnitude < 0x1p52 else { return }
      for near in [step - 1, step, step + 1, step + 2] { steps.insert(near) }
    }
    for cut in cuts(of: place, in: quantities) { add(cut) }
    if hasLua {
      let reach = max(abs(lever.value), 1)
      for probe in 0...Candidates.probes {
        let share = Double(probe) / Double(Candidates.probes)
        add(lever.value * (1 - share))
        add(lever.value + reach * share * share * 9)
      }
    }
    for step in steps {
      let x = step / scale
      if x != lever.value, x >= lever.least, x <= lever.most { values.append(x) }
    }
    return values.sorted {
      (abs($0 - lever.value), $0) < (abs($1 - lever.value), $1)
    }
  }

  /// Values of the quantity at which one of its features crosses a constant.
  private func cuts(of place: Int, in quantities: Quantities) -> [Double] {
    let lever = quantities.levers[place]
    var found: [Double] = []
    if case .number(let field) = lever.lever { found += numberCuts[field] ?? [] }
    for fact in lever.touched {
      found += crossings(quantities, place, fact, cuts[fact])
    }
    return found.filter(\.isFinite)
  }

  private func crossings(
    _ quantities: Quantities, _ place: Int, _ fact: Int, _ cuts: [Double]
  ) -> [Double] {
    let lever = quantities.levers[place]
    let cell = quantities.cells[fact]
    switch quantities.effect(place, fact) {
    case .none: return []
    case .own, .inside:
      if case .events(_, _, let scale) = cell.move { return cuts.map { $0 / scale } }
      return cuts
    case .holds:
      if case .events(_, _, let scale) = cell.move {
        return cuts.map { lever.value - (cell.value - $0) / scale }
      }
      return cuts.map { lever.value - (cell.value - $0) }
    case .scaled: return cuts.map { lever.value * $0 / cell.value }
    case .emptied: return [lever.least, lever.least + 1, lever.least + 2]
    case .pause(let known):
      var all = known.map(\.seconds)
      switch cell.move {
      case .events(let window, _, _), .distinct(let window, _, _), .total(let window, _),
        .mean(let window, _):
        all.append(window.seconds)
      case .past(let past), .follows(_, _, _, let past?): all.append(past.window.seconds)
      default: break
      }
      return all
    case .number:
      switch cell.move {
      case .follows(_, let slope, let offset, _) where slope != 0:
        return cuts.map { ($0 - offset) / slope }
      case .events(_, let own, _): return own.numbers.flatMap { $0.test.bounds }
      default: return []
      }
    case .derived: return derived(quantities, place, cell, cuts)
    }
  }

  /// A quotient or difference of two features that are straight lines in the quantity.
  private func derived(
    _ quantities: Quantities, _ place: Int, _ cell: Quantities.Cell, _ cuts: [Double]
  ) -> [Double] {
    guard let (first, second) = cell.parts, let a = line(quantities, place, first),
      let b = line(quantities, place, second)
    else { return [] }
    return cuts.map { cut in
      if case .quotient = cell.move {
        return (cut * b.offset - a.offset) / (a.slope - cut * b.slope)
      }
      return (cut - a.offset + b.offset) / (a.slope - b.slope)
    }
  }

  private func line(
    _ quantities: Quantities, _ place: Int, _ part: Int
  ) -> (slope: Double, offset: Double)? {
    let lever = quantities.levers[place]
    let cell = quantities.cells[part]
    switch (quantities.effect(place, part), cell.move) {
    case (.none, _): return (0, cell.value)
    case (.number, .follows(_, let slope, let offset, _)): return (slope, offset)
    case (.own, _): return (cell.value / lever.value, 0)
    case (.holds, .events(_, _, let scale)): return (scale, cell.value - scale * lever.value)
    case (.holds, _): return (1, cell.value - lever.value)
    case (.scaled, _): return (cell.value / lever.value, 0)
    default: return nil
    }
  }
}

extension Test {
  /// The constants at which it changes its mind about a number.
  package var bounds: [Double] {
    switch self {
    case .equals(.number(let x)), .atLeast(let x), .atMost(let x), .above(let x), .below(let x): [x]
    case .between(let low, let high): [low, high]
    case .multipleOf(let x): [x]
    case .any(let tests): tests.flatMap(\.bounds)
    case .not(let test): test.bounds
    case .equals(.flag): [1]
    case .equals, .matches, .matchesAnyCase, .inList, .missing, .present: []
    }
  }
}
