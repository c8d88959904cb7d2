/// Puts the parts of a question together: what is looked at, what is wanted, and whether all of it fits.
extension QuestionReading {
  mutating func assemble() {
    rejoin()
    if query.order == "newest" { query.order = nil }
    if query.order != nil, word(tokens.count - 1) == "first" {
      use(tokens.count - 1..<tokens.count)
    }
    readSpecial()
    if conflict != nil { return }
    if isSpecial { return checkSpecial() }
    decideSubject()
    if conflict != nil || doubt != nil { return }
    decideAct()
    takeFields()
    checkMost()
  }

  /// Whether the act stands for itself: it is of no list of alerts or events.
  var isSpecial: Bool {
    switch query.act {
    case .list, .count, .tally, .timeline, .why, .changed, .whynot: false
    default: true
    }
  }

  /// Words of lists and numbers that an act of its own has no use for are given back.
  mutating func checkSpecial() {
    for noun in nouns where !noun.isTaken {
      let isOwn =
        switch noun.what {
        case .alerts: true
        case .events: query.act == .event || query.act == .whatif
        case .key(let name):
          name == "rule" && [.rules, .rule, .ledger].contains(query.act) || name == "entity"
        case .field, .kind: false
        }
      if !isOwn { giveBack(noun.at) }
    }
    if query.act != .incidents { for measure in measures { giveBack(measure.at) } }
    checkMost()
  }

  mutating func giveBack(_ at: Range<Int>) {
    for index in at where tokens.indices.contains(index) { tokens[index].isUsed = false }
  }

  // MARK: What is wanted

  mutating func decideAct() {
    if query.act == .timeline {
      if query.by.isEmpty { query.by = ["day"] }
      if query.by.count == 2 { query.act = .tally }
      if query.subject == .alerts, query.by.count == 1, ["day", "hour"].contains(query.by[0]) {
        return
      }
      if query.by.count == 1, query.by[0] != "day", query.by[0] != "hour" { query.act = .tally }
    }
    if query.act == .count || asksHowMany != nil, query.act == .list || query.act == .count {
      query.act = query.by.isEmpty ? .count : .tally
      hasAct = true
    }
    if !query.by.isEmpty, query.act == .list || query.act == .count { query.act = .tally }
    if query.amount != nil, query.act == .list || query.act == .count {
      query.act = query.subject == .events && query.by.isEmpty ? .count : .tally
    }
    if query.act == .tally, query.by.isEmpty, query.amount == nil {
      conflict = "say by what, such as 'by rule' or 'per user'"
    }
    // "alerts per day" goes over time; "which hour" is of the day.
    if query.subject == .alerts, query.act == .tally, query.by.count == 1, query.amount == nil,
      query.having.isEmpty, ["day", "hour"].contains(query.by[0]), asksWhich == nil, !hasMost
    {
      query.act = .timeline
    }
    if query.subject == .events, query.act == .tally || query.act == .timeline {
      query.by = query.by.map { $0 == "hour" && asksWhich == nil ? "each_hour" : $0 }
    }
    if query.act == .tally, query.order != nil {
      // "top 5 merchants by amount", "cards by cost"
      if let order = query.order, query.amount == nil, order != "severity", order != "oldest" {
        query.amount = .init(word: "sum", of: order)
      }
      query.order = nil
    }
    if query.act == .list, ["oldest", "severity", nil].contains(query.order), query.limit == nil,
      let place = tokens.firstIndex(where: {
        ["last", "latest", "newest", "oldest", "first", "recent", "worst"].contains($0.word)
      }), isSingular(after: place + 1)
    {
      query.limit = 1
      if ["first", "oldest"].contains(word(place)) { query.order = "oldest" }
      use(place..<place + 1)
    }
    if [.whynot, .why].contains(query.act),
      let place = tokens.firstIndex(where: {
        ["last", "latest", "newest"].contains($0.word)
      }), isSingular(after: place + 1)
    {
      use(place..<place + 1)
    }
    if query.act == .why { (query.order, query.limit) = (nil, nil) }
    // The top transactions are the largest.
    if query.subject == .events, query.act == .list, query.order == nil, hasTop {
      query.order = mainNumber()
    }
    if query.subject == .events { useEventFields() }
  }

