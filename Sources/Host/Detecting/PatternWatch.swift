import Detection
import Primitives

/// The state of one rule's sequence or absence over a stream. Used by the worker that owns the rule.
final class PatternWatch {
  private enum Tracker {
    case sequence(SequenceTracker)
    case absence(AbsenceTracker)
  }

  /// A row of a batch and what it is to the pattern.
  struct Mark {
    var row: Int32
    var mask: UInt64
  }

  private let pattern: CompiledPattern
  private var tracker: Tracker

  init(_ pattern: CompiledPattern) {
    self.pattern = pattern
    tracker =
      switch pattern.pattern {
      case .sequence(let sequence): .sequence(SequenceTracker(sequence))
      case .absence(let absence): .absence(AbsenceTracker(absence))
      }
  }

  /// Of what is waited for: two patterns with one digest share their state.
  var digest: UInt64 { StableHash.of("\(pattern.pattern)".utf8) }

  var isAbsence: Bool {
    if case .absence = tracker { true } else { false }
  }

  /// Entities forgotten in the middle of a pattern because there were too many.
  var evicted: Int {
    switch tracker {
    case .sequence(let tracker): tracker.evicted
    case .absence(let tracker): tracker.evicted
    }
  }

  /// Takes the marked rows of a batch in order and returns those that complete a sequence.
  func completions(_ batch: EventBatch, _ marks: some Sequence<Mark>) -> [Int32] {
    guard case .sequence(var sequence) = tracker else { return [] }
    // The state moves out and back, or the first change would copy it.
    tracker = .sequence(SequenceTracker.idle)
    defer { tracker = .sequence(sequence) }
    var completed: [Int32] = []
    for mark in marks {
      let row = Int(mark.row)
      let entity = batch.text(row, pattern.entitySlot)
      if sequence.take(entity, time: batch.times[row], mask: mark.mask) {
        completed.append(mark.row)
      }
    }
    return completed
  }

  /// Takes in a batch of which nothing is judged, and returns the waits that ended with nothing as `silences` does.
  func warm(
    _ batch: EventBatch, late: Set<Int>, clock: [WaitClock.Step?]
  ) -> [(row: Int, silence: AbsenceTracker.Silence)] {
    let marks = (0..<batch.count).compactMap { row -> Mark? in
      let mask = late.contains(row) ? 0 : pattern.mask(batch, row)
      return mask == 0 ? nil : Mark(row: Int32(row), mask: mask)
    }
    _ = completions(batch, marks)
    return silences(batch, marks, clock: clock)
  }

  /// Takes the marked rows of a batch in order and returns the waits that ended with nothing, each with the row before
  /// which stream time passed its end. `clock` holds stream time by row; rows that came too late have none.
  func silences(
    _ batch: EventBatch, _ marks: some Sequence<Mark>, clock: [WaitClock.Step?]
  ) -> [(row: Int, silence: AbsenceTracker.Silence)] {
    guard case .absence(var absence) = tracker else { return [] }
    tracker = .absence(AbsenceTracker.idle)
    defer { tracker = .absence(absence) }
    var over: [(row: Int, silence: AbsenceTracker.Silence)] = []
    var marks = marks.makeIterator()
    var mark = marks.next()
    for row in 0..<batch.count {
      switch clock[row] {
      case .at(let time):
        if absence.isDue(time) { over += absence.advance(to: time).map { (row, $0) } }
      case .back(let time): absence.goBack(to: time)
      case nil: continue
      }
      guard let marked = mark, Int(marked.row) == row else { continue }
      mark = marks.next()
      let anchor = AbsenceTracker.Anchor(
        time: batch.times[row], kind: batch.kinds[row], source: batch.sources[row],
        zoneOffset: batch.zoneOffsets[row])
      let entity = batch.text(row, pattern.entitySlot)
      batch.withID(row) { absence.take(entity, anchor, mask: marked.mask, id: $0) }
    }
    return over
  }

  /// Moves stream time without an event.
  func advance(to time: Int64) -> [AbsenceTracker.Silence] {
    guard case .absence(var absence) = tracker else { return [] }
    tracker = .absence(AbsenceTracker.idle)
    defer { tracker = .absence(absence) }
    return absence.advance(to: time)
  }

  /// The event that a silence is told by: the one that began the wait, at the time when the wait was over.
  func event(_ silence: AbsenceTracker.Silence, _ interner: Interner) -> EventRecord {
    let by = pattern.pattern.by
    return EventRecord(
      time: Timestamp(microseconds: silence.time), id: silence.eventID,
      source: interner.text(of: silence.source), kind: interner.text(of: silence.kind),
      fields: [by: .text(interner.text(of: silence.entity))], primaryField: by,
      zoneOffsetSeconds: silence.zoneOffset)
  }

  /// Of a watch over the same pattern.
  func code(_ coder: inout StateCoder) {
    switch tracker {
    case .sequence(var sequence):
      tracker = .sequence(SequenceTracker.idle)
      sequence.code(&coder)
      tracker = .sequence(sequence)
    case .absence(var absence):
      tracker = .absence(AbsenceTracker.idle)
      absence.code(&coder)
      tracker = .absence(absence)
    }
  }
}

extension WaitClock {
  /// Stream time by row of a batch; nothing at rows that came too late.
  mutating func steps(_ batch: EventBatch, late: Set<Int>) -> [Step?] {
    var left = batch.passed[...]
    let steps = (0..<batch.count).map { row -> Step? in
      while let passed = left.first, passed.row <= row {
        _ = take(passed.time)
        left.removeFirst()
      }
      return late.contains(row) ? nil : take(batch.times[row])
    }
    for passed in left { _ = take(passed.time) }
    return steps
  }
}
