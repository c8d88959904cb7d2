import Detection
import Plugins
import Primitives

/// Why a sequence or an absence did not come about.
extension MissFinder {
  /// Of a rule that waits for several events; nothing where the pattern was complete.
  func waiting(
    _ event: EventRecord, _ sighting: Sighting, _ pattern: EventPattern, _ marks: [Mark],
    now: Int64
  ) -> Miss? {
    let step = sighting.trace?.step.first { !$0.holds }
    guard let place = sighting.mark, event.text(pattern.by) != nil else {
      return miss(event, .noStep, "it has no '\(pattern.by)', by which the rule goes")
    }
    let failing = step.map { ": \(MissWords.seen($0, of: rule))" } ?? ""
    switch pattern {
    case .sequence(let sequence):
      let upTo = marks.prefix(place + 1)
      if upTo.last.map({ $0.mark.mask == 0 }) ?? true {
        return miss(event, .noStep, "it is no step of the sequence\(failing)")
      }
      if isComplete(sequence, upTo.map(\.mark)) { return nil }
      switch SequenceMiss(sequence, upTo.map(\.mark)) {
      case .noStep: return miss(event, .noStep, "it is no step of the sequence\(failing)")
      case .notLast(let step):
        return miss(
          event, .notLastStep,
          "it is step \(step) of \(sequence.steps.count), and the last one completes the sequence")
      case .broken(let by):
        let name = marks[by]
        return miss(
          event, .broken,
          "event \(name.id) at \(name.time) came in between, which the sequence forbids")
      case .tooSlow(let began, let over):
        return miss(
          event, .tooSlow,
          "the sequence began at \(Timestamp(microseconds: began)), \(Format.span(over)) more than \(sequence.within) before"
        )
      case .lacks(let step, let came, let times):
        return miss(
          event, .stepMissing,
          "step \(step) of \(sequence.steps.count) had come \(came) of \(times) times before it")
      }
    case .absence(let absence):
      switch AbsenceMiss(absence, marks.map(\.mark), asked: place, now: now) {
      case .noBeginning: return miss(event, .noStep, "it begins no wait\(failing)")
      case .waiting(let since):
        return miss(
          event, .alreadyWaiting,
          "event \(marks[since].id) at \(marks[since].time) had begun the wait, and this one does not prolong it"
        )
      case .notKnown(let events, let span):
        return miss(
          event, .notKnown,
          "its \(absence.by) had shown \(events) such events over \(Format.span(span)), and "
            + "\(absence.afterEvents) over \(absence.afterSpan) are asked for")
      case .ended(let by):
        let waited = marks[by].time - event.time
        let left = TimeSpan(
          microseconds: absence.within.microseconds - waited.microseconds)
        return miss(
          event, .ended,
          "event \(marks[by].id) at \(marks[by].time) came, \(Format.span(left)) before the wait was over"
        )
      case .open(let until):
        return miss(
          event, .stillWaiting,
          "the wait is over at \(Timestamp(microseconds: until)), later than any event that was read"
        )
      case .silent:
        if let failure = sighting.failure, failure.eventID == event.id { return nil }
        return miss(
          event, .detectNothing,
          "silence followed, and its function 'detect' returned nothing")
      }
    }
  }

  private func isComplete(_ sequence: EventPattern.Sequence, _ marks: [PatternMark]) -> Bool {
    var tracker = SequenceTracker(sequence, capacity: 1)
    var completed = false
    for mark in marks {
      completed = tracker.take(Symbol(rawValue: 1), time: mark.time, mask: mark.mask)
    }
    return completed
  }
}
