package import Primitives

extension Test {
  /// What would have to be added to a number for it to pass, or to reach the bound that it has to pass; 0 where it passes.
  /// Missing where the test knows no nearest number: texts, `not`, `multiple_of`, and missing values.
  package func shortfall(of value: Value) -> Double? {
    let x: Double
    switch value {
    case .number(let number): x = number
    case .flag(let flag): x = flag ? 1 : 0
    case .text, .missing: return nil
    }
    if acceptsNumber(x) { return 0 }
    switch self {
    case .atLeast(let bound), .atMost(let bound), .above(let bound), .below(let bound):
      return bound - x
    case .between(let low, let high): return x < low ? low - x : high - x
    case .equals(.number(let wanted)): return wanted - x
    case .any(let tests):
      return tests.compactMap { $0.shortfall(of: value) }.min { abs($0) < abs($1) }
    default: return nil
    }
  }
}

extension CompiledCondition {
  /// One predicate as a row met it.
  package struct Seen: Hashable, Sendable {
    package var predicate: Predicate
    package var value: Value
    package var holds: Bool
  }

  /// All predicates as a row met them, in order.
  package func seen(
    _ batch: EventBatch, _ row: Int, _ table: FeatureTable? = nil, score: ModelScore = .missing,
    interner: Interner
  ) -> [Seen] {
    predicates.indices.map { index in
      Seen(
        predicate: predicates[index],
        value: value(of: index, batch, row, table, score: score, interner: interner),
        holds: holds(index, batch, row, table, score: score))
    }
  }
}
