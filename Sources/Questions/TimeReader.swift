import Primitives

/// A time that a question named: between two points, or a length back from now.
struct TimeRange: Hashable {
  var since: Timestamp?
  var before: Timestamp?
  /// As in `7 * day`.
  var last: (amount: String, unit: String)?
  /// Hours were named and no day: they are today's, until a day is found for them.
  var isOfHours = false

  /// The same hours of another day.
  func moved(to day: Timestamp, from midnight: Timestamp) -> TimeRange {
    let shift = day - midnight
    return TimeRange(
      since: since.map { $0 + shift } ?? day, before: before.map { $0 + shift } ?? day + .days(1))
  }

  static func == (a: TimeRange, b: TimeRange) -> Bool {
    a.since == b.since && a.before == b.before && a.last?.amount == b.last?.amount
      && a.last?.unit == b.last?.unit
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(since)
    hasher.combine(before)
  }
}

/// Finds expressions of time in the words of a question. Weeks begin on Monday, all is in UTC.
struct TimeReader {
  let now: Timestamp

  private typealias Span = (from: Timestamp, to: Timestamp)

  /// The expression that begins at a word, and how many words it takes.
  func range(_ words: ArraySlice<Token>) -> (TimeRange, count: Int)? {
    if let found = backwards(words) { return found }
    let first = words.first?.word ?? ""
    switch first {
    case "between", "from":
      guard let (low, taken) = span(words.dropFirst()) else { return nil }
      let rest = words.dropFirst(1 + taken)
      if let joint = rest.first?.word, ["and", "to", "until", "till", "-", "–"].contains(joint),
        let (high, more) = span(rest.dropFirst())
      {
        // "between 9am and 5pm yesterday": the day stands at the second.
        if isHour(low), isHour(high) {
          let isDayless = day(words.dropFirst(1 + clockCount(words.dropFirst()))) == nil
          var from = low.from
          if isDayless { from = midnight(high.from) + (low.from - midnight(low.from)) }
          if from > high.from { from = from - .days(1) }
          let named = rest.dropFirst(1 + clockCount(rest.dropFirst()))
          let isNowhere = isDayless && day(named) == nil && day(rest.dropFirst()) == nil
          return (
            TimeRange(since: from, before: open(high.from), isOfHours: isNowhere),
            2 + taken + more
          )
        }
        // "between 20 and 22 march": the month stands at the second.
        var from = low.from
        if let day = words.dropFirst().first?.number, taken == 1, day <= 31,
          let shared = date(day: Int(day), likeMonthOf: high.from)
        {
          from = shared
        }
        return (TimeRange(since: from, before: open(high.to)), 2 + taken + more)
      }
      return first == "from" ? (TimeRange(since: low.from), 1 + taken) : nil
    case "since", "starting":
      guard let (span, taken) = span(words.dropFirst()) else { return nil }
      return (TimeRange(since: span.from), 1 + taken)
    case "after":
      guard let (span, taken) = span(words.dropFirst()) else { return nil }
      // After a time of day means until that day's end; after a day, from the next on.
      if isHour(span) {
        let end = midnight(span.from) + .days(1)
        return (
          TimeRange(since: span.from, before: open(end), isOfHours: isDayless(words.dropFirst())),
          1 + taken
        )
      }
      return (TimeRange(since: span.to), 1 + taken)
    case "before":
      guard let (span, taken) = span(words.dropFirst()) else { return nil }
      return (
        TimeRange(
          since: isHour(span) ? midnight(span.from) : nil, before: span.from,
          isOfHours: isDayless(words.dropFirst())), 1 + taken
      )
    case "until", "till":
      guard let (span, taken) = span(words.dropFirst()) else { return nil }
      return (TimeRange(before: open(span.to)), 1 + taken)
    case "on", "in", "at", "during", "of", "for", "over", "within":
      if let (span, taken) = span(skippingThe: words.dropFirst()),
        !isBare(words.dropFirst().prefix(taken))
      {
        return (TimeRange(since: span.from, before: open(span.to)), 1 + taken)
      }
      return nil
    default:
      // "may" and "march" are other words as well, and "sun": by themselves they name no time.
      guard let (span, taken) = span(words), !isBare(words.prefix(taken)),
        taken > 1 || !["may", "march", "mar", "sun", "sat", "now"].contains(first)
      else { return nil }
      return (TimeRange(since: span.from, before: open(span.to)), taken)
    }
  }

  private func isHour(_ span: Span) -> Bool { span.to - span.from < .hours(1) }

  private func clockCount(_ words: ArraySlice<Token>) -> Int { clock(words)?.1 ?? 0 }

