package import Primitives

/// What a rule asks of several events of one entity: steps in their order, or the silence that follows one.
package enum EventPattern: Hashable, Sendable {
  /// One after the other within a time, nothing of another kind between the first and the last.
  case sequence(Sequence)
  /// After an event nothing of a kind for a time.
  case absence(Absence)

  package struct Sequence: Hashable, Sendable {
    /// At least two events in all.
    package var steps: [Step]
    /// From the first event to the last, both included.
    package var within: TimeSpan
    /// The text field whose value all events share.
    package var by: String
    /// What must not come between the first and the last; nothing where empty.
    package var without: [Predicate]

    package init(steps: [Step], within: TimeSpan, by: String, without: [Predicate] = []) {
      precondition(
        (2...EventPattern.mostEvents).contains(steps.reduce(0) { $0 + $1.times }),
        "a sequence has 2 to \(EventPattern.mostEvents) events")
      self.steps = steps
      self.within = within
      self.by = by
      self.without = without
    }
  }

  package struct Step: Hashable, Sendable {
    package var conditions: [Predicate]
    /// How many such events, at least 1.
    package var times: Int

    package init(_ conditions: [Predicate], times: Int = 1) {
      precondition(times >= 1, "a step is of at least one event")
      self.conditions = conditions
      self.times = times
    }
  }

  package struct Absence: Hashable, Sendable {
    /// What begins the wait.
    package var after: [Predicate]
    /// What ends it. An event that does both ends one wait and begins the next.
    package var of: [Predicate]
    /// How long the wait is; an event at its very end still counts.
    package var within: TimeSpan
    package var by: String
    /// Events that begin a wait which an entity must have shown before the first wait counts.
    package var afterEvents: Int
    /// And for how long it must have shown them: what lives shorter may end in silence.
    package var afterSpan: TimeSpan

    package init(
      of: [Predicate], after: [Predicate], within: TimeSpan, by: String, afterEvents: Int = 1,
      afterSpan: TimeSpan = .zero
    ) {
      self.of = of
      self.after = after
      self.within = within
      self.by = by
      self.afterEvents = afterEvents
      self.afterSpan = afterSpan
    }
  }

  /// Of one sequence, with the `times` of its steps.
  package static let mostEvents = 64

  package var by: String {
    switch self {
    case .sequence(let sequence): sequence.by
    case .absence(let absence): absence.by
    }
  }

  /// Every list of conditions in it.
  package var conditions: [[Predicate]] {
    switch self {
    case .sequence(let sequence):
      sequence.steps.map(\.conditions) + (sequence.without.isEmpty ? [] : [sequence.without])
    case .absence(let absence): [absence.after, absence.of]
    }
  }
}

extension [Predicate] {
  /// The kinds of event that can pass; missing where any may.
  package var kinds: [String]? {
    for predicate in self where predicate.name == "kind" {
      switch predicate.test {
      case .equals(.text(let kind)): return [kind]
      case .any(let tests):
        let kinds = tests.compactMap { test -> String? in
          if case .equals(.text(let kind)) = test { return kind }
          return nil
        }
        if kinds.count == tests.count { return kinds }
      default: break
      }
    }
    return nil
  }
}
