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
    switch (self, other) {
    case (.not(let inner), .not(let outer)): return outer.implies(inner)
    case (.matches(let inner), .matches(let outer)):
      return Test.isWider(outer, than: inner, anyCase: false)
    case (.matches(let inner), .matchesAnyCase(let outer)),
      (.matchesAnyCase(let inner), .matchesAnyCase(let outer)):
      return Test.isWider(outer, than: inner, anyCase: true)
    default: return false
    }
  }

  /// Whether no value passes both tests. May miss a case, never claims a false one.
  func excludes(_ other: Test) -> Bool {
    switch (self, other) {
    case (.any(let tests), let test), (let test, .any(let tests)):
      return tests.allSatisfy { $0.excludes(test) }
    case (.missing, let test), (let test, .missing): return !test.accepts(.missing)
    case (.equals(let value), let test), (let test, .equals(let value)):
      return !test.asksList && !test.accepts(value)
    case (.not(let refused), let test), (let test, .not(let refused)):
      return test.implies(refused)
    default:
      guard let a = interval, let b = other.interval else { return false }
      return !a.meets(b)
    }
  }

  /// Whether every value that passes all of one's own tests passes one of the others.
  static func cover(_ tests: [Test], _ own: [Test]) -> Bool {
    if own.allSatisfy({ $0.accepts(.missing) }), !tests.contains(where: { $0.accepts(.missing) }) {
      return false
    }
    let isWhole = tests.contains { test in
      if case .not(let refused) = test { return tests.contains { refused.implies($0) } }
      return Test.present.implies(test)
    }
    if isWhole { return true }
    let spans = tests.flatMap(\.alternatives).compactMap(\.interval)
    guard !spans.isEmpty else { return false }
    let wanted = own.compactMap(\.interval).first ?? Interval()
    return Interval.cover(spans, wanted)
  }

  private var alternatives: [Test] {
    if case .any(let tests) = self { tests } else { [self] }
  }

  /// A pattern taken for a text meets another's `*` where it has one itself; one character of the other's is no run of them.
  private static func isWider(_ outer: String, than inner: String, anyCase: Bool) -> Bool {
    if inner.contains("*"), outer.contains("?") { return false }
    return Glob.matches(outer, inner, anyCase: anyCase)
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

    func meets(_ other: Interval) -> Bool {
      let (first, second) = low <= other.low ? (self, other) : (other, self)
      return first.high > second.low
        || first.high == second.low && !first.withoutHigh && !second.withoutLow
    }

    /// Whether some intervals leave nothing of another one open.
    static func cover(_ spans: [Interval], _ wanted: Interval) -> Bool {
      var open = wanted
      for span in spans.sorted(by: {
        ($0.low, $0.withoutLow ? 1 : 0) < ($1.low, $1.withoutLow ? 1 : 0)
      }) {
        let begins =
          span.low < open.low || span.low == open.low && (!span.withoutLow || open.withoutLow)
        guard begins else { return false }
        let ends =
          span.high > open.high || span.high == open.high && (!span.withoutHigh || open.withoutHigh)
        if ends { return true }
        if span.high > open.low || span.high == open.low && !span.withoutHigh {
          open.low = span.high
          // What the span leaves out at its end is still open.
          open.withoutLow = !span.withoutHigh
        }
      }
      return false
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