  /// Whether words begin with an hour beside which no day stands.
  private func isDayless(_ words: ArraySlice<Token>) -> Bool {
    guard day(words) == nil, let (_, count) = clock(words) else { return false }
    return day(words.dropFirst(count)) == nil
  }

  /// Nothing but a number: a day only where another expression gives it its month.
  private func isBare(_ words: ArraySlice<Token>) -> Bool {
    words.allSatisfy { $0.word == "the" || $0.word.allSatisfy(\.isNumber) }
  }

  /// "last 3 hours", "the past week", "recently".
  private func backwards(_ words: ArraySlice<Token>) -> (TimeRange, count: Int)? {
    var rest = words
    var taken = 0
    if let first = rest.first?.word,
      ["in", "during", "over", "within", "for", "of"].contains(first)
    {
      rest = rest.dropFirst()
      taken += 1
    }
    if rest.first?.word == "the" {
      rest = rest.dropFirst()
      taken += 1
    }
    if taken == 0, let word = rest.first?.word, ["recently", "lately", "recent"].contains(word) {
      return (TimeRange(last: ("7", "day")), 1)
    }
    guard let first = rest.first?.word, ["last", "past", "previous"].contains(first) else {
      return nil
    }
    rest = rest.dropFirst()
    taken += 1
    if rest.first?.word == "few" {
      rest = rest.dropFirst()
      if let unit = TimeReader.units[rest.first?.word ?? ""] {
        return (TimeRange(last: spelled(3, unit)), taken + 2)
      }
      return nil
    }
    if let amount = rest.first?.number {
      if rest.dropFirst().first?.word == "of" { return nil }
      guard let unit = TimeReader.units[rest.dropFirst().first?.word ?? ""] else { return nil }
      return (TimeRange(last: spelled(amount, unit)), taken + 2)
    }
    // "24h"
    if let word = rest.first?.word, let letter = word.last, word.count > 1,
      let amount = Token(String(word.dropLast())).number, let unit = TimeReader.units[String(letter)]
    {
      return (TimeRange(last: spelled(amount, unit)), taken + 1)
    }
    // "last week" is the week before this one; "past week" is seven days.
    guard let unit = TimeReader.units[rest.first?.word ?? ""] else { return nil }
    if first != "past" && unit != "hour" && unit != "minute" { return nil }
    return (TimeRange(last: spelled(1, unit)), taken + 1)
  }

  private func spelled(_ amount: Double, _ unit: String) -> (String, String) {
    func text(_ x: Double) -> String { x == x.rounded() && abs(x) < 1e9 ? "\(Int(x))" : "\(x)" }
    return switch unit {
    case "week": (text(amount * 7), "day")
    case "month": (text(amount * 30), "day")
    case "year": (text(amount * 365), "day")
    default: (text(amount), unit)
    }
  }

  static let units: [String: String] = [
    "minute": "minute", "minutes": "minute", "min": "minute", "mins": "minute", "hour": "hour",
    "hours": "hour", "h": "hour", "hrs": "hour", "day": "day", "days": "day", "d": "day",
    "week": "week", "weeks": "week", "w": "week", "month": "month", "months": "month",
    "year": "year", "years": "year",
  ]

  // MARK: Points and the spans that they cover

  private func span(skippingThe words: ArraySlice<Token>) -> (Span, Int)? {
    if words.first?.word == "the", let (span, taken) = span(words.dropFirst()) {
      return (span, taken + 1)
    }
    return span(words)
  }

  private func span(_ words: ArraySlice<Token>) -> (Span, Int)? {
    if let ago = ago(words) { return ago }
    guard let (day, taken) = day(words) else {
      guard let (time, count) = clock(words) else { return nil }
      // A time of day by itself is today's; behind it may stand the day.
      if let (day, more) = self.day(words.dropFirst(count)) {
        let from = day.from + time
        return ((from, from + .minutes(1)), count + more)
      }
      let from = midnight(now) + time
      return ((from, from + .minutes(1)), count)
    }
    var rest = words.dropFirst(taken)
    if let part = TimeReader.parts[rest.first?.word ?? ""], day.to - day.from == .days(1) {
      return ((day.from + .hours(part.0), day.from + .hours(part.1)), taken + 1)
    }
    var extra = 0
    if rest.first?.word == "at" {
      rest = rest.dropFirst()
      extra = 1
    }
    if day.to - day.from == .days(1), let (time, count) = clock(rest) {
      let from = day.from + time
      return ((from, from + .minutes(1)), taken + extra + count)
    }
    return (day, taken)
  }

  private static let parts: [String: (Int64, Int64)] = [
    "morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 30),
  ]

