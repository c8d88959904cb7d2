package import Primitives

/// A pattern with its names resolved: which steps an event is, ready for millions of rows and several threads.
package struct CompiledPattern: Sendable {
  package let pattern: EventPattern
  /// The text slot of the entity that all events share.
  package let entitySlot: Int
  private let steps: [CompiledCondition]
  private let breaker: CompiledCondition?

  /// Compiled on the thread that interns. A pattern names event fields only.
  package init(
    _ pattern: EventPattern, schema: Schema, interner: Interner, lists: ListBook = [:]
  ) throws(Failure) {
    guard let field = schema.field(pattern.by), field.type == .text else {
      throw Failure(.usage, "a sequence goes by '\(pattern.by)', which is no text of these events")
    }
    self.pattern = pattern
    entitySlot = field.slot
    func compiled(_ conditions: [Predicate]) throws(Failure) -> CompiledCondition {
      try CompiledCondition(conditions, schema: schema, interner: interner, lists: lists)
    }
    var steps: [CompiledCondition] = []
    switch pattern {
    case .sequence(let sequence):
      for step in sequence.steps { steps.append(try compiled(step.conditions)) }
      breaker = sequence.without.isEmpty ? nil : try compiled(sequence.without)
    case .absence(let absence):
      steps = [try compiled(absence.after), try compiled(absence.of)]
      breaker = nil
    }
    self.steps = steps
  }

  /// What a row is to the pattern; 0 where nothing. The bits are those that the trackers take.
  package func mask(_ batch: EventBatch, _ row: Int) -> UInt64 {
    if batch.text(row, entitySlot).isMissing { return 0 }
    var mask: UInt64 = 0
    for index in steps.indices where steps[index].holds(batch, row) { mask |= 1 << UInt64(index) }
    if let breaker, breaker.holds(batch, row) { mask |= SequenceTracker.breaker }
    return mask
  }

  /// What one step asks of a row, as the row met it; of an absence the first is what begins the wait.
  package func seen(
    step: Int, _ batch: EventBatch, _ row: Int, interner: Interner
  ) -> [CompiledCondition.Seen] {
    steps[step].seen(batch, row, interner: interner)
  }

  /// How many steps there are.
  package var stepCount: Int { steps.count }
}
