import Primitives

/// The numbers of a question: how many are asked for, bounds, and what an event would have been.
extension QuestionReading {
  mutating func readNumbers() {
    readCounts()
    readBetween()
    readBounds()
  }

  private static let ranks: Set = [
    "worst", "newest", "latest", "most", "costliest", "biggest", "oldest", "highest", "recent",
    "expensive", "first", "largest", "smallest", "lowest", "fewest", "riskiest", "last",
  ]

  /// Whether something that can be listed begins at a word, behind what qualifies it.
  private func noun(at index: Int) -> Noun? {
    var index = skipSmall(from: index)
    for _ in 0..<4 {
      if let noun = nouns.first(where: { $0.at.lowerBound == index }) { return noun }
      if let next = placed.first(where: { $0.at.lowerBound == index }) {
        index = next.at.upperBound
      } else {
        return nil
      }
    }
    return nil
  }

  /// "top 5", "the ten worst", "5 newest"
  private mutating func readCounts() {
    for index in tokens.indices where !tokens[index].isUsed && !tokens[index].isMoney {
      guard let number = tokens[index].number, number >= 1, number < 1e6,
        number == number.rounded(), !tokens[index].isShare, !isBound(index)
      else { continue }
      let (before, after) = (word(index - 1), word(index + 1))
      let listed = noun(at: index + 1)
      let isTop = ["top", "first", "newest", "latest", "worst", "oldest", "limit", "best", "last"]
        .contains(before)
      let isRank =
        isTop && (before != "last" || listed != nil || after == "ones" || after.isEmpty)
        || QuestionReading.ranks.contains(after) || ["results", "rows", "ones"].contains(after)
        || measures.contains { $0.at.lowerBound == index + 1 || $0.at.upperBound == index }
        || listed.map { isListed($0, number: index) } ?? false
      guard isRank else { continue }
      query.limit = Int(number)
      if before == "first" || after == "first", query.order == nil { query.order = "oldest" }
      if ["top", "best"].contains(before) { (asksWhich, hasMost) = (asksWhich ?? index - 1, true) }
      found += 1
      use(index..<index + 1)
      if isTop { use(index - 1..<index) }
      if ["results", "rows", "first", "last"].contains(after) { use(index + 1..<index + 2) }
    }
  }

  private func isListed(_ noun: Noun, number: Int) -> Bool {
    switch noun.what {
    case .alerts, .events, .kind: true
    // "which 3 rules": how many groups.
    case .field, .key: asksWhich != nil && word(number - 1) != "of"
    }
  }

  /// Words before a number that say how it bounds, the longest first.
  private static let comparisons: [([String], Query.Comparison)] = [
    (["greater", "than", "or", "equal", "to"], .atLeast),
    (["less", "than", "or", "equal", "to"], .atMost),
    (["not", "more", "than"], .atMost), (["no", "more", "than"], .atMost),
    (["not", "less", "than"], .atLeast), (["no", "less", "than"], .atLeast),
    (["more", "than"], .above), (["greater", "than"], .above), (["higher", "than"], .above),
    (["larger", "than"], .above), (["bigger", "than"], .above), (["costlier", "than"], .above),
    (["at", "least"], .atLeast), (["minimum", "of"], .atLeast), (["less", "than"], .below),
    (["lower", "than"], .below), (["fewer", "than"], .below), (["smaller", "than"], .below),
    (["cheaper", "than"], .below), (["at", "most"], .atMost), (["maximum", "of"], .atMost),
    (["up", "to"], .atMost), (["over"], .above), (["above"], .above), (["exceeding"], .above),
    (["beyond"], .above), ([">"], .above), ([">="], .atLeast), (["under"], .below),
    (["below"], .below), (["<"], .below), (["<="], .atMost),
  ]

