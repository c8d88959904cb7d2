import Primitives

/// Days, weeks, months and dates as people name them.
extension TimeReader {
  func day(_ words: ArraySlice<Token>) -> (Span, Int)? {
    guard let first = words.first?.word else { return nil }
    let second = words.dropFirst().first?.word ?? ""
    let today = midnight(now)
    let monday = today - .days(Int64(TimeReader.weekday(today)))
    if let (week, taken) = weekOfMonth(words) { return (week, taken) }
    switch (first, second) {
    case ("today", _): return ((today, today + .days(1)), 1)
    case ("yesterday", _): return ((today - .days(1), today), 1)
    case ("now", _): return ((now, now), 1)
    case ("tonight", _): return ((today + .hours(18), today + .hours(30)), 1)
    case ("overnight", _): return ((today - .hours(6), today + .hours(6)), 1)
    case ("last", "night"): return ((today - .hours(6), today + .hours(6)), 2)
    case ("this", "week"): return ((monday, monday + .days(7)), 2)
    case ("last", "week"), ("previous", "week"): return ((monday - .days(7), monday), 2)
    case ("this", "weekend"): return ((monday + .days(5), monday + .days(7)), 2)
    case ("last", "weekend"): return ((monday - .days(2), monday), 2)
    case ("weekend", _): return ((monday - .days(2), monday), 1)
    case ("this", "month"): return (month(0), 2)
    case ("last", "month"), ("previous", "month"): return (month(-1), 2)
    case ("this", "year"): return (year(CivilTime(now).year), 2)
    case ("last", "year"), ("previous", "year"): return (year(CivilTime(now).year - 1), 2)
    case ("last", "day"): return ((today - .days(1), today), 2)
    case ("this", let part):
      guard let part = TimeReader.parts[part] else { return nil }
      return ((today + .hours(part.0), today + .hours(part.1)), 2)
    default: break
    }
    let isLast = first == "last"
    if let weekday = TimeReader.weekdays[isLast ? second : first] {
      let back = (TimeReader.weekday(today) - weekday + 7) % 7
      let day = today - .days(Int64(isLast && back == 0 ? 7 : back))
      return ((day, day + .days(1)), isLast ? 2 : 1)
    }
    if let quarter = ["q1": 0, "q2": 1, "q3": 2, "q4": 3][first] {
      let year = CivilTime(now).year
      let span = months(year: year, from: quarter * 3 + 1, count: 3)
      // The last one that has begun.
      return (span.from > now ? months(year: year - 1, from: quarter * 3 + 1, count: 3) : span, 1)
    }
    return date(words)
  }

