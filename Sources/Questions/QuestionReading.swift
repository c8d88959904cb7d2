import Primitives

/// One question while it is being read: which words were taken for what.
struct QuestionReading {
  var tokens: [Token]
  let words: QuestionWords
  let fields: [String]
  let now: Timestamp
  var understood = Understood()
  private(set) var hasIntent = false
  /// Why it cannot be answered although each of its words was understood.
  private var conflict: String?
  /// Something was said that narrows down what is meant.
  private var found = 0
  private var asksWhich = false
  private var fieldIsPlural = false
  private var mentionsAlerts = false

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
    if let reason = readPhrases() { return reason }
    readEntities()
    finish()
    return conflict ?? leftOut
  }

  /// Words after which an answer would be the opposite of what was asked.
  private var leftOut: String? {
    tokens.contains { !$0.isUsed && ["not", "no", "nor", "never"].contains($0.word) }
      ? "I cannot leave out what is named: ask for what is wanted, or filter the list in Lua" : nil
  }

  // MARK: Times and amounts

  private mutating func readTimes() {
    let reader = TimeReader(now: now)
    var index = 0
    while index < tokens.count {
      guard !tokens[index].isUsed, let (range, taken) = reader.range(tokens[index...]) else {
        index += 1
        continue
      }
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
        understood.time = both(known, range)
      } else {
        understood.time = range
      }
      found += 1
      use(index..<index + taken)
      index += taken
    }
  }

  /// "since Monday … before Friday", "after 5pm yesterday": both hold.
  private func both(_ a: TimeRange, _ b: TimeRange) -> TimeRange {
    if a.last != nil || b.last != nil { return b }
    if a.isOfHours != b.isOfHours {
      let (hours, day) = a.isOfHours ? (a, b) : (b, a)
      let midnight = TimeReader.midnight(hours.since ?? hours.before ?? now)
      // "on march 30 between 14:00 and 16:00": the hours of that day.
      if let since = day.since, TimeReader.midnight(since) == since,
        (day.before ?? TimeReader.midnight(now) + .days(1)) - since <= .days(1)
      {
        return hours.moved(to: since, from: midnight)
      }
      // "since friday before 5pm": until that hour of today.
      if hours.since == midnight, let before = hours.before, let since = day.since, since < before {
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
    let joint = TimeRange(since: later(a.since, b.since), before: earlier(a.before, b.before))
    if let since = joint.since, let before = joint.before, since >= before { return b }
    return joint
  }

  /// "top 5", "the ten worst", "5 newest"
  private mutating func readCounts() {
    for index in tokens.indices where !tokens[index].isUsed && !tokens[index].isMoney {
      guard let number = tokens[index].number, number >= 1, number < 1e6,
        number == number.rounded(),
        !tokens[index].isShare
      else { continue }
      let before = index > 0 ? tokens[index - 1].word : ""
      let after = index + 1 < tokens.count ? tokens[index + 1].word : ""
      let ranks = [
        "worst", "newest", "latest", "most", "costliest", "biggest", "oldest", "highest", "recent",
        "expensive", "first",
      ]
      let listed = ["alerts", "alert", "results", "rows", "ones"].contains(after)
      let isRank =
        ["top", "first", "newest", "latest", "last", "worst", "oldest", "limit", "best"].contains(
          before)
        || ranks.contains(after) || (listed && !compares(index))
      guard isRank else { continue }
      understood.limit = Int(number)
      if (before == "first" || after == "first") && understood.order == nil {
        understood.order = "oldest"
      }
      if before == "top" { asksWhich = true }
      found += 1
      use(index..<index + 1)
      if ["top", "limit", "best"].contains(before) || (before == "last" && listed)
        || before == "first"
      {
        use(index - 1..<index)
      }
    }
  }

  private func compares(_ index: Int) -> Bool {
    index > 0
      && ["over", "above", "than", "under", "below", "least", ">", "<"].contains(
        tokens[index - 1].word)
  }

  private static let above: [[String]] = [
    ["more", "than"], ["greater", "than"], ["higher", "than"], ["larger", "than"], ["at", "least"],
    ["over"], ["above"], ["exceeding"], [">"], [">="], ["from"], ["beyond"],
  ]
  private static let below: [[String]] = [
    ["less", "than"], ["lower", "than"], ["at", "most"], ["under"], ["below"], ["<"], ["<="],
    ["up", "to"],
  ]

  private mutating func readAmounts() {
    readAmountsBetween()
    for index in tokens.indices where !tokens[index].isUsed {
      guard let number = tokens[index].number else { continue }
      let low = comparison(before: index, QuestionReading.above)
      let high = comparison(before: index, QuestionReading.below)
      guard low > 0 || high > 0 || tokens[index].isMoney else { continue }
      let near = tokens[max(0, index - 5)..<min(tokens.count, index + 2)].map(\.word)
      let isScore =
        tokens[index].isShare || near.contains("score") || near.contains("probability")
        || near.contains("scores") || near.contains("scored")
      let after = index + 1 < tokens.count ? tokens[index + 1].word : ""
      let isMoney =
        tokens[index].isMoney || ["dollars", "dollar", "usd", "bucks"].contains(after)
        || !Set(near).isDisjoint(with: [
          "cost", "costs", "costing", "worth", "amount", "loss", "value",
        ])
        || tokens[index].word.hasSuffix("k")
      guard isScore || isMoney else { continue }
      if isScore {
        guard low > 0 else { continue }
        understood.numbers["min_score"] = number
      } else {
        understood.numbers[high > 0 ? "max_cost" : "min_cost"] = number
      }
      found += 1
      use(
        index - max(low, high)..<index
          + (["dollars", "dollar", "usd", "bucks"].contains(after) ? 2 : 1))
      for other in max(0, index - 5)..<min(tokens.count, index + 3)
      where [
        "score", "probability", "scores", "scored", "cost", "costs", "costing", "worth", "amount",
        "loss", "value",
      ].contains(tokens[other].word) {
        tokens[other].isUsed = true
      }
    }
  }

  /// "between $100 and $500"
  private mutating func readAmountsBetween() {
    for index in tokens.indices.dropLast(3)
    where tokens[index].word == "between" && tokens[index + 2].word == "and" {
      guard let low = tokens[index + 1].number, let high = tokens[index + 3].number else {
        continue
      }
      let after = index + 4 < tokens.count ? tokens[index + 4].word : ""
      let isNamed = ["dollars", "dollar", "usd", "bucks"].contains(after)
      guard tokens[index + 1].isMoney || tokens[index + 3].isMoney || isNamed else { continue }
      understood.numbers["min_cost"] = min(low, high)
      understood.numbers["max_cost"] = max(low, high)
      found += 1
      use(index..<index + (isNamed ? 5 : 4))
    }
  }

  /// "event e42", "if event e42 had amount 10": the id, and values that fields would have.
  private mutating func readEvent() {
    guard let place = tokens.firstIndex(where: { $0.word == "event" }), place + 1 < tokens.count,
      looksLikeName(tokens[place + 1].raw)
    else { return }
    understood.event = tokens[place + 1].raw
    found += 1
    use(place..<place + 2)
    guard tokens[..<place].contains(where: { $0.word == "if" }) else { return }
    var index = place + 2
    while index + 2 < tokens.count,
      ["had", "has", "were", "was", "and", "with"].contains(tokens[index].word)
    {
      let name = tokens[index + 1].word
      guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }),
        name.first?.isLetter ?? false
      else { return }
      let value = tokens[index + 2]
      let text = value.raw.replacing("\\", with: "").replacing("\"", with: "")
      understood.values.append(
        (name, value.number.map { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : "\($0)" }
          ?? "\"\(text)\""))
      use(index..<index + 3)
      index += 3
    }
    understood.intent = .whatif
    hasIntent = true
  }

  /// How many words before a number say that it is a bound.
  private func comparison(before index: Int, _ known: [[String]]) -> Int {
    for phrase in known where index >= phrase.count {
      if tokens[index - phrase.count..<index].map(\.word) == phrase { return phrase.count }
    }
    return 0
  }

  // MARK: Phrases

  private mutating func readPhrases() -> String? {
    var index = 0
    while index < tokens.count {
      guard !tokens[index].isUsed else {
        index += 1
        continue
      }
      var length = min(words.longest, tokens.count - index)
      var meaning: Meaning?
      while length > 0 {
        let slice = tokens[index..<index + length]
        if !slice.contains(where: \.isUsed) {
          meaning = words.phrases[slice.map(\.word)]
          if meaning != nil { break }
        }
        length -= 1
      }
      guard let meaning else {
        index += 1
        continue
      }
      if case .cannot(let reason) = meaning { return reason }
      take(meaning, at: index, length)
      index += max(1, length)
    }
    return nil
  }

  private mutating func take(_ meaning: Meaning, at index: Int, _ length: Int) {
    let before = index > 0 ? tokens[index - 1].word : ""
    let groups = ["by", "per", "each", "every"].contains(before)
    switch meaning {
    case .nothing, .cannot: break
    case .rule(let id):
      // A family says less than a rule that is named beside it.
      if let known = understood.filters["rule"], known != id {
        if !known.hasSuffix("*"), id.hasSuffix("*") { break }
        if !known.hasSuffix("*") || !id.hasPrefix(known.dropLast()) { onlyOne("rule") }
      }
      understood.filters["rule"] = id
      found += 1
    case .category(let name): set("category", name)
    case .owner(let key): set("owner", key)
    case .source(let id): set("source", id)
    case .severity(let word):
      let ranks = ["info", "low", "medium", "high", "critical"]
      if let known = understood.filters["severity"], known != word,
        let a = ranks.firstIndex(of: known), let b = ranks.firstIndex(of: word)
      {
        // "critical or high" is high and above; "critical or low" is none of what can be asked.
        if abs(a - b) > 1 { onlyOne("severity") }
        set("severity", ranks[min(a, b)], replaces: true)
      } else {
        set("severity", word)
      }
    case .status(let word): set("status", word)
    case .disposition(let word): set("disposition", word)
    case .kind(let word): set("kind", word)
    case .order(let word): understood.order = word
    case .key(let word):
      if word == "day" || word == "hour" {
        guard groups || word == "hour" && (asksWhich || understood.intent == .timeline) else {
          return
        }
        understood.intent = .timeline
        if asksWhich { understood.intent = .tally }
        understood.by = word
        hasIntent = true
      } else if groups || asksWhich {
        understood.by = word
        understood.intent = .tally
        hasIntent = true
      } else {
        return
      }
      found += 1
    case .field(let field):
      if readEntity(of: field, at: index, length) { return }
      if groups || asksWhich || tokens[index].word == "who" {
        understood.by = field
        understood.intent = .tally
        hasIntent = true
      } else if understood.filters["entity"] == nil {
        understood.filters["field"] = field
      }
      found += 1
    case .intent(let word): takeIntent(word)
    }
    use(index..<index + length)
    if groups, index > 0 { use(index - 1..<index) }
  }

  private mutating func set(_ key: String, _ value: String, replaces: Bool = false) {
    if let known = understood.filters[key], known != value, !replaces { onlyOne(key) }
    understood.filters[key] = value
    found += 1
  }

  private mutating func onlyOne(_ what: String) {
    conflict =
      "two of '\(what)' are named, and I look for one at a time: ask for each, or filter the list in Lua"
  }

  private mutating func takeIntent(_ word: String) {
    switch word {
    case "which": asksWhich = true
    case "alerts": mentionsAlerts = true
    case "trend":
      understood.intent = .timeline
      understood.by = understood.by ?? "day"
      if tokens.contains(where: { $0.word == "hourly" }) { understood.by = "hour" }
      hasIntent = true
    default:
      guard let intent = Understood.Intent(rawValue: word) else { return }
      // "how many … per user": a tally was asked for already.
      if understood.intent == .tally && intent == .count { return }
      understood.intent = intent
      hasIntent = true
    }
  }

  /// "user ana", "card 4711": a field with its value.
  private mutating func readEntity(of field: String, at index: Int, _ length: Int) -> Bool {
    var next = index + length
    if next < tokens.count, ["=", "named", "called", "number", "no"].contains(tokens[next].word) {
      next += 1
    }
    guard next < tokens.count, !tokens[next].isUsed, tokens[index].word != "who",
      tokens[index].word == field.lowercased() || looksLikeName(tokens[next].raw),
      looksLikeName(tokens[next].raw) || words.phrases[[tokens[next].word]] == nil
    else { return false }
    understood.filters["entity"] = "\(field)=\(tokens[next].raw)"
    understood.filters["field"] = nil
    found += 1
    use(index..<next + 1)
    return true
  }

  private func looksLikeName(_ raw: String) -> Bool { raw.contains(where: \.isNumber) }

  // MARK: Entities that are named by nothing but their names

  private mutating func readEntities() {
    for index in tokens.indices where !tokens[index].isUsed {
      let token = tokens[index]
      if let sign = token.raw.firstIndex(of: "="), sign > token.raw.startIndex,
        fields.contains(String(token.raw[..<sign]))
      {
        set("entity", token.raw)
        use(index..<index + 1)
        continue
      }
      let isID =
        token.word.count >= 8 && token.word.count <= 20
        && token.word.allSatisfy { "0123456789abcdef".contains($0) } && looksLikeName(token.raw)
        && token.word.contains(where: \.isLetter)
      if isID {
        understood.id = token.word
        found += 1
        use(index..<index + 1)
        continue
      }
      let before = index > 0 ? tokens[index - 1].word : ""
      let isNamed = [
        "for", "of", "by", "from", "on", "about", "involving", "against", "with", "did", "flag",
        "to", "is", "was",
      ].contains(before)
      guard understood.filters["entity"] == nil, !QuestionReading.small.contains(token.word) else {
        continue
      }
      if looksLikeName(token.raw) && token.number == nil
        || isNamed && ["for", "of", "by", "about", "involving", "on", "from"].contains(before)
        || looksLikeName(token.raw) && isNamed
      {
        let field =
          understood.intent == .entity ? understood.filters["field"].map { "\($0)=" } : nil
        set("entity", (field ?? "") + token.raw)
        use(index..<index + 1)
      }
    }
  }

  private mutating func finish() {
    for index in tokens.indices where QuestionReading.small.contains(tokens[index].word) {
      tokens[index].isUsed = true
    }
    if understood.id != nil {
      if ![.why, .counterfactual, .prove].contains(understood.intent) { understood.intent = .alert }
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
    if understood.order != nil, understood.order == "oldest", understood.limit == nil,
      tokens.contains(where: { $0.word == "alert" })
    {
      understood.limit = 1
    }
  }

  private mutating func use(_ range: Range<Int>) {
    for index in range where tokens.indices.contains(index) { tokens[index].isUsed = true }
  }

  /// Words that join others and mean nothing by themselves.
  private static let small: Set<String> = [
    "a", "an", "the", "of", "for", "in", "on", "at", "to", "by", "with", "from", "and", "or", "is",
    "are", "was", "were", "be", "been", "do", "does", "did", "have", "has", "had", "we", "us",
    "our",
    "i", "me", "my", "you", "it", "its", "they", "them", "their", "that", "this", "those", "these",
    "there", "which", "what", "who", "whose", "how", "any", "anything", "all", "some", "please",
    "can", "could", "would", "should", "will", "about", "as", "than", "then", "so", "if",
    "only", "just", "but", "also", "more", "most", "many", "much", "over", "per", "each", "every",
    "=", "-", "&", "ones", "one", "up", "down", "out", "into", "same", "now", "instead", "during",
  ]
}
