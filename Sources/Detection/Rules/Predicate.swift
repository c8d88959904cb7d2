/// One line of a `when` or `where`: the value under a name must pass a test.
///
/// The name is an event field, `kind`, `source`, a feature or, where findings are judged, a property of the finding
/// (`rule`, `score`, `severity`). The same words mean the same thing in rules, filters, mappings and escalations.
package struct Predicate: Hashable, Sendable {
  package var name: String
  package var test: Test

  package init(_ name: String, _ test: Test) {
    self.name = name
    self.test = test
  }
}

/// What a value must be. A missing value passes `missing` only.
package indirect enum Test: Hashable, Sendable {
  case equals(Value)
  case any([Test])
  case atLeast(Double)
  case atMost(Double)
  case above(Double)
  case below(Double)
  /// Both ends included.
  case between(Double, Double)
  /// A whole multiple of this number above 0, itself not 0: 300 is one of 100.
  case multipleOf(Double)
  /// `*` stands for any run of characters and `?` for one; the whole text must match.
  case matches(String)
  /// The same, where a letter of ASCII is its other case too.
  case matchesAnyCase(String)
  /// The text is an entry of this list.
  case inList(String)
  case missing
  case present
  case not(Test)
}

/// A value that a test looks at.
package enum Value: Hashable, Sendable {
  case missing
  case number(Double)
  case text(String)
  case flag(Bool)
}

extension Test {
  /// Whether a value passes; `lists` answers `inList`.
  package func accepts(_ value: Value, lists: (String, String) -> Bool = { _, _ in false }) -> Bool
  {
    switch self {
    case .missing: return value == .missing
    case .present: return value != .missing
    case .not(let test): return value != .missing && !test.accepts(value, lists: lists)
    case .any(let tests): return tests.contains { $0.accepts(value, lists: lists) }
    case .equals(let wanted):
      if value == .missing { return false }
      switch (wanted, value) {
      case (.flag(let a), .number(let b)), (.number(let b), .flag(let a)): return (a ? 1 : 0) == b
      default: return wanted == value
      }
    case .matches(let pattern):
      if case .text(let text) = value { return Glob.matches(pattern, text) }
      return false
    case .matchesAnyCase(let pattern):
      if case .text(let text) = value { return Glob.matches(pattern, text, anyCase: true) }
      return false
    case .inList(let list):
      if case .text(let text) = value { return lists(list, text) }
      return false
    default:
      switch value {
      case .number(let x): return acceptsNumber(x)
      case .flag(let x): return acceptsNumber(x ? 1 : 0)
      default: return false
      }
    }
  }

  /// The numeric tests alone; NaN is missing and passes only `missing`.
  package func acceptsNumber(_ x: Double) -> Bool {
    switch self {
    case .atLeast(let bound): x >= bound
    case .atMost(let bound): x <= bound
    case .above(let bound): x > bound
    case .below(let bound): x < bound
    case .between(let low, let high): x >= low && x <= high
    case .multipleOf(let step): x != 0 && x.truncatingRemainder(dividingBy: step) == 0
    case .equals(.number(let wanted)): x == wanted
    case .equals(.flag(let wanted)): x == (wanted ? 1 : 0)
    case .missing: x.isNaN
    case .present: !x.isNaN
    case .any(let tests): tests.contains { $0.acceptsNumber(x) }
    case .not(let test): !x.isNaN && !test.acceptsNumber(x)
    default: false
    }
  }
}
