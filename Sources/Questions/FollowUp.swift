extension QuestionReading {
  /// "and", "what about", "only": they say that it follows, and nothing else.
  mutating func useFollowUpWords() {
    let first = tokens.prefix(2).map(\.word)
    if first == ["what", "about"] || first == ["how", "about"] {
      use(0..<2)
    } else if ["and", "only", "just", "now", "same", "but", "instead", "or"].contains(first[0]) {
      use(0..<1)
    }
    for index in tokens.indices where QuestionReading.pronouns.contains(tokens[index].word) {
      use(index..<index + 1)
    }
  }
}

extension Query {
  /// This query with what was said after it in its place; missing where that cannot be put together.
  func followed(by reading: QuestionReading, _ schema: QuestionSchema) -> Query? {
    let now = reading.query
    var result = self
    switch act {
    case .list, .count, .tally, .timeline, .why, .changed: break
    default:
      // A profile, a rule or an incident is not narrowed down.
      guard act == .entity || act == .risk, reading.hasAct || !now.filters.isEmpty else {
        return nil
      }
      result.act = .list
    }
    if now.act == .why {
      // "why" of what was listed: of the alerts of somebody.
      guard act == .list || act == .entity || act == .risk || act == .why, subject == .alerts,
        !filters.isEmpty || !now.filters.isEmpty
      else { return nil }
    }
    for filter in now.filters {
      if filter.key == .level || filter.key == .severity {
        result.remove(.level)
        result.remove(.severity)
      }
      if filter.key == .entity { result.remove(.field) }
      if filter.isNot {
        result.filters.append(filter)
      } else if filter.key == .field, !by.isEmpty {
        result.by = filter.values
      } else {
        result.set(filter.key, filter.values)
      }
    }
    if !now.any.isEmpty { result.any = now.any }
    for bound in now.bounds {
      result.bounds.removeAll { $0.name == bound.name }
    }
    result.bounds += now.bounds
    if !now.hours.isEmpty { result.hours = now.hours }
    if !now.weekdays.isEmpty { result.weekdays = now.weekdays }
    if let time = now.time { result.time = time }
    if now.against != nil { result.against = now.against }
    if let order = now.order { (result.order, result.isReversed) = (order, now.isReversed) }
    if let limit = now.limit { result.limit = limit }
    if !now.having.isEmpty { result.having = now.having }
    if let amount = now.amount { result.amount = amount }
    if !now.by.isEmpty {
      result.by = now.by
      if act != .timeline || now.act != .timeline {
        result.act = now.act == .list ? .tally : now.act
      }
      if act == .timeline, now.by.count == 1, ["day", "hour"].contains(now.by[0]) {
        result.act = act
      }
    }
    if reading.hasAct, [.why, .count, .tally, .timeline].contains(now.act) {
      result.act = now.act
      if now.act == .count || now.act == .why {
        // How many there are in all of what was grouped.
        (result.by, result.order, result.limit, result.having) = ([], nil, nil, [:])
        if now.act == .count { result.amount = now.amount }
      }
    }
    if result.act == .list, !result.by.isEmpty { result.act = .tally }
    if result.act == .tally, let order = result.order {
      guard schema.isNumber(order) else { return nil }
      (result.amount, result.order) = (.init(word: "sum", of: order), nil)
    }
    if result.act != .list { result.isReversed = false }
    // What was said of events stays with them, and of alerts as well.
    let saysEvents =
      now.subject == .events
      && (now.filters.contains { $0.key == .kind } || !now.bounds.isEmpty || now.amount != nil)
    if saysEvents, subject == .alerts {
      guard filters.allSatisfy({ $0.key.isOfEvents }), any.isEmpty else { return nil }
      result.subject = .events
      if now.act == .list {
        result.act = .list
        (result.by, result.amount, result.order, result.limit) = ([], nil, now.order, now.limit)
        result.having = [:]
      }
    }
    if now.limit != nil, ![.list, .tally].contains(result.act) { return nil }
    if subject == .events, now.filters.contains(where: { !$0.key.isOfEvents && $0.key != .field }) {
      return nil
    }
    if result.subject == .events {
      for name in result.values(of: .names) + result.values(of: .field) where result.by.isEmpty {
        _ = name
        return nil
      }
    }
    return result
  }
}