  /// "the first week of March": its first seven days.
  private func weekOfMonth(_ words: ArraySlice<Token>) -> (Span, Int)? {
    var words = words
    var taken = 0
    if words.first?.word == "the" {
      words = words.dropFirst()
      taken = 1
    }
    let places = ["first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1]
    guard let place = places[words.first?.word ?? ""], words.dropFirst().first?.word == "week",
      let joint = words.dropFirst(2).first?.word, ["of", "in"].contains(joint),
      let month = TimeReader.month(words.dropFirst(3).first?.word ?? "")
    else { return nil }
    let whole = months(year: lastYear(of: month), from: month, count: 1)
    let from = place < 0 ? whole.to - .days(7) : whole.from + .days(Int64(7 * place))
    return ((from, from + .days(7)), taken + 4)
  }

  func date(_ words: ArraySlice<Token>) -> (Span, Int)? {
    guard let first = words.first?.word else { return nil }
    let numbers = first.split(separator: "-").map { Int($0) }
    if numbers.count == 3, let y = numbers[0], let m = numbers[1], let d = numbers[2],
      let civil = CivilTime(year: y, month: m, day: d)
    {
      return ((civil.timestamp(), civil.timestamp() + .days(1)), 1)
    }
    if numbers.count == 2, first.count == 7, let y = numbers[0], let m = numbers[1],
      (1...12).contains(m)
    {
      return (months(year: y, from: m, count: 1), 1)
    }
    // "20 march", "the 20th of march", "march 20", "march"
    if let day = TimeReader.ordinal(first) {
      var rest = words.dropFirst()
      var taken = 1
      if rest.first?.word == "of" {
        rest = rest.dropFirst()
        taken += 1
      }
      if let month = TimeReader.month(rest.first?.word ?? "") {
        return named(month: month, day: day, rest.dropFirst(), taken + 1)
      }
      // A bare number is a day only where another expression gives it its month.
      if taken == 1, first.allSatisfy(\.isNumber), day <= 31,
        let near = date(day: day, likeMonthOf: now)
      {
        return ((near, near + .days(1)), 1)
      }
      // "the 20th": of this month, or of the one before where it has not come yet.
      if taken == 1, !first.allSatisfy(\.isNumber), !first.hasSuffix(".") {
        let near = date(day: day, likeMonthOf: now).flatMap { $0 <= now ? $0 : nil }
        if let day = near ?? date(day: day, likeMonthOf: month(-1).from) {
          return ((day, day + .days(1)), 1)
        }
      }
      return nil
    }
    if first == "the", let (span, taken) = date(words.dropFirst()) { return (span, taken + 1) }
    if let month = TimeReader.month(first) {
      let rest = words.dropFirst()
      if let day = TimeReader.ordinal(rest.first?.word ?? "") {
        return named(month: month, day: day, rest.dropFirst(), 2)
      }
      return (months(year: lastYear(of: month), from: month, count: 1), 1)
    }
    return nil
  }

  func named(
    month: Int, day: Int, _ rest: ArraySlice<Token>, _ taken: Int
  ) -> (Span, Int)? {
    let given = rest.first.flatMap { Int($0.word) }.flatMap {
      (1970...9999).contains($0) ? $0 : nil
    }
    let year = given ?? lastYear(of: month)
    guard let civil = CivilTime(year: year, month: month, day: day) else { return nil }
    let from = civil.timestamp()
    return ((from, from + .days(1)), taken + (given == nil ? 0 : 1))
  }

  // MARK: The calendar

  /// An end that is not over yet is left out.
  func open(_ end: Timestamp) -> Timestamp? { end > now ? nil : end }

  func midnight(_ time: Timestamp) -> Timestamp { TimeReader.midnight(time) }

  static func midnight(_ time: Timestamp) -> Timestamp {
    let day = time.microseconds.flooredDivision(by: 86_400_000_000).quotient
    return Timestamp(microseconds: day * 86_400_000_000)
  }

  /// 0 for Monday.
  static func weekday(_ midnight: Timestamp) -> Int {
    let day = midnight.microseconds.flooredDivision(by: 86_400_000_000).quotient
    return Int((day + 3).flooredDivision(by: 7).remainder)
  }

  func month(_ offset: Int) -> Span {
    let civil = CivilTime(now)
    let index = civil.year * 12 + civil.month - 1 + offset
    return months(year: index / 12, from: index % 12 + 1, count: 1)
  }

  func months(year: Int, from month: Int, count: Int) -> Span {
    func start(_ index: Int) -> Timestamp {
      CivilTime(year: index / 12, month: index % 12 + 1, day: 1)?.timestamp() ?? now
    }
    let index = year * 12 + month - 1
    return (start(index), start(index + count))
  }

  func year(_ year: Int) -> Span { months(year: year, from: 1, count: 12) }

  /// The year of the last such month that has begun.
  func lastYear(of month: Int) -> Int {
    let civil = CivilTime(now)
    return month <= civil.month ? civil.year : civil.year - 1
  }

  func date(day: Int, likeMonthOf time: Timestamp) -> Timestamp? {
    let civil = CivilTime(time)
    return CivilTime(year: civil.year, month: civil.month, day: day)?.timestamp()
  }

  static let weekdays: [String: Int] = Dictionary(
    uniqueKeysWithValues: [
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ].enumerated().flatMap { [($1, $0), (String($1.prefix(3)), $0)] })

  static let monthNames = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  static func month(_ word: String) -> Int? {
    monthNames.firstIndex { $0 == word || (word.count >= 3 && $0.prefix(3) == word) }.map { $0 + 1 }
  }

  /// `3`, `3rd`, `20.`
  static func ordinal(_ word: String) -> Int? {
    var text = word
    for ending in ["st", "nd", "rd", "th", "."] where text.hasSuffix(ending) {
      text.removeLast(ending.count)
      break
    }
    guard text.count <= 2, let day = Int(text), (1...31).contains(day) else { return nil }
    return day
  }
}
