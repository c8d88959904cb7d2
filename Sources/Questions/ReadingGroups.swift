/// What a question groups by, and what it adds up.
extension QuestionReading {
  private static let grouping: Set = ["by", "per", "each", "every"]

  mutating func readGroups() {
    readKeys()
    readWhich()
    readMeasures()
  }

  private func key(_ noun: Noun) -> String? {
    switch noun.what {
    case .field(let name): name
    case .key(let name): name
    case .kind, .alerts, .events: nil
    }
  }

  /// "by user and rule", "per card", "for each team"
  private mutating func readKeys() {
    for index in tokens.indices
    where isFree(index) && QuestionReading.grouping.contains(word(index)) {
      var place = index + 1
      while ["each", "the", "number", "of", "every"].contains(word(place)) { place += 1 }
      // "by number of alerts": what groups are ordered by anyhow.
      if let noun = nouns.first(where: { $0.at.lowerBound == place }), noun.what == .alerts {
        use(index..<place)
        continue
      }
      guard take(keyAt: place) else { continue }
      use(index..<place)
      var end = end(ofNounAt: place)
      while ["and", "&", "then", "by"].contains(word(end)) {
        var next = end
        while ["and", "by", "then", "&"].contains(word(next)) { next += 1 }
        guard nouns.contains(where: { $0.at.lowerBound == next && !$0.isTaken }), take(keyAt: next)
        else { break }
        use(end..<next)
        end = self.end(ofNounAt: next)
      }
    }
    // What was not taken there groups where a comparison or "most" asks for groups: "users with most alerts".
    if query.by.isEmpty, hasMost || !query.having.isEmpty || asksWhich != nil {
      let place = nouns.indices.first { isGroupable(nouns[$0]) && (key(nouns[$0]) != nil) }
      if let place, asksWhich != nil || nouns[place].at.lowerBound == 0 || hasMost {
        addKey(place)
        // "which users and cards"
        let end = nouns[place].at.upperBound
        if ["and", "or"].contains(word(end)),
          let other = nouns.indices.first(where: {
            nouns[$0].at.lowerBound == end + 1 && isGroupable(nouns[$0])
          })
        {
          addKey(other)
          use(end..<end + 1)
        }
      }
    }
    if query.by.count > 2 { conflict = "I group by two things at most: leave one out" }
  }

  private func end(ofNounAt place: Int) -> Int {
    nouns.first { $0.at.lowerBound == place }?.at.upperBound ?? place
  }

  /// False where nothing stands there that can be grouped by.
  private mutating func take(keyAt place: Int) -> Bool {
    guard let noun = nouns.firstIndex(where: { $0.at.lowerBound == place }) else { return false }
    // "by amount" puts in order, or adds up; it makes no groups.
    if case .field(let name) = nouns[noun].what, schema.isNumber(name) {
      nouns[noun].isTaken = true
      measures.append(Measure(word: "", of: name, at: nouns[noun].at))
      return true
    }
    guard key(nouns[noun]) != nil else { return false }
    addKey(noun)
    return true
  }

  private mutating func addKey(_ place: Int) {
    guard let name = key(nouns[place]), !query.by.contains(name) else { return }
    query.by.append(name)
    nouns[place].isTaken = true
    found += 1
  }

  /// "how many users": different values, where it is no number of alerts or events.
  private mutating func readWhich() {
    guard let place = asksHowMany else { return }
    for index in tokens.indices where ["different", "distinct", "unique"].contains(word(index)) {
      use(index..<index + 1)
    }
    var next = place + 2
    while ["a", "the", "all", "of", "different", "distinct", "unique"].contains(word(next)) {
      next += 1
    }
    // "how many different failed logins": what stands between qualifies.
    for _ in 0..<4 {
      guard let filter = placed.first(where: { $0.at.lowerBound == next }) else { break }
      next = filter.at.upperBound
    }
    guard let noun = nouns.firstIndex(where: { $0.at.lowerBound == next && isGroupable($0) }),
      let name = key(nouns[noun]), query.amount == nil
    else { return }
    query.amount = .init(word: "distinct", of: name)
    nouns[noun].isTaken = true
  }

