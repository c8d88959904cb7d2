/// Questions that are of no list: a rule, a profile, incidents, an alert by its id.
extension QuestionReading {
  mutating func readSpecial() {
    if query.id != nil, query.event == nil, ![.why, .counterfactual, .prove].contains(query.act) {
      query.act = .alert
      hasAct = true
    }
    if query.event != nil, query.act != .whatif {
      query.act =
        query.act == .whynot || !query.values(of: .rule).isEmpty || query.act == .why
        ? .whynot : .event
    }
    let rules = query.values(of: .rule)
    let namesRule = rules.count == 1 && !rules[0].hasSuffix("*")
    if query.act == .list, !hasAct, namesRule, query.filters.count == 1, query.time == nil,
      tokens.count > 2, word(0) == "what", ["does", "is"].contains(word(1)), !mentionsAlerts
    {
      query.act = .rule
      for index in tokens.indices
      where ["do", "mean", "check", "detect", "does", "for"].contains(word(index)) {
        use(index..<index + 1)
      }
    }
    // "which rules" there are, where nothing is said of their alerts.
    if query.act == .list, asksWhich != nil || word(0) == "rules", !mentionsAlerts, !hasMost,
      query.filters.isEmpty, query.time == nil, query.bounds.isEmpty, query.limit == nil,
      query.having.isEmpty, query.amount == nil, query.order == nil, measures.isEmpty,
      nouns.allSatisfy({ $0.what == .key("rule") }),
      query.by == ["rule"] || query.by.isEmpty && nouns.map(\.what) == [.key("rule")]
    {
      (query.act, query.by) = (.rules, [])
      for place in nouns.indices { nouns[place].isTaken = true }
    }
    if query.act == .rules, namesRule, query.time == nil, query.by.isEmpty { query.act = .rule }
    if query.act == .rules, query.time != nil || hasMost {
      query.act = .tally
      query.by = ["rule"]
    }
    if query.act == .entity {
      let isWhole = query.filters.count == 1 && query.whom != nil
      // With a time or anything else it is a list.
      if query.time != nil || !isWhole && !query.values(of: .entity).isEmpty { query.act = .list }
    }
    if query.act == .risk, query.whom == nil { query.act = .risk }
    if query.act == .changed, query.time == nil, let against = query.against {
      // "what is new compared with last week": since its end.
      if let end = against.before {
        query.time = TimeRange(since: end)
      } else {
        (query.time, query.against) = (against, nil)
      }
    }
    if query.act == .riskiest {
      for place in nouns.indices {
        if case .field(let name) = nouns[place].what {
          if !query.by.contains(name) { query.by.append(name) }
          nouns[place].isTaken = true
        }
      }
      query.by = query.by.filter { $0 != "entity" }
    }
    if query.act == .incidents {
      if query.order == "severity" || query.time?.before != nil {
        conflict = "incidents are listed since a time, the newest or the largest first"
      }
      if let level = query.values(of: .level).first { query.set(.severity, [level]) }
      if hasLargest {
        query.order = query.order == "cost" ? "cost" : "alerts"
        if query.limit == nil, tokens.contains(where: { $0.word == "incident" }) { query.limit = 1 }
      }
    }
  }

  var hasLargest: Bool { measures.contains { $0.word == "max" } }
}