  private func day(_ words: ArraySlice<Token>) -> (Span, Int)? {
    guard let first = words.first?.word else { return nil }
    let second = words.dropFirst().first?.word ?? ""
    let today = midnight(now)
    let monday = today - .days(Int64(TimeReader.weekday(today)))
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

  private func date(_ words: ArraySlice<Token>) -> (Span, Int)? {
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

  private func named(
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

  /// "3 days ago"
  private func ago(_ words: ArraySlice<Token>) -> (Span, Int)? {
    let amount = ["a", "an"].contains(words.first?.word) ? 1 : words.first?.number
    guard let amount, amount >= 0, amount < 1e6,
      let unit = TimeReader.units[words.dropFirst().first?.word ?? ""],
      words.dropFirst(2).first?.word == "ago"
    else { return nil }
    let n = Int64(amount)
    switch unit {
    case "minute": return ((now - .minutes(n), now), 3)
    case "hour": return ((now - .hours(n), now), 3)
    default:
      let days = unit == "day" ? n : unit == "week" ? n * 7 : unit == "month" ? n * 30 : n * 365
      let from = midnight(now) - .days(days)
      return ((from, from + .days(1)), 3)
    }
  }

  /// "17:00", "5pm", "noon"; the time since midnight.
  private func clock(_ words: ArraySlice<Token>) -> (TimeSpan, Int)? {
    guard var word = words.first?.word else { return nil }
    if word == "noon" { return (.hours(12), 1) }
    if word == "midnight" { return (.zero, 1) }
    var taken = 1
    var offset: Int64?
    if let next = words.dropFirst().first?.word, ["am", "pm"].contains(next), Int(word) != nil {
      word += next
      taken = 2
    }
    if word.hasSuffix("am") { offset = 0 }
    if word.hasSuffix("pm") { offset = 12 }
    if offset != nil { word.removeLast(2) }
    let parts = word.split(separator: ":").map { Int64($0) }
    guard (1...3).contains(parts.count), let hour = parts[0], offset != nil || parts.count > 1
    else {
      return nil
    }
    let minute = parts.count > 1 ? parts[1] ?? 60 : 0
    let hours = offset.map { hour % 12 + $0 } ?? hour
    guard (0...23).contains(hours), (0...59).contains(minute) else { return nil }
    return (.minutes(hours * 60 + minute), taken)
  }

  // MARK: The calendar

  /// An end that is not over yet is left out.
  private func open(_ end: Timestamp) -> Timestamp? { end > now ? nil : end }

  private func midnight(_ time: Timestamp) -> Timestamp { TimeReader.midnight(time) }

  static func midnight(_ time: Timestamp) -> Timestamp {
    let day = time.microseconds.flooredDivision(by: 86_400_000_000).quotient
    return Timestamp(microseconds: day * 86_400_000_000)
  }

  /// 0 for Monday.
  private static func weekday(_ midnight: Timestamp) -> Int {
    let day = midnight.microseconds.flooredDivision(by: 86_400_000_000).quotient
    return Int((day + 3).flooredDivision(by: 7).remainder)
  }

  private func month(_ offset: Int) -> Span {
    let civil = CivilTime(now)
    let index = civil.year * 12 + civil.month - 1 + offset
    return months(year: index / 12, from: index % 12 + 1, count: 1)
  }

  private func months(year: Int, from month: Int, count: Int) -> Span {
    func start(_ index: Int) -> Timestamp {
      CivilTime(year: index / 12, month: index % 12 + 1, day: 1)?.timestamp() ?? now
    }
    let index = year * 12 + month - 1
    return (start(index), start(index + count))
  }

  private func year(_ year: Int) -> Span { months(year: year, from: 1, count: 12) }

  /// The year of the last such month that has begun.
  private func lastYear(of month: Int) -> Int {
    let civil = CivilTime(now)
    return month <= civil.month ? civil.year : civil.year - 1
  }

  private func date(day: Int, likeMonthOf time: Timestamp) -> Timestamp? {
    let civil = CivilTime(time)
    return CivilTime(year: civil.year, month: civil.month, day: day)?.timestamp()
  }

  private static let weekdays: [String: Int] = Dictionary(
    uniqueKeysWithValues: [
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ].enumerated().flatMap { [($1, $0), (String($1.prefix(3)), $0)] })

  private static let monthNames = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  private static func month(_ word: String) -> Int? {
    monthNames.firstIndex { $0 == word || (word.count >= 3 && $0.prefix(3) == word) }.map { $0 + 1 }
  }

  /// `3`, `3rd`, `20.`
  private static func ordinal(_ word: String) -> Int? {
    var text = word
    for ending in ["st", "nd", "rd", "th", "."] where text.hasSuffix(ending) {
      text.removeLast(ending.count)
      break
    }
    guard text.count <= 2, let day = Int(text), (1...31).contains(day) else { return nil }
    return day
  }
}