  var hasTop: Bool { tokens.contains { $0.word == "top" } && query.limit != nil }

  /// Events have one entity as an option; of several, or of what is left out, their fields say it.
  mutating func useEventFields() {
    let whole = query.filters.filter { $0.key == .entity }
    for filter in whole where filter.isNot || filter.values.count > 1 {
      let parts = filter.values.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
      guard parts.allSatisfy({ $0.count == 2 }), Set(parts.map { $0[0] }).count == 1 else {
        conflict = "say what they are, such as 'users \(filter.values.joined(separator: " and "))'"
        return
      }
      query.filters.removeAll { $0 == filter }
      query.filters.append(
        .init(key: .value(parts[0][0]), values: parts.map { $0[1] }, isNot: filter.isNot))
    }
    for filter in query.filters where filter.isNot {
      if query.filters.contains(where: { $0.key == filter.key && !$0.isNot }) {
        conflict = "of one field I look for values, or leave some out: say one of the two"
      }
    }
    if !query.any.isEmpty {
      conflict = "of events I look for alternatives of one field: ask for each"
    }
    if query.filters.contains(where: { $0.key == .source && ($0.isNot || $0.values.count > 1) }) {
      conflict = "events are asked for of one source at a time"
    }
    if query.filters.contains(where: { $0.key == .kind && $0.isNot }) {
      conflict = "events of one kind cannot be left out: name those that are wanted"
    }
    if query.order == "severity" || query.order == "score" || query.order == "cost" {
      conflict = "events have no \(query.order ?? "")"
    }
  }

  /// Fields that are named and group nothing: alerts about users, or an entity that alerts only name.
  mutating func takeFields() {
    if query.subject == .alerts {
      for (place, filter) in query.filters.enumerated() {
        guard case .value(let name) = filter.key else { continue }
        if filter.isNot || filter.values.count > 1
          || query.filters.contains(where: { $0.key == .names })
        {
          conflict = "alerts name a \(name), and I look for one at a time"
          return
        }
        query.filters[place] = .init(key: .names, values: ["\(name)=\(filter.values[0])"])
      }
    }
    for place in nouns.indices where !nouns[place].isTaken {
      guard case .field(let name) = nouns[place].what else { continue }
      if query.subject == .alerts, schema.fields.contains(name),
        query.by.isEmpty || query.by == [name]
      {
        nouns[place].isTaken = true
        if query.by == [name]
          || query.values(of: .entity).contains(where: { $0.hasPrefix("\(name)=") })
        {
          continue
        }
        if query.filters.contains(where: { $0.key == .field }) {
          return doubtField(name)
        }
        if query.values(of: .entity).isEmpty { query.set(.field, [name]) }
      } else if query.by.isEmpty, query.act == .list, !schema.isNumber(name) {
        // "merchants of card C1": which there are.
        nouns[place].isTaken = true
        query.by = [name]
        query.act = .tally
      } else if query.by == [name] {
        nouns[place].isTaken = true
      } else {
        return doubtField(name)
      }
    }
    for noun in nouns where !noun.isTaken {
      if case .key = noun.what { for index in noun.at { tokens[index].isUsed = false } }
    }
  }

  mutating func doubtField(_ name: String) {
    for noun in nouns where noun.what == .field(name) {
      for index in noun.at { tokens[index].isUsed = false }
    }
  }

  /// "most" has to have been said of groups or of an order.
  mutating func checkMost() {
    let isUsed = query.act == .tally || query.order != nil || query.limit != nil || isFollowUp
    if hasMost, !isUsed {
      for index in tokens.indices where ["most", "fewest", "least", "top"].contains(word(index)) {
        tokens[index].isUsed = false
      }
    }
    let isCounted =
      query.act == .count || query.act == .tally || query.act == .timeline || query.amount != nil
    if let place = asksHowMany, !isCounted, !isFollowUp { giveBack(place..<place + 2) }
    if asksWhich != nil, ["top"].contains(word(asksWhich ?? 0)), query.limit == nil, !isUsed {
      tokens[asksWhich ?? 0].isUsed = false
    }
  }
}
