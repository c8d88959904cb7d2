import Detection

extension [Predicate] {
  /// Whether all that passes these conditions passes the others too. May miss a case, never claims a false one.
  func imply(_ others: [Predicate]) -> Bool {
    others.allSatisfy { other in
      contains { $0.name == other.name && $0.test.implies(other.test) }
    }
  }
}

extension Test {
  /// Whether every value that passes this test passes the other.
  func implies(_ other: Test) -> Bool {
    if self == other { return true }
    if case .any(let tests) = self { return tests.allSatisfy { $0.implies(other) } }
    if case .any(let tests) = other { return tests.contains { self.implies($0) } }
    if case .present = other { return self != .missing }
    if case .equals(let value) = self {
      // Lists are not known here, so a test that asks one is left open.
      return !other.asksList && other.accepts(value)
    }
    if let inner = interval, let outer = other.interval { return outer.covers(inner) }
    return false
  }

  private var asksList: Bool {
    switch self {
    case .inList: true
    case .not(let test): test.asksList
    case .any(let tests): tests.contains(where: \.asksList)
    default: false
    }
  }

  private struct Interval {
    var low = -Double.infinity
    var high = Double.infinity
    var withoutLow = false
    var withoutHigh = false

    func covers(_ inner: Interval) -> Bool {
      let lowEnough = low < inner.low || (low == inner.low && (!withoutLow || inner.withoutLow))
      let highEnough =
        high > inner.high || (high == inner.high && (!withoutHigh || inner.withoutHigh))
      return lowEnough && highEnough
    }
  }

  private var interval: Interval? {
    switch self {
    case .atLeast(let bound): Interval(low: bound)
    case .above(let bound): Interval(low: bound, withoutLow: true)
    case .atMost(let bound): Interval(high: bound)
    case .below(let bound): Interval(high: bound, withoutHigh: true)
    case .between(let low, let high): Interval(low: low, high: high)
    default: nil
    }
  }
}
