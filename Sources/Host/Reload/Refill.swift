import Detection
import Plugins
import Primitives

/// Windows, and what rules wait for, that a run does not have yet: filled with the events that it judged before.
final class Refill: @unchecked Sendable {
  // Unchecked: it goes from the thread that fills it to the one that reads and on to the one that judges.

  struct Wait {
    var rule: String
    var watch: PatternWatch
  }

  /// What a run is made of that a refill has to be made of too.
  struct Frame: Sendable {
    var schema: Schema
    var interner: Interner
    var pool: WorkerPool
    var allowedLateness: TimeSpan
  }

  let features: FeatureStage
  private(set) var waits: [Wait] = []
  private(set) var clock = WaitClock()
  private let hasAbsences: Bool
  /// What is known of the events that filled it.
  var coverage = Coverage()

  /// - Parameter rules: those whose patterns are waited for.
  init(
    _ definitions: [FeatureDefinition], _ rules: [Rule], lists: ListBook, _ frame: Frame
  ) throws(Failure) {
    // Without a window nothing says which events came too late.
    let plan = try FeaturePlan(
      features: definitions.isEmpty ? [.history(.primary)] : definitions, schema: frame.schema,
      interner: frame.interner)
    features = FeatureStage(
      plan, sampled: plan.definitions.filter(\.hasNormal), interner: frame.interner,
      pool: frame.pool, allowedLateness: frame.allowedLateness)
    for rule in rules {
      guard let pattern = rule.pattern else { continue }
      let compiled = try CompiledPattern(
        pattern, schema: frame.schema, interner: frame.interner, lists: lists)
      waits.append(Wait(rule: rule.id, watch: PatternWatch(compiled)))
    }
    hasAbsences = waits.contains(where: \.watch.isAbsence)
  }

  /// Takes in the events of a batch that nobody judges.
  func take(_ batch: EventBatch) {
    let late = Set(
      features.process(
        ReadBatch(events: batch, labels: [], readyAt: 0), labels: LabelIndex([])))
    let steps = hasAbsences ? clock.steps(batch, late: late) : []
    for wait in waits { _ = wait.watch.warm(batch, late: late, clock: steps) }
  }

  // MARK: from one interner to another

  /// A refill as texts, times and numbers.
  struct State: Sendable {
    var definitions: [FeatureDefinition]
    fileprivate var windows: [UInt8]
    fileprivate var waits: [String: (digest: UInt64, bytes: [UInt8])]
    fileprivate var clock: [UInt8]
    var coverage: Coverage
    /// What the run judged since.
    var tap: RefillTap
  }

  func state(_ definitions: [FeatureDefinition], _ interner: Interner, tap: RefillTap) -> State {
    var time = StateCoder(interner)
    clock.code(&time)
    var state = State(
      definitions: definitions, windows: features.encodedState(), waits: [:], clock: time.bytes,
      coverage: coverage, tap: tap)
    for wait in waits {
      var coder = StateCoder(interner)
      wait.watch.code(&coder)
      state.waits[wait.rule] = (wait.watch.digest, coder.bytes)
    }
    return state
  }

  /// Goes on from a state. For the thread that interns.
  convenience init(
    _ state: State, _ rules: [Rule], lists: ListBook, _ frame: Frame
  ) throws(Failure) {
    try self.init(
      state.definitions, rules.filter { state.waits[$0.id] != nil }, lists: lists, frame)
    coverage = state.coverage
    try features.engine.restore(state.windows)
    do {
      var time = StateCoder(reading: state.clock, frame.interner)
      clock.code(&time)
      try time.finish()
      for wait in waits {
        guard let saved = state.waits[wait.rule], saved.digest == wait.watch.digest else {
          continue
        }
        var coder = StateCoder(reading: saved.bytes, frame.interner)
        wait.watch.code(&coder)
        try coder.finish()
      }
    } catch {
      throw Failure(.internal, "windows that were filled cannot be taken over: \(error.what)")
    }
  }
}

extension Refill {
  /// How far back the events reach that windows were filled with.
  struct Coverage: Sendable {
    var events = 0
    /// Of the earliest of them; missing where there was none to read.
    var since: Timestamp?
    /// Whether they begin with the first event of the stream.
    var isWhole = false
    /// How far the stream had come.
    var until: Timestamp?

    /// How much of a span the events fill; missing where all of it. A window without a span wants every event that ever
    /// was.
    func part(of span: TimeSpan?) -> TimeSpan? {
      if isWhole { return nil }
      guard let since, let until else { return .zero }
      let (has, overflow) = until.microseconds.subtractingReportingOverflow(since.microseconds)
      if overflow { return nil }
      if let span, has >= span.microseconds { return nil }
      return TimeSpan(microseconds: max(0, has))
    }
  }
}

extension FeatureDefinition {
  /// How far back the events lie that decide it; missing where any that ever was may.
  var reach: TimeSpan? {
    switch self {
    case .count(_, let within, _), .aggregate(_, _, _, let within, _),
      .distinct(_, _, let within, _), .zScore(_, _, let within), .ratioToMean(_, _, let within),
      .percentChange(_, _, let within), .rate(_, let within), .seasonal(_, _, let within):
      within
    case .dailyCount, .dailySum: .days(1)
    case .calendar, .field, .equals: .zero
    case .ratio(let a, let b), .minus(let a, let b):
      a.reach.flatMap { a in b.reach.map { max(a, $0) } }
    case .difference, .ratioToLast, .sinceLast, .ewma, .hourRarity, .isNew, .history, .labelRate,
      .sinceLabel:
      nil
    }
  }

  /// Whether it is made of what labels say, which are not kept.
  var readsLabels: Bool {
    switch self {
    case .labelRate, .sinceLabel: true
    case .ratio(let a, let b), .minus(let a, let b): a.readsLabels || b.readsLabels
    default: false
    }
  }
}

extension EventPattern {
  /// From its first event to its last.
  var span: TimeSpan {
    switch self {
    case .sequence(let sequence): sequence.within
    case .absence(let absence): absence.within
    }
  }
}