  /// How a number is bounded by the words before it, and how many they are; both bounds where it is to be the number itself.
  private func comparison(before index: Int) -> (comparisons: [Query.Comparison], count: Int)? {
    for (phrase, comparison) in QuestionReading.comparisons where index >= phrase.count {
      if tokens[index - phrase.count..<index].map(\.word) == phrase {
        return ([comparison], phrase.count)
      }
    }
    for phrase in [["exactly"], ["equal", "to"], ["equals"], ["="]] where index >= phrase.count {
      if tokens[index - phrase.count..<index].map(\.word) == phrase {
        return ([.atLeast, .atMost], phrase.count)
      }
    }
    // "amount 100", "with a value of 3"
    let before = word(index - 1) == "of" || word(index - 1) == "is" ? index - 1 : index
    if nouns.contains(where: {
      if case .field(let name) = $0.what {
        schema.isNumber(name) && $0.at.upperBound == before
      } else {
        false
      }
    }) {
      return ([.atLeast, .atMost], index - before)
    }
    // "5 or more", "10 or fewer"
    if word(index + 1) == "or", ["more", "above", "higher"].contains(word(index + 2)) {
      return ([.atLeast], 0)
    }
    if word(index + 1) == "or", ["less", "fewer", "below", "lower"].contains(word(index + 2)) {
      return ([.atMost], 0)
    }
    return nil
  }

  private func isBound(_ index: Int) -> Bool { comparison(before: index) != nil }

  private static let dollars: Set = ["dollars", "dollar", "usd", "bucks"]
  private static let ofCost: Set = ["costing", "worth", "estimated", "cost"]

  private mutating func readBounds() {
    for index in tokens.indices where !tokens[index].isUsed {
      guard let number = tokens[index].number else { continue }
      let known = comparison(before: index)
      // "$1000 alerts" is about as much as "over $1000" to nobody: without a comparison it is asked back.
      guard let (comparisons, length) = known else { continue }
      let isAfter =
        length == 0 && word(index + 1) == "or"
        && ["more", "above", "higher", "less", "fewer", "below", "lower"].contains(word(index + 2))
      let at = index - length..<index + (isAfter ? 3 : 1)
      guard bound(number, comparisons, at, index) else { continue }
      found += 1
    }
  }

  /// Says what is bounded; false where nothing can be.
  private mutating func bound(
    _ number: Double, _ comparisons: [Query.Comparison], _ at: Range<Int>, _ index: Int
  ) -> Bool {
    let near = max(0, at.lowerBound - 4)..<min(tokens.count, at.upperBound + 3)
    func nearby(_ known: Set<String>) -> Int? { near.first { known.contains(word($0)) } }
    func add(_ name: String) {
      for comparison in comparisons {
        query.bounds.removeAll { $0.name == name && $0.comparison == comparison }
        query.bounds.append(.init(name: name, comparison: comparison, number: number))
      }
      use(at)
    }
    // "amount over 3000", "over 3000 in amount"
    // The nearest before it, else the nearest behind.
    let fields = nouns.indices.filter { noun in
      guard case .field(let name) = nouns[noun].what, schema.isNumber(name) else { return false }
      return near.contains(nouns[noun].at.lowerBound)
    }
    let field =
      fields.last { nouns[$0].at.upperBound <= at.lowerBound }
      ?? fields.first { nouns[$0].at.lowerBound >= at.upperBound }
    if let field, case .field(let name) = nouns[field].what {
      nouns[field].isTaken = true
      // "cards with a total amount over 10000": of each group.
      let place = nouns[field].at.lowerBound
      if let measure = measures.firstIndex(where: {
        $0.of == nil && !$0.word.isEmpty
          && ($0.at.upperBound == place || $0.at.upperBound == place - 1)
      }), nouns.contains(where: isGroupable) {
        for comparison in comparisons { query.having[comparison] = number }
        query.amount = .init(word: measures.remove(at: measure).word, of: name)
        hasMost = true
        use(at)
        return true
      }
      add(name)
      if QuestionReading.dollars.contains(word(at.upperBound)), name == "cost" {
        useDollars(at.upperBound)
      }
      return true
    }
    if tokens[index].isShare {
      add("score")
      return true
    }
    let unit = at.upperBound
    // "more than 10 devices", "at least 3 alerts": of each group.
    if !tokens[index].isMoney, unit == index + 1 || unit == index + 3, let noun = noun(at: unit),
      let place = nouns.firstIndex(where: { $0.at == noun.at }),
      nouns.contains(where: { $0.at != noun.at && isGroupable($0) })
        || isFollowUp
    {
      for comparison in comparisons { query.having[comparison] = number }
      if case .field(let name) = noun.what {
        query.amount = .init(word: "distinct", of: name)
        nouns[place].isTaken = true
      }
      hasMost = true
      use(at)
      return true
    }
    let isEvents =
      base?.subject == .events
      || nouns.contains { if case .kind = $0.what { true } else { $0.what == .events } }
    let currency: String? =
      if case .value(let field, _)? = words.phrases[[word(unit)]] { field } else { nil }
    let isDollars = QuestionReading.dollars.contains(word(unit)) && currency == nil
    if isEvents, !mentionsAlerts, let name = mainNumber() {
      add(name)
      if isDollars { use(unit..<unit + 1) }
      return true
    }
    if currency != nil, !mentionsAlerts, let name = mainNumber() {
      add(name)
      return true
    }
    let cost = nearby(QuestionReading.ofCost)
    guard
      tokens[index].isMoney || isDollars || cost != nil || word(index).hasSuffix("k")
        || QuestionReading.dollars.contains(word(unit))
    else { return false }
    add("cost")
    // Of a cost "usd" says no more than "$".
    if QuestionReading.dollars.contains(word(unit)) { useDollars(unit) }
    for place in near where QuestionReading.ofCost.contains(word(place)) { use(place..<place + 1) }
    return true
  }

