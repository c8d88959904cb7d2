import Primitives

/// The times of a question.
extension QuestionReading {
  mutating func readTimes() {
    let reader = TimeReader(now: now)
    var index = 0
    while index < tokens.count {
      // "logged in yesterday", "the most recent one"
      let isOther =
        word(index) == "in"
        && ["log", "logs", "logged", "sign", "signs", "signed"].contains(word(index - 1))
        || word(index) == "recent" && word(index - 1) == "most"
      guard !tokens[index].isUsed, !isOther,
        let (range, taken) = age(at: index) ?? hours(at: index, reader)
          ?? reader.range(tokens[index...])
      else {
        index += 1
        continue
      }
      if let problem = range.problem { conflict = problem }
      // "closed this week": alerts are found by when they were raised.
      if ["closed", "resolved", "acknowledged"].contains(word(index - 1)),
        ["alerts", "were", "was", "been", "got", "ones", "alert", "i", "we"].contains(
          word(index - 2))
      {
        conflict =
          "times are of when alerts were raised, and not of when they were \(word(index - 1))"
      }
      // "versus yesterday", "compared with last week": what it is held against.
      let before = tokens[..<index].suffix(3).map(\.word)
      let isAgainst =
        ["versus", "vs", "against", "than"].contains(before.last)
        || before.suffix(2) == ["compared", "with"] || before.suffix(2) == ["compared", "to"]
        || query.time != nil && ["with", "to", "and"].contains(before.last)
          && tokens[..<index].contains { $0.word == "compare" }
      if isAgainst {
        query.against = range
        query.act = .changed
        hasAct = true
        use(index - (before.suffix(2).first == "compared" ? 2 : 1)..<index)
      } else if let known = query.time {
        query.time = both(known, range, reader)
        if query.time == nil {
          conflict = "two times are named that have nothing in common: ask for one of them"
          return
        }
      } else {
        query.time = range
      }
      found += 1
      use(index..<index + taken)
      index += taken
    }
  }

  /// "older than 3 days", "newer than an hour".
  private func age(at index: Int) -> (TimeRange, count: Int)? {
    let isOlder = ["older", "earlier"].contains(word(index))
    guard isOlder || ["newer", "younger", "later"].contains(word(index)), word(index + 1) == "than",
      index + 3 < tokens.count,
      let unit = TimeReader.units[word(index + 3)],
      let amount = ["a", "an"].contains(word(index + 2)) ? 1 : tokens[index + 2].number,
      let span = TimeSpan(seconds: amount * (TimeReader.seconds[unit] ?? 86_400))
    else { return nil }
    let start = now - span
    return (isOlder ? TimeRange(before: start) : TimeRange(since: start), 4)
  }

  /// "yesterday between 9 and 17": hours without minutes, which are days of the month where no day is named beside them.
  private func hours(at index: Int, _ reader: TimeReader) -> (TimeRange, count: Int)? {
    guard let found = reader.bareHours(tokens[index...]) else { return nil }
    var namesDay = found.isSure || query.time.map { reader.isDay($0) } ?? false
    var place = index + found.count
    while !namesDay, place < tokens.count {
      let next = reader.range(tokens[place...])
      namesDay = next.map { reader.isDay($0.0) } ?? false
      place += next?.count ?? 1
    }
    return namesDay ? (found.range, found.count) : nil
  }

  /// "since Monday … before Friday", "after 5pm yesterday": both hold; missing where they cannot.
  func both(_ a: TimeRange, _ b: TimeRange, _ reader: TimeReader) -> TimeRange? {
    if a.isOfHours != b.isOfHours {
      let (hours, day) = a.isOfHours ? (a, b) : (b, a)
      let midnight = TimeReader.midnight(hours.since ?? hours.before ?? now)
      // "on march 30 between 14:00 and 16:00": the hours of that day.
      if let since = day.since {
        let start = TimeReader.midnight(since)
        if reader.isDay(TimeRange(since: start, before: day.before)) {
          let moved = hours.moved(to: start, from: midnight)
          return since == start ? moved : both(moved, day, reader)
        }
      }
      // "since friday before 5pm": until that hour of today.
      if hours.since == midnight, let before = hours.before, let since = day.since,
        day.before == nil, since < before
      {
        return TimeRange(since: since, before: before)
      }
    }
    // "before noon today": the hours of one and the day of the other.
    func later(_ x: Timestamp?, _ y: Timestamp?) -> Timestamp? {
      guard let x, let y else { return x ?? y }
      return max(x, y)
    }
    func earlier(_ x: Timestamp?, _ y: Timestamp?) -> Timestamp? {
      guard let x, let y else { return x ?? y }
      return min(x, y)
    }
    let joint = TimeRange(
      since: later(reader.start(a), reader.start(b)), before: earlier(a.before, b.before))
    if let since = joint.since, let before = joint.before, since >= before { return nil }
    // What lies within the other says all, and stays as it was said.
    return [b, a].first { reader.start($0) == joint.since && $0.before == joint.before } ?? joint
  }
}
