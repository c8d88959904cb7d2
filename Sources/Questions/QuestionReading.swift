import Primitives

/// One question while it is being read: which words were taken for what.
struct QuestionReading {
  var tokens: [Token]
  let words: QuestionWords
  let fields: [String]
  let now: Timestamp
  var understood = Understood()
  var hasIntent = false
  /// Why it cannot be answered although each of its words was understood.
  var conflict: String?
  /// Something was said that narrows down what is meant.
  var found = 0
  var asksWhich = false
  var fieldIsPlural = false
  var mentionsAlerts = false

  init(tokens: [Token], words: QuestionWords, fields: [String], now: Timestamp) {
    self.tokens = tokens
    self.words = words
    self.fields = fields
    self.now = now
  }

  /// Something was taken from the question before its words were read.
  mutating func narrow() { found += 1 }

  var foundNothing: Bool { found == 0 && !mentionsAlerts && !hasIntent }

  /// Words that say something and were taken for nothing.
  var unknown: [String] { tokens.filter { !$0.isUsed }.map(\.word) }
  var rawUnknown: [String] { tokens.filter { !$0.isUsed }.map(\.raw) }

  /// "and for devices?", "what about yesterday", "only critical ones"
  var isFollowUp: Bool {
    let first = tokens.prefix(2).map(\.word)
    if ["and", "only", "just", "now", "same", "but", "without", "instead", "or"].contains(first[0])
    {
      return true
    }
    return first == ["what", "about"] || first == ["how", "about"]
  }

  /// Reads all; gives the reason where it cannot be answered.
  mutating func read() -> String? {
    readEvent()
    readTimes()
    readCounts()
    readAmounts()
    // Hours of no day are today's, as far as they are over.
    if let time = understood.time, time.isOfHours, let before = time.before, before > now {
      understood.time?.before = nil
    }
    if let reason = readPhrases() { return reason }
    readEntities()
    finish()
    return conflict ?? leftOut
  }

  /// Words after which an answer would be the opposite of what was asked.
  var leftOut: String? {
    tokens.contains { !$0.isUsed && ["not", "no", "nor", "never"].contains($0.word) }
      ? "I cannot leave out what is named: ask for what is wanted, or filter the list in Lua" : nil
  }

  // MARK: Times

  mutating func readTimes() {
    let reader = TimeReader(now: now)
    var index = 0
    while index < tokens.count {
      guard !tokens[index].isUsed,
        let (range, taken) = hours(at: index, reader) ?? reader.range(tokens[index...])
      else {
        index += 1
        continue
      }
      if let problem = range.problem { conflict = problem }
      // "versus yesterday", "compared with last week": what it is held against.
      let before = tokens[..<index].suffix(3).map(\.word)
      let isAgainst =
        ["versus", "vs", "against", "than"].contains(before.last)
        || before.suffix(2) == ["compared", "with"] || before.suffix(2) == ["compared", "to"]
        || understood.time != nil && ["with", "to", "and"].contains(before.last)
          && tokens[..<index].contains { $0.word == "compare" }
      if isAgainst {
        understood.against = range
        understood.intent = .changed
        hasIntent = true
        use(index - (before.suffix(2).first == "compared" ? 2 : 1)..<index)
      } else if let known = understood.time {
        understood.time = both(known, range, reader)
        if understood.time == nil {
          conflict = "two times are named that have nothing in common: ask for one of them"
          return
        }
      } else {
        understood.time = range
      }
      found += 1
      use(index..<index + taken)
      index += taken
    }
  }

  /// "yesterday between 9 and 17": hours without minutes, which are days of the month where no day is named beside them.
  private func hours(at index: Int, _ reader: TimeReader) -> (TimeRange, count: Int)? {
    guard let found = reader.bareHours(tokens[index...]) else { return nil }
    var namesDay = found.isSure || understood.time.map { reader.isDay($0) } ?? false
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

  mutating func finish() {
    for index in tokens.indices where QuestionReading.small.contains(tokens[index].word) {
      tokens[index].isUsed = true
    }
    if understood.id != nil {
      if ![.why, .counterfactual, .prove].contains(understood.intent) {
        understood.intent = .alert
      }
    }
    if understood.event != nil, understood.intent != .whatif { understood.intent = .whynot }
    // A profile or a risk is of somebody; a rule, of a rule.
    if understood.intent == .rules, understood.time == nil, understood.by == nil,
      let rule = understood.filters["rule"], !rule.hasSuffix("*")
    {
      understood.intent = .rule
    }
    let money: Set = ["cost", "costs", "costliest", "expensive"]
    if understood.intent == .tally || understood.by != nil,
      understood.numbers["min_cost"] == nil, understood.numbers["max_cost"] == nil,
      understood.intent != .ledger, tokens.contains(where: { money.contains($0.word) })
    {
      conflict =
        "counts are of alerts and not of money: ledger() knows what rules cost, and alerts{order = \"cost\"} the dearest"
    }
    if asksWhich && understood.by == nil, let field = understood.filters["field"] {
      understood.by = field
      understood.filters["field"] = nil
      understood.intent = .tally
    }
    if understood.by != nil, understood.intent == .alerts || understood.intent == .count {
      understood.intent = .tally
    }
    if understood.intent == .entity {
      // Without its field it is no profile, and with a time it is a list.
      if understood.time != nil || !(understood.filters["entity"]?.contains("=") ?? false),
        understood.filters["entity"] != nil
      {
        understood.intent = .alerts
      }
    }
    if understood.intent == .rules, understood.time != nil {
      understood.intent = .tally
      understood.by = "rule"
    }
    if understood.intent == .rules, let rule = understood.filters["rule"], !rule.hasSuffix("*") {
      understood.intent = .rule
    }
    if understood.intent == .changed, understood.time == nil, let against = understood.against {
      // "what is new compared with last week": since its end.
      if let end = against.before {
        understood.time = TimeRange(since: end)
      } else {
        understood.time = against
        understood.against = nil
      }
    }
    if understood.order == "newest" { understood.order = nil }
    // "oldest first"
    if understood.order != nil, tokens.last?.word == "first" {
      tokens[tokens.count - 1].isUsed = true
    }
    if understood.order != nil, understood.order == "oldest", understood.limit == nil,
      tokens.contains(where: { $0.word == "alert" })
    {
      understood.limit = 1
    }
  }

  mutating func use(_ range: Range<Int>) {
    for index in range where tokens.indices.contains(index) { tokens[index].isUsed = true }
  }

  /// Words that join others and mean nothing by themselves.
  static let small: Set<String> = [
    "a", "an", "the", "of", "for", "in", "on", "at", "to", "by", "with", "from", "and", "or", "is",
    "are", "was", "were", "be", "been", "do", "does", "did", "have", "has", "had", "we", "us",
    "our",
    "i", "me", "my", "you", "it", "its", "they", "them", "their", "that", "this", "those", "these",
    "there", "which", "what", "who", "whose", "how", "any", "anything", "all", "some", "please",
    "can", "may", "might", "could", "would", "should", "will", "about", "as", "than", "then", "so",
    "if",
    "only", "just", "but", "also", "more", "most", "many", "much", "over", "per", "each", "every",
    "=", "-", "&", "ones", "one", "up", "down", "out", "into", "same", "now", "instead", "during",
  ]
}
