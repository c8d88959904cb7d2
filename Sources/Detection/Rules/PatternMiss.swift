package import Primitives

/// An event of one entity as a pattern sees it: when it was, and which steps it is.
package struct PatternMark: Hashable, Sendable {
  package var time: Int64
  /// As the trackers take it.
  package var mask: UInt64

  package init(time: Int64, mask: UInt64) {
    self.time = time
    self.mask = mask
  }
}

/// Why an event did not complete a sequence.
package enum SequenceMiss: Hashable, Sendable {
  /// It is no step at all.
  case noStep
  /// It is this step and not the last, from 1.
  case notLast(step: Int)
  /// An event that must not come in between did: its place among the marks.
  case broken(by: Int)
  /// The first event of the latest chain was too long ago.
  case tooSlow(began: Int64, over: TimeSpan)
  /// This step, from 1, had come so many times of as many as it must.
  case lacks(step: Int, came: Int, times: Int)

  /// - Parameter marks: the entity's events in order of arrival, the one that is asked about last. It completed nothing.
  package init(_ sequence: EventPattern.Sequence, _ marks: [PatternMark]) {
    let last = marks.last?.mask ?? 0
    let steps = last & ~SequenceTracker.breaker
    let final = sequence.steps.count - 1
    guard steps != 0 else {
      self = .noStep
      return
    }
    guard steps & 1 << UInt64(final) != 0 else {
      self = .notLast(step: 63 - steps.leadingZeroBitCount + 1)
      return
    }
    let calm = marks.map { PatternMark(time: $0.time, mask: $0.mask & ~SequenceTracker.breaker) }
    var patient = sequence
    patient.within = TimeSpan(microseconds: .max)
    let breaker = marks.dropLast().lastIndex { $0.mask & SequenceTracker.breaker != 0 }
    if let breaker, SequenceMiss.completes(sequence, calm) != nil {
      self = .broken(by: breaker)
    } else if let began = SequenceMiss.completes(patient, marks) {
      let age = (marks.last?.time ?? 0).subtractingReportingOverflow(began).partialValue
      self = .tooSlow(
        began: began, over: TimeSpan(microseconds: age - sequence.within.microseconds))
    } else if let breaker, SequenceMiss.completes(patient, calm) != nil {
      self = .broken(by: breaker)
    } else {
      self = SequenceMiss.lacking(patient, marks)
    }
  }

  private static let entity = Symbol(rawValue: 1)

  /// When the chain began that the last mark completes; missing where it completes none.
  private static func completes(
    _ sequence: EventPattern.Sequence, _ marks: [PatternMark]
  ) -> Int64? {
    var tracker = SequenceTracker(sequence, capacity: 1)
    var began: Int64?
    for (place, mark) in marks.enumerated() {
      if place == marks.count - 1 { began = tracker.chain(of: entity).last ?? nil }
      let completed = tracker.take(entity, time: mark.time, mask: mark.mask)
      if place == marks.count - 1 { return completed ? began : nil }
    }
    return nil
  }

  private static func lacking(
    _ sequence: EventPattern.Sequence, _ marks: [PatternMark]
  ) -> SequenceMiss {
    var tracker = SequenceTracker(sequence, capacity: 1)
    for mark in marks.dropLast() { _ = tracker.take(entity, time: mark.time, mask: mark.mask) }
    var came = tracker.chain(of: entity).lastIndex { $0 != nil }.map { $0 + 1 } ?? 0
    for (index, step) in sequence.steps.enumerated() {
      if came < step.times || index == sequence.steps.count - 1 {
        return .lacks(step: index + 1, came: min(came, step.times - 1), times: step.times)
      }
      came -= step.times
    }
    return .noStep
  }
}

/// Why no silence followed an event.
package enum AbsenceMiss: Hashable, Sendable {
  /// It begins no wait.
  case noBeginning
  /// The wait that an earlier event began went on: its place among the marks.
  case waiting(since: Int)
  /// The entity had shown so many such events, over so long.
  case notKnown(events: Int, span: TimeSpan)
  /// What was waited for came: its place among the marks.
  case ended(by: Int)
  /// The wait ends later than anything that was read.
  case open(until: Int64)
  /// It was followed by silence.
  case silent

  /// - Parameters:
  ///   - marks: the entity's events in order of arrival.
  ///   - asked: the place of the one that is asked about.
  ///   - now: the latest time of the stream.
  package init(
    _ absence: EventPattern.Absence, _ marks: [PatternMark], asked: Int, now: Int64
  ) {
    func deadline(_ mark: PatternMark) -> Int64 {
      let (end, overflow) = mark.time.addingReportingOverflow(absence.within.microseconds)
      return overflow ? .max : end
    }
    var seen = 0
    var first: Int64?
    var anchor: Int?
    for (place, mark) in marks.prefix(asked + 1).enumerated() {
      if let since = anchor, mark.time > deadline(marks[since]) { anchor = nil }
      if mark.mask & AbsenceTracker.ends != 0, let since = anchor, mark.time >= marks[since].time {
        anchor = nil
      }
      guard mark.mask & AbsenceTracker.begins != 0 else { continue }
      first = first ?? mark.time
      seen += 1
      if let since = anchor {
        if place == asked {
          self = .waiting(since: since)
          return
        }
        continue
      }
      let known = Timestamp(microseconds: mark.time) - Timestamp(microseconds: first ?? mark.time)
      if seen >= absence.afterEvents && known >= absence.afterSpan {
        anchor = place
      } else if place == asked {
        self = .notKnown(events: seen, span: known)
        return
      }
    }
    guard anchor == asked else {
      self = .noBeginning
      return
    }
    let end = deadline(marks[asked])
    let reply = marks.indices.dropFirst(asked + 1).first { place in
      marks[place].mask & AbsenceTracker.ends != 0 && marks[place].time >= marks[asked].time
    }
    if let reply, marks[reply].time <= end {
      self = .ended(by: reply)
    } else {
      self = now <= end ? .open(until: end) : .silent
    }
  }
}
