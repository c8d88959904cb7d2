import Primitives

/// The numbers of a question: how many are asked for, amounts, and what an event would have been.
extension QuestionReading {
  /// "top 5", "the ten worst", "5 newest"
  mutating func readCounts() {
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

  func compares(_ index: Int) -> Bool {
    index > 0
      && ["over", "above", "than", "under", "below", "least", ">", "<"].contains(
        tokens[index - 1].word)
  }

  static let above: [[String]] = [
    ["more", "than"], ["greater", "than"], ["higher", "than"], ["larger", "than"], ["at", "least"],
    ["over"], ["above"], ["exceeding"], [">"], [">="], ["from"], ["beyond"],
  ]
  static let below: [[String]] = [
    ["less", "than"], ["lower", "than"], ["at", "most"], ["under"], ["below"], ["<"], ["<="],
    ["up", "to"],
  ]

  mutating func readAmounts() {
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
  mutating func readAmountsBetween() {
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
  mutating func readEvent() {
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
        (
          name,
          value.number.map { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : "\($0)" }
            ?? "\"\(text)\""
        ))
      use(index..<index + 3)
      index += 3
    }
    understood.intent = .whatif
    hasIntent = true
  }

  /// How many words before a number say that it is a bound.
  func comparison(before index: Int, _ known: [[String]]) -> Int {
    for phrase in known where index >= phrase.count {
      if tokens[index - phrase.count..<index].map(\.word) == phrase { return phrase.count }
    }
    return 0
  }
}
