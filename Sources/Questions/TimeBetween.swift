import Primitives

/// What lies between two times of which one does not say by itself which it is.
extension TimeReader {
  /// A range whose end is known to be the later one. A weekday is the last one before the end, and so is a month without a year.
  func ordered(
    _ named: (low: ArraySlice<Token>, high: ArraySlice<Token>), _ from: Timestamp,
    before end: Timestamp, isOfHours: Bool = false
  ) -> TimeRange {
    var from = from
    if from >= end {
      let words = named.low.map(\.word)
      if words.contains(where: { TimeReader.weekdays[$0] != nil }) {
        from = from - .days(7)
      } else if let month = words.lazy.compactMap(TimeReader.month).first,
        !named.high.contains(where: { TimeReader.month($0.word) == month }),
        !named.low.contains(where: { ($0.number ?? 0) >= 1970 })
      {
        let civil = CivilTime(from)
        let earlier = CivilTime(year: civil.year - 1, month: civil.month, day: civil.day)
        from = earlier.map { $0.timestamp() + (from - midnight(from)) } ?? from
      }
    }
    guard from < end else {
      return TimeRange(problem: "the second time is not after the first: turn them round")
    }
    return TimeRange(since: from, before: isOfHours ? end : open(end), isOfHours: isOfHours)
  }

  /// "between 9 and 17", "from 2 to 4pm": hours of a day that other words name.
  ///
  /// - Returns: the hours as if they were today's, how many words they take, and whether they can be nothing but hours.
  func bareHours(_ words: ArraySlice<Token>) -> (range: TimeRange, count: Int, isSure: Bool)? {
    func bare(_ token: Token) -> Int64? {
      guard token.word.allSatisfy(\.isNumber), let hour = Int64(token.word) else { return nil }
      return (0...24).contains(hour) ? hour : nil
    }
    guard ["between", "from"].contains(words.first?.word), words.count >= 4,
      var low = bare(words[words.startIndex + 1]),
      TimeReader.joints.contains(words[words.startIndex + 2].word)
    else { return nil }
    let rest = words.dropFirst(3)
    let today = midnight(now)
    let end: TimeSpan
    var taken = 1
    let time = clock(rest)
    if let (time, count) = time {
      (end, taken) = (time, count)
      // "between 2 and 4pm" is in the afternoon, "between 9 and 5pm" begins in the morning.
      let isAfternoon = rest.prefix(count).contains { $0.word.hasSuffix("pm") }
      if isAfternoon, low < 12, .hours(low + 12) < end { low += 12 }
    } else if let high = bare(rest[rest.startIndex]) {
      // "between 10 and 12 march", "between 10 and 12 of march"
      let after = rest.dropFirst().first { $0.word != "of" }
      if TimeReader.month(after?.word ?? "") != nil { return nil }
      end = .hours(high)
    } else {
      return nil
    }
    var from = today + .hours(low)
    if from > today + end { from = from - .days(1) }
    let range =
      from == today + end
      ? TimeRange(problem: "the second time is not after the first: turn them round")
      : TimeRange(since: from, before: today + end, isOfHours: true)
    return (range, 3 + taken, time != nil)
  }

  /// Whether a range is the whole of one day, as far as it is over.
  func isDay(_ range: TimeRange) -> Bool {
    guard let since = range.since, midnight(since) == since, !range.isOfHours else { return false }
    return (range.before ?? midnight(now) + .days(1)) - since <= .days(1)
  }

  /// When a range begins, of one that is counted back from now as well.
  func start(_ range: TimeRange) -> Timestamp? {
    guard let last = range.last, let amount = Double(last.amount) else { return range.since }
    let unit: Double = ["minute": 60, "hour": 3600][last.unit] ?? 86_400
    return TimeSpan(seconds: amount * unit).map { now - $0 }
  }

  /// A day that stands at a word and that the calendar does not have, in words.
  static func missingDay(_ tokens: [Token], at index: Int) -> String? {
    let word = tokens[index].word
    let parts = word.split(separator: "-").map { Int($0) }
    if parts.count == 3, let y = parts[0], let m = parts[1], let d = parts[2] {
      return CivilTime(year: y, month: m, day: d) == nil ? word : nil
    }
    func month(at place: Int) -> Int? {
      tokens.indices.contains(place) ? TimeReader.month(tokens[place].word) : nil
    }
    var next = index + 1
    if next < tokens.count, tokens[next].word == "of" { next += 1 }
    guard let day = ordinal(word), let month = month(at: next) ?? month(at: index - 1) else {
      return nil
    }
    let name = monthNames[month - 1]
    let words = "\(day) \(name.prefix(1).uppercased())\(name.dropFirst())"
    // Of all years this one has the most days.
    if CivilTime(year: 2000, month: month, day: day) == nil { return words }
    return month == 2 && day == 29 ? "\(words) in that year" : nil
  }
}

extension Token {
  /// Written as a date, a time of day, a number or an amount, whether there is such a one or not: nobody's name by itself.
  var isMeasure: Bool {
    if number != nil || isMoney || word.hasPrefix("€") { return true }
    guard word.first.map({ $0.isNumber || $0 == "-" || $0 == "." }) ?? false else { return false }
    func isDigits(_ text: Substring, by separator: Character, _ counts: ClosedRange<Int>) -> Bool {
      let parts = text.split(separator: separator, omittingEmptySubsequences: false)
      return counts.contains(parts.count)
        && parts.allSatisfy { (1...4).contains($0.count) && $0.allSatisfy(\.isNumber) }
    }
    let isHalf = word.hasSuffix("am") || word.hasSuffix("pm")
    let hour = word.dropLast(isHalf ? 2 : 0)
    return isDigits(hour, by: ":", isHalf ? 1...3 : 2...3) || isDigits(word[...], by: "-", 3...3)
      || isDigits(word[...], by: "/", 2...3) || isDigits(word[...], by: ".", 3...3)
      || word.count == 7 && isDigits(word[...], by: "-", 2...2) || Double(word) != nil
  }
}
