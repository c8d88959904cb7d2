/// Whether all that was understood stands in the query: what an act has no option for is not left out in silence.
extension Query {
  /// What the act cannot be narrowed down by, in words; missing where all of it is said.
  var unsaid: String? {
    let parts = said.subtracting(sayable)
    return Part.allCases.first { parts.contains($0) }?.rawValue
  }

  private enum Part: String, CaseIterable {
    case filters = "such a condition"
    case alternatives = "alternatives"
    case bounds = "an amount"
    case clock = "hours or weekdays"
    case time = "a time"
    case end = "an end of the time"
    case against = "a second time"
    case groups = "groups"
    case amount = "a sum"
    case having = "a number of each group"
    case order = "an order"
    case limit = "a number of rows"
  }

  private var said: Set<Part> {
    var parts: Set<Part> = []
    if filters.contains(where: { !allowed($0) }) { parts.insert(.filters) }
    if !any.isEmpty { parts.insert(.alternatives) }
    if !bounds.isEmpty { parts.insert(.bounds) }
    if !hours.isEmpty || !weekdays.isEmpty { parts.insert(.clock) }
    if time != nil { parts.insert(.time) }
    if time?.before != nil { parts.insert(.end) }
    if against != nil { parts.insert(.against) }
    if !by.isEmpty { parts.insert(.groups) }
    if amount != nil { parts.insert(.amount) }
    if !having.isEmpty || isFewest { parts.insert(.having) }
    if order != nil { parts.insert(.order) }
    if limit != nil { parts.insert(.limit) }
    return parts
  }

  private var sayable: Set<Part> {
    let which: Set<Part> = [.alternatives, .bounds, .clock, .time, .end]
    switch act {
    case .list: return which.union([.order, .limit])
    case .count: return subject == .events ? which.union([.amount]) : which
    case .tally: return which.union([.groups, .amount, .having, .limit])
    case .timeline: return which.union([.groups]).union(subject == .events ? [.amount] : [])
    case .why: return id == nil ? which : []
    case .changed: return which.union([.against])
    case .whynot: return event == nil ? which.union([.order]) : []
    case .incidents: return [.time, .order, .limit]
    case .ledger: return [.time, .end]
    case .queue: return [.limit]
    case .riskiest: return [.groups, .limit]
    case .entity, .rules, .rule, .alert, .event, .risk, .counterfactual, .prove, .whatif: return []
    }
  }

  private func allowed(_ filter: Filter) -> Bool {
    switch act {
    case .list, .count, .tally, .timeline, .changed: return true
    case .why: return id == nil
    case .rule: return filter.key == .rule && !filter.isNot
    case .whynot: return filter.key == .rule || event == nil && filter.key.isOfEvents
    case .entity, .risk: return filter.key == .entity && !filter.isNot
    case .incidents:
      return [.severity, .entity, .status].contains(filter.key) && !filter.isNot
        && filter.values.count == 1
    // "open alert 7dbd1af203" asks to see it.
    case .alert: return filter.key == .status && filter.values == ["open"]
    case .rules, .event, .queue, .riskiest, .ledger, .counterfactual, .prove, .whatif: return false
    }
  }
}