  private mutating func useDollars(_ index: Int) {
    use(index..<index + 1)
    placed.removeAll { $0.at.lowerBound == index }
  }

  /// What an amount is of where no field is named: of metrics their value, of payments their amount.
  func mainNumber() -> String? {
    for noun in nouns {
      if case .kind("metric", _) = noun.what, schema.isNumber("value") { return "value" }
    }
    return ["amount", "value"].first { schema.isNumber($0) }
  }

  func isGroupable(_ noun: Noun) -> Bool {
    switch noun.what {
    case .field(let name): !noun.isTaken && !schema.isNumber(name)
    case .key: !noun.isTaken
    default: false
    }
  }

  /// "between $100 and $500"
  private mutating func readBetween() {
    for index in tokens.indices.dropLast(3)
    where isFree(index) && word(index) == "between" && word(index + 2) == "and" {
      guard let low = tokens[index + 1].number, let high = tokens[index + 3].number else {
        continue
      }
      let at = index..<index + 4
      guard bound(min(low, high), [.atLeast], at, index + 1) else { continue }
      // The same for the other end: what it is of was found already.
      if let name = query.bounds.last?.name, query.having.isEmpty {
        query.bounds.append(.init(name: name, comparison: .atMost, number: max(low, high)))
      } else {
        query.having[.atMost] = max(low, high)
      }
      if QuestionReading.dollars.contains(word(index + 4)) { use(index + 4..<index + 5) }
      found += 1
    }
  }

  /// "event e42", "if event e42 had amount 10": the id, and values that fields would have.
  mutating func readEvent() {
    guard let place = tokens.firstIndex(where: { $0.word == "event" }), place + 1 < tokens.count,
      looksLikeName(tokens[place + 1].raw), tokens[place + 1].number == nil
    else { return }
    query.event = tokens[place + 1].raw
    found += 1
    use(place..<place + 2)
    guard tokens[..<place].contains(where: { $0.word == "if" }) else { return }
    for index in 0..<place where ["what", "if"].contains(word(index)) { use(index..<index + 1) }
    var index = place + 2
    while index + 2 < tokens.count,
      ["had", "has", "were", "was", "and", "with"].contains(word(index))
    {
      let name = word(index + 1)
      guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }),
        name.first?.isLetter ?? false
      else { return }
      let value = tokens[index + 2]
      let text = value.raw.replacing("\\", with: "").replacing("\"", with: "")
      query.values.append(
        .init(field: name, value: value.number.map(Query.number) ?? "\"\(text)\""))
      use(index..<index + 3)
      index += 3
    }
    query.act = .whatif
    hasAct = true
  }
}
