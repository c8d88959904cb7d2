/// What is known of an entity's bad events, and when: the memory behind features of labels.
extension EntityStage {
  @inline(__always)
  func cases(_ entity: UnsafeMutableRawPointer) -> UnsafeMutablePointer<CaseList> {
    (entity + program.cases).assumingMemoryBound(to: CaseList.self)
  }

  /// The share of known bad events among those of the window that are old enough to have a verdict.
  func rate(
    _ step: UnsafeMutablePointer<FeatureStep>, _ state: UnsafeMutablePointer<StreamState>,
    _ entity: UnsafeMutableRawPointer, _ length: Int64, _ time: Int64, _ start: Int, _ end: Int
  ) -> Double {
    let (last, overflow) = time.subtractingReportingOverflow(step.pointee.knownAfter)
    if overflow || start >= end { return .nan }
    let judged = last == time ? end : state.pointee.lowerBound(last + 1, start, end)
    if judged == start { return .nan }
    let (first, underflow) = time.subtractingReportingOverflow(length)
    let bad = cases(entity).pointee.known(from: underflow ? .min : first, to: last, at: time)
    return Double(bad) / Double(judged - start)
  }

  /// Remembers that an event is bad. It is let go when it is in no window any more and, for features that ask how long
  /// ago the last one was, when a newer one is known to every event that may still come.
  func remember(
    _ entity: UnsafeMutableRawPointer, _ time: Int64, _ knownAt: Int64, _ newest: Int64
  ) {
    bufferBytes += cases(entity).pointee.insert(ConfirmedCase(time: time, knownAt: knownAt)) {
      list in
      let (oldest, overflow) = newest.subtractingReportingOverflow(program.caseRetention)
      let outside = overflow ? 0 : list.lowerBound(oldest)
      if program.caseDelay < 0 { return outside }
      let (still, early) = newest.subtractingReportingOverflow(lateness)
      if early { return 0 }
      var position = min(outside, Int(list.count) - 1)
      while position > 0 {
        let one = list[position]
        let (waited, beyond) = one.time.addingReportingOverflow(program.caseDelay)
        if one.knownAt <= still && !beyond && waited <= still { break }
        position -= 1
      }
      return max(0, position)
    }
  }
}
