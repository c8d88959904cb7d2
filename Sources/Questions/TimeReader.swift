import Primitives

/// Finds expressions of time in the words of a question. Weeks begin on Monday, all is in UTC.
struct TimeReader {
  let now: Timestamp

  typealias Span = (from: Timestamp, to: Timestamp)

  /// The expression that begins at a word, and how many words it takes.
  func range(_ words: ArraySlice<Token>) -> (TimeRange, count: Int)? {
    if let found = backwards(words) { return found }
    let first = words.first?.word ?? ""
    switch first {
    case "between", "from":
      guard let (low, taken) = span(words.dropFirst()) else { return nil }
      let rest = words.dropFirst(1 + taken)
      if let joint = rest.first?.word, TimeReader.joints.contains(joint),
        let (high, more) = span(rest.dropFirst())
      {
        let named = (low: words.dropFirst().prefix(taken), high: rest.dropFirst().prefix(more))
        // "between 9am and 5pm yesterday": the day stands at the second.
        if isHour(low), isHour(high) {
          let isDayless = day(words.dropFirst(1 + clockCount(words.dropFirst()))) == nil
          var from = low.from
          if isDayless { from = midnight(high.from) + (low.from - midnight(low.from)) }
          if isDayless, from > high.from { from = from - .days(1) }
          let after = rest.dropFirst(1 + clockCount(rest.dropFirst()))
          let isNowhere = isDayless && day(after) == nil && day(rest.dropFirst()) == nil
          return (
            ordered(named, from, before: high.from, isOfHours: isNowhere), 2 + taken + more
          )
        }
        // "between 20 and 22 march": the month stands at the second.
        var from = low.from
        if let day = words.dropFirst().first?.number, taken == 1, day <= 31,
          let shared = date(day: Int(day), likeMonthOf: high.from)
        {
          from = shared
        }
        return (ordered(named, from, before: high.to), 2 + taken + more)
      }
      if first != "from" { return nil }
      // "from 9am" goes on; "from yesterday", "from Monday" and "from March" name a time by itself.
      if isHour(low) { return (TimeRange(since: low.from), 1 + taken) }
      if ["on", "onwards", "onward"].contains(rest.first?.word) {
        return (TimeRange(since: low.from), 2 + taken)
      }
      return (TimeRange(since: low.from, before: open(low.to)), 1 + taken)
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

  static let joints: Set = ["and", "to", "until", "till", "-", "–"]

  func isHour(_ span: Span) -> Bool { span.to - span.from < .hours(1) }

  func clockCount(_ words: ArraySlice<Token>) -> Int { clock(words)?.1 ?? 0 }

  /// Whether words begin with an hour beside which no day stands.
  func isDayless(_ words: ArraySlice<Token>) -> Bool {
    guard day(words) == nil, let (_, count) = clock(words) else { return false }
    return day(words.dropFirst(count)) == nil
  }

  /// Nothing but a number: a day only where another expression gives it its month.
  func isBare(_ words: ArraySlice<Token>) -> Bool {
    words.allSatisfy { $0.word == "the" || $0.word.allSatisfy(\.isNumber) }
  }

  /// "last 3 hours", "the past week", "recently".
  func backwards(_ words: ArraySlice<Token>) -> (TimeRange, count: Int)? {
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
      let amount = Token(String(word.dropLast())).number,
      let unit = TimeReader.units[String(letter)]
    {
      return (TimeRange(last: spelled(amount, unit)), taken + 1)
    }
    // "last week" is the week before this one; "past week" is seven days.
    guard let unit = TimeReader.units[rest.first?.word ?? ""] else { return nil }
    if first != "past" && unit != "hour" && unit != "minute" { return nil }
    return (TimeRange(last: spelled(1, unit)), taken + 1)
  }

  func spelled(_ amount: Double, _ unit: String) -> (String, String) {
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

  static let seconds: [String: Double] = [
    "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000,
    "year": 31_536_000,
  ]

  // MARK: Points and the spans that they cover

  func span(skippingThe words: ArraySlice<Token>) -> (Span, Int)? {
    if words.first?.word == "the", let (span, taken) = span(words.dropFirst()) {
      return (span, taken + 1)
    }
    return span(words)
  }

  func span(_ words: ArraySlice<Token>) -> (Span, Int)? {
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

  static let parts: [String: (Int64, Int64)] = [
    "morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 30),
  ]

  /// "3 days ago"
  func ago(_ words: ArraySlice<Token>) -> (Span, Int)? {
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
  func clock(_ words: ArraySlice<Token>) -> (TimeSpan, Int)? {
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
    if offset != nil, hour > 12 { return nil }
    let minute = parts.count > 1 ? parts[1] ?? 60 : 0
    let hours = offset.map { hour % 12 + $0 } ?? hour
    guard (0...23).contains(hours), (0...59).contains(minute) else { return nil }
    return (.minutes(hours * 60 + minute), taken)
  }
}