  /// "average amount", "biggest transaction", "spent": what is added up or put in order.
  private mutating func readMeasures() {
    // "total amount spent": the same said twice.
    var all = measures
    if all.contains(where: { !$0.word.isEmpty }) {
      all.removeAll { $0.word.isEmpty && $0.of == nil }
    }
    guard !all.isEmpty else { return }
    let field =
      all.compactMap(\.of).first
      ?? nouns.indices.first {
        if case .field(let name) = nouns[$0].what {
          schema.isNumber(name) && !nouns[$0].isTaken
        } else {
          false
        }
      }.flatMap { place in
        nouns[place].isTaken = true
        return key(nouns[place])
      }
    for place in nouns.indices where nouns[place].what == .field(field ?? "") {
      nouns[place].isTaken = true
    }
    let words = all.map(\.word).filter { !$0.isEmpty }
    let said = Set(all.filter { $0.of == nil }.map(\.word)).subtracting([""])
    // "the highest average": a rank of groups by what is counted of each.
    let ranks = said.intersection(["max", "min"])
    if said.count > 1, said.count - ranks.count != 1 || ranks.count != 1 || query.by.isEmpty {
      conflict = "I give one number at a time: ask for each"
      return
    }
    let isRank = said.count > 1 ? false : words.first.map { ["max", "min"].contains($0) } ?? true
    // Of what is left: "total loss", "average score".
    let column = field.map { QuestionSchema.alertNumbers.contains($0) } ?? mentionsAlerts
    // "lowest total cost": the total of each, the smallest first.
    let total = words.first { $0 == "mean" } ?? words.first { $0 == "sum" }
    let isRanked =
      total != nil && !query.by.isEmpty && words.contains { ["max", "min"].contains($0) }
    if isRanked, words.contains("min") { query.isFewest = true }
    let word =
      (isRanked ? total : nil) ?? words.first { $0 == "mean" } ?? words.first { $0 != "sum" }
      ?? words.first ?? (query.by.isEmpty ? "" : "sum")
    guard let name = field ?? (isRank ? (mentionsAlerts ? "cost" : mainNumber()) : nil) else {
      // "total alerts" are counted.
      if word == "sum" {
        if !hasAct, query.by.isEmpty { query.act = .count }
        hasAct = true
        return
      }
      conflict = "say of what, such as 'average amount' or 'highest score'"
      return
    }
    found += 1
    let isEvents = !column && schema.isNumber(name)
    let one = nouns.first { [.alerts, .events].contains($0.what) || isKind($0) }
    // "cards by cost"
    if isRank || word.isEmpty || word == "sum", query.by.isEmpty, !mentionsAlerts,
      !nouns.contains(where: isKind),
      !nouns.contains(where: { $0.what == .events }),
      let place = nouns.indices.first(where: { isGroupable(nouns[$0]) })
    {
      addKey(place)
    }
    let asksNumber =
      !query.by.isEmpty
      || field != nil && (asksWhich != nil || ["sum", "mean"].contains(word) || one == nil)
    if asksNumber, !word.isEmpty || !query.by.isEmpty {
      let word = word.isEmpty ? "sum" : word
      // The costliest rules are those that cost most in all.
      query.amount = .init(word: name == "cost" && word == "max" ? "sum" : word, of: name)
      if word == "min", !query.by.isEmpty { query.isFewest = true }
      return
    }
    // "the biggest transaction", "transactions by amount", "alerts with the highest score".
    query.order = name
    query.isReversed = word == "min"
    let isOne =
      one.map { !tokens[$0.at.upperBound - 1].word.hasSuffix("s") && isNamedOnce($0) } ?? false
    if query.limit == nil, isSingular(after: all[0].at.upperBound) || isOne, isEvents || column {
      query.limit = 1
    }
  }

  private func isKind(_ noun: Noun) -> Bool {
    if case .kind = noun.what { true } else { false }
  }

  /// "the alert with": one is meant.
  private func isNamedOnce(_ noun: Noun) -> Bool { word(noun.at.lowerBound - 1) == "the" }

  /// "the biggest transaction", "the oldest alert": one of them.
  func isSingular(after index: Int) -> Bool {
    var next = index
    for _ in 0..<4 {
      if let noun = nouns.first(where: { $0.at.lowerBound == next }) {
        switch noun.what {
        case .kind, .alerts, .events: return !tokens[noun.at.upperBound - 1].word.hasSuffix("s")
        case .field, .key: return false
        }
      }
      if let filter = placed.first(where: { $0.at.lowerBound == next }) {
        next = filter.at.upperBound
      } else if QuestionReading.small.contains(word(next)) {
        next += 1
      } else {
        return false
      }
    }
    return false
  }
}
