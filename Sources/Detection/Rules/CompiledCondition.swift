package import Primitives

/// A `when` or `where` with its names resolved to slots and its texts to symbols, ready for millions of rows.
///
/// All predicates must hold. It means what `Test.accepts` means for each predicate, costs no allocation per row and may
/// be asked from several threads. Texts of the condition are interned at compilation, so it is compiled on the thread that
/// interns. A list that is replaced in its book answers anew from then on.
package struct CompiledCondition: Sendable {
  /// What a predicate looks at.
  private enum Operand: Sendable {
    case number(Int)
    case text(Int)
    case kind, source
    case feature(Int)
    /// What the model says of the event.
    case score, rarity
  }

  /// What is asked of it. Almost all that rules ask needs a number or two, and a line that holds no more than that costs
  /// no count of references on the way of an event.
  private enum Quick: Sendable {
    case atLeast(Double)
    case atMost(Double)
    case above(Double)
    case below(Double)
    case between(Double, Double)
    case equalsNumber(Double)
    case equalsSymbol(Symbol)
    case missing, present, never
    /// A number and a test of the list `tests`, or a text and a step of the list `steps`.
    case test(Int)
    case step(Int)

    /// What a test asks of a number; missing where it takes more than this.
    init?(ofNumber test: Test) {
      switch test {
      case .atLeast(let bound): self = .atLeast(bound)
      case .atMost(let bound): self = .atMost(bound)
      case .above(let bound): self = .above(bound)
      case .below(let bound): self = .below(bound)
      case .between(let low, let high): self = .between(low, high)
      case .equals(.number(let wanted)): self = .equalsNumber(wanted)
      case .equals(.flag(let wanted)): self = .equalsNumber(wanted ? 1 : 0)
      case .missing: self = .missing
      case .present: self = .present
      case .equals, .matches, .matchesAnyCase, .inList: self = .never
      case .any, .not, .multipleOf: return nil
      }
    }
  }

  private enum Step: Sendable {
    case equalsSymbol(Symbol)
    case glob(RememberedGlob)
    case list(ListBook.Remembered)
    case missing, present, never
    indirect case any([Step])
    indirect case not(Step)
  }

  private let lines: [(operand: Operand, quick: Quick)]
  private let tests: [Test]
  private let steps: [Step]
  /// The predicates in order, for explanations.
  package let predicates: [Predicate]

  /// Names are looked up as `kind` and `source`, then as event fields, then as features (name → column), then as what
  /// the model says, `score` or `rarity`.
  package init(
    _ predicates: [Predicate], schema: Schema, interner: Interner, features: [String: Int] = [:],
    lists: ListBook = [:]
  ) throws(Failure) {
    var lines: [(Operand, Quick)] = []
    var tests: [Test] = []
    var steps: [Step] = []
    for predicate in predicates {
      let operand: Operand
      if predicate.name == "kind" {
        operand = .kind
      } else if predicate.name == "source" {
        operand = .source
      } else if let field = schema.field(predicate.name) {
        operand = field.type == .text ? .text(field.slot) : .number(field.slot)
      } else if let column = features[predicate.name] {
        operand = .feature(column)
      } else if predicate.name == "score" {
        operand = .score
      } else if predicate.name == "rarity" {
        operand = .rarity
      } else {
        let known =
          schema.fields.map(\.name) + features.keys + ["kind", "source", "score", "rarity"]
        throw Failure(
          .usage, "a condition names '\(predicate.name)', which is no field and no feature",
          advice: nearestName(to: predicate.name, among: known).map { "did you mean '\($0)'?" })
      }
      switch operand {
      case .number, .feature, .score, .rarity:
        try CompiledCondition.checkLists(predicate.test, lists)
        if let quick = Quick(ofNumber: predicate.test) {
          lines.append((operand, quick))
        } else {
          lines.append((operand, .test(tests.count)))
          tests.append(predicate.test)
        }
      case .text, .kind, .source:
        let step = try CompiledCondition.textStep(predicate.test, interner, lists)
        switch step {
        case .equalsSymbol(let symbol): lines.append((operand, .equalsSymbol(symbol)))
        case .missing: lines.append((operand, .missing))
        case .present: lines.append((operand, .present))
        case .never: lines.append((operand, .never))
        case .glob, .list, .any, .not:
          lines.append((operand, .step(steps.count)))
          steps.append(step)
        }
      }
    }
    self.lines = lines
    self.tests = tests
    self.steps = steps
    self.predicates = predicates
  }

  package var isEmpty: Bool { lines.isEmpty }

  /// Whether it asks what the model says.
  package var readsScore: Bool {
    lines.contains { line in
      switch line.operand {
      case .score, .rarity: true
      default: false
      }
    }
  }

  /// Whether every predicate holds on a row. `table` is needed where the condition names features.
  package func holds(
    _ batch: EventBatch, _ row: Int, _ table: FeatureTable? = nil, score: ModelScore = .missing
  ) -> Bool {
    lines.withUnsafeBufferPointer { lines in
      for line in lines where !passes(line.operand, line.quick, batch, row, table, score) {
        return false
      }
      return true
    }
  }

  /// Whether one predicate holds, by its position.
  func holds(
    _ predicate: Int, _ batch: EventBatch, _ row: Int, _ table: FeatureTable?, score: ModelScore
  ) -> Bool {
    passes(lines[predicate].operand, lines[predicate].quick, batch, row, table, score)
  }

  /// The position in `predicates` of the first that does not hold; missing where all do.
  package func firstFailing(
    _ batch: EventBatch, _ row: Int, _ table: FeatureTable? = nil, score: ModelScore = .missing
  ) -> Int? {
    lines.indices.first { !passes(lines[$0].operand, lines[$0].quick, batch, row, table, score) }
  }

  /// What a predicate saw on a row, for explanations; a flag shows as its number.
  package func value(
    of predicate: Int, _ batch: EventBatch, _ row: Int, _ table: FeatureTable? = nil,
    score: ModelScore = .missing, interner: Interner
  ) -> Value {
    switch lines[predicate].operand {
    case .number, .feature, .score, .rarity:
      let x = number(lines[predicate].operand, batch, row, table, score)
      return x.isNaN ? .missing : .number(x)
    case .text, .kind, .source:
      let symbol = symbol(lines[predicate].operand, batch, row)
      return symbol.isMissing ? .missing : .text(interner.text(of: symbol))
    }
  }

  @inline(__always)
  private func passes(
    _ operand: Operand, _ quick: Quick, _ batch: EventBatch, _ row: Int, _ table: FeatureTable?,
    _ score: ModelScore
  ) -> Bool {
    switch operand {
    case .number, .feature, .score, .rarity:
      let x = number(operand, batch, row, table, score)
      switch quick {
      case .atLeast(let bound): return x >= bound
      case .atMost(let bound): return x <= bound
      case .above(let bound): return x > bound
      case .below(let bound): return x < bound
      case .between(let low, let high): return x >= low && x <= high
      case .equalsNumber(let wanted): return x == wanted
      case .missing: return x.isNaN
      case .present: return !x.isNaN
      case .test(let place): return tests[place].acceptsNumber(x)
      case .equalsSymbol, .never, .step: return false
      }
    case .text, .kind, .source:
      let symbol = symbol(operand, batch, row)
      switch quick {
      case .equalsSymbol(let wanted): return symbol == wanted && !symbol.isMissing
      case .missing: return symbol.isMissing
      case .present: return !symbol.isMissing
      case .step(let place): return CompiledCondition.accepts(steps[place], symbol)
      case .atLeast, .atMost, .above, .below, .between, .equalsNumber, .test, .never:
        return false
      }
    }
  }

  @inline(__always)
  private func number(
    _ operand: Operand, _ batch: EventBatch, _ row: Int, _ table: FeatureTable?,
    _ score: ModelScore
  ) -> Double {
    switch operand {
    case .number(let slot): return batch.number(row, slot)
    case .feature(let column):
      guard let table else { preconditionFailure("a condition on features needs a feature table") }
      return table[row, column]
    case .score: return score.probability
    case .rarity: return score.rarity
    case .text, .kind, .source: return .nan
    }
  }

  @inline(__always)
  private func symbol(_ operand: Operand, _ batch: EventBatch, _ row: Int) -> Symbol {
    switch operand {
    case .text(let slot): batch.text(row, slot)
    case .kind: batch.kinds[row]
    case .source: batch.sources[row]
    case .number, .feature, .score, .rarity: .missing
    }
  }

  private static func accepts(_ step: Step, _ symbol: Symbol) -> Bool {
    switch step {
    case .missing: symbol.isMissing
    case .present: !symbol.isMissing
    case .equalsSymbol(let wanted): symbol == wanted && !symbol.isMissing
    case .glob(let glob): !symbol.isMissing && glob.matches(symbol)
    case .list(let set): !symbol.isMissing && set.contains(symbol)
    case .any(let steps): steps.contains { accepts($0, symbol) }
    case .not(let inner): !symbol.isMissing && !accepts(inner, symbol)
    case .never: false
    }
  }

  private static func textStep(
    _ test: Test, _ interner: Interner, _ lists: ListBook
  ) throws(Failure) -> Step {
    switch test {
    case .equals(.text(let word)): return .equalsSymbol(interner.intern(word))
    case .matches(let pattern):
      return .glob(RememberedGlob(pattern, anyCase: false, interner: interner))
    case .matchesAnyCase(let pattern):
      return .glob(RememberedGlob(pattern, anyCase: true, interner: interner))
    case .inList(let name):
      try checkLists(test, lists)
      return .list(ListBook.Remembered(name, of: lists, interner: interner))
    case .missing: return .missing
    case .present: return .present
    case .not(let inner): return .not(try textStep(inner, interner, lists))
    case .any(let tests):
      var steps: [Step] = []
      for test in tests { steps.append(try textStep(test, interner, lists)) }
      return .any(steps)
    case .equals, .atLeast, .atMost, .above, .below, .between, .multipleOf: return .never
    }
  }

  private static func checkLists(_ test: Test, _ lists: ListBook) throws(Failure) {
    switch test {
    case .inList(let name) where lists[name] == nil:
      throw Failure(
        .usage, "a condition names the list '\(name)', which does not exist",
        advice: nearestName(to: name, among: lists.names).map { "did you mean '\($0)'?" })
    case .any(let tests): for test in tests { try checkLists(test, lists) }
    case .not(let inner): try checkLists(inner, lists)
    default: break
    }
  }
}
