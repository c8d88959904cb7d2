/// Whether a question is of alerts or of kept events.
extension QuestionReading {
  mutating func decideSubject() {
    var alertWords: [String] = []
    var eventWords: [String] = []
    for filter in query.filters + query.any.flatMap({ $0 }) {
      switch filter.key {
      case .severity, .level, .rule, .category, .owner, .finder, .names, .field, .status, .state,
        .assignee, .disposition, .text:
        alertWords.append(filter.values[0])
      case .kind: eventWords.append(filter.values[0])
      case .value(let name):
        if !schema.isOfAlerts(name) { eventWords.append(filter.values[0]) }
      case .source, .entity: break
      }
    }
    for bound in query.bounds {
      bound.name == "cost" || bound.name == "score"
        ? alertWords.append(bound.name) : eventWords.append(bound.name)
    }
    for name in query.by + [query.amount?.of].compactMap({ $0 }) + [query.order].compactMap({ $0 })
    {
      if ["cost", "score"].contains(name) { alertWords.append(name) }
      let isShared = ["category", "source", "kind"].contains(name)
      if schema.hasEventField(name), !schema.isOfAlerts(name), !isShared { eventWords.append(name) }
      if Query.alertOnly.contains(name) { alertWords.append(name) }
    }
    // Alerts name merchants, but are about none: by themselves these are of events.
    let namesOthers =
      query.by.contains {
        isOnlyNamed($0)
      }
      || nouns.contains {
        if case .field(let name) = $0.what { !$0.isTaken && isOnlyNamed(name) } else { false }
      }
    // A field that only events have: "merchants of card C1".
    for noun in nouns where !noun.isTaken {
      if case .field(let name) = noun.what, !schema.isOfAlerts(name),
        !QuestionSchema.alertNumbers.contains(name)
      {
        eventWords.append(name)
      }
    }
    let kinds = nouns.filter { if case .kind = $0.what { true } else { false } }
    let namesEvents = nouns.contains { $0.what == .events }
    if mentionsAlerts || query.act == .why || query.act == .changed { alertWords.append("alerts") }
    if query.act == .changed, !eventWords.isEmpty || namesEvents {
      conflict = "only alerts can be compared so: ask for the events of each time by themselves"
      return
    }
    if query.act == .whynot {
      query.subject = .events
      return takeKinds(kinds)
    }
    if namesEvents { eventWords.append("events") }
    if asksOfEvents, alertWords.isEmpty, !isFollowUp { eventWords.append("events") }
    if namesOthers, alertWords.isEmpty, !isFollowUp { eventWords.append("events") }
    // "off-hours logins", "suspicious payments": alerts, and the kind's word says no more than its rules do.
    if !alertWords.isEmpty, eventWords.isEmpty {
      query.subject = .alerts
      for noun in kinds {
        guard case .kind(let kind, let rules) = noun.what else { continue }
        guard let rules else {
          conflict = "alerts are not told by the kind '\(kind)': ask for the events, or for a rule"
          return
        }
        absorb(rules, noun)
      }
      return
    }
    if !eventWords.isEmpty || !kinds.isEmpty || isOfEvents {
      query.subject = .events
      takeKinds(kinds)
      if !alertWords.isEmpty { doubtBoth(alertWords, eventWords) }
      return
    }
    query.subject = base?.subject ?? .alerts
  }

  /// The rules that a kind's word means: they go without saying beside a rule of theirs, and are joined to others.
  mutating func absorb(_ rules: String, _ noun: Noun) {
    let known = query.values(of: .rule)
    if known.contains(rules) || known.contains(where: { $0.hasPrefix(rules.dropLast()) }) { return }
    if known.isEmpty, query.any.isEmpty { return query.set(.rule, [rules]) }
    let isJoined =
      ["and", "or"].contains(word(noun.at.lowerBound - 1))
      || ["and", "or"].contains(word(noun.at.upperBound))
    guard isJoined, query.any.isEmpty else {
      for index in noun.at { tokens[index].isUsed = false }
      return
    }
    query.set(.rule, known + [rules])
    for index in [noun.at.lowerBound - 1, noun.at.upperBound] where word(index) == "or" {
      use(index..<index + 1)
    }
  }

  /// "how many devices did user ana use": an alert is about one of the two, and an event has both.
  var asksOfEvents: Bool {
    let asked = query.by + [query.amount].compactMap { $0?.word == "distinct" ? $0?.of : nil }
    let fields = query.values(of: .entity).map { String($0.prefix { $0 != "=" }) }
    return asked.contains { name in
      schema.hasEventField(name) && fields.contains { $0 != name && schema.hasEventField($0) }
    }
  }

  func isOnlyNamed(_ name: String) -> Bool {
    schema.hasEventField(name) && schema.isOfAlerts(name) && !schema.fields.contains(name)
  }

  mutating func takeKinds(_ kinds: [Noun]) {
    for noun in kinds {
      guard case .kind(let kind, _) = noun.what, !query.values(of: .kind).contains(kind) else {
        continue
      }
      query.set(.kind, query.values(of: .kind) + [kind])
    }
  }

  /// Alerts have no amount, and events no severity: both of what may be meant is offered.
  mutating func doubtBoth(_ alertWords: [String], _ eventWords: [String]) {
    var events = self
    events.query.filters.removeAll { !$0.key.isOfEvents }
    events.query.any = []
    events.query.bounds.removeAll { ["cost", "score"].contains($0.name) }
    events.finishAlone()
    var alerts = self
    alerts.query.subject = .alerts
    alerts.query.filters.removeAll {
      if case .value(let name) = $0.key { !schema.isOfAlerts(name) } else { $0.key == .kind }
    }
    alerts.query.bounds = alerts.query.bounds.map {
      var bound = $0
      if bound.name == "amount" { bound.name = "cost" }
      return bound
    }.filter { ["cost", "score"].contains($0.name) }
    let keys = alerts.query.by + [alerts.query.amount?.of].compactMap { $0 }
    let canGroup = keys.allSatisfy {
      !schema.hasEventField($0) || schema.isOfAlerts($0) || $0 == "cost" || $0 == "score"
    }
    alerts.finishAlone()
    let name = eventWords.first { $0 != "events" } ?? eventWords[0]
    doubt =
      "'\(alertWords[0])' is said of alerts and '\(name)' of events, and I can look at one of them"
    choices = [events.query]
    let rest = alerts.query
    if canGroup,
      !rest.filters.isEmpty || !rest.bounds.isEmpty || !rest.any.isEmpty || !rest.by.isEmpty
        || rest.time != nil
    {
      choices.append(rest)
    }
  }

  mutating func finishAlone() {
    decideAct()
    takeFields()
    doubt = nil
  }
}

extension Query {
  /// Keys that only alerts are counted by.
  static let alertOnly: Set = [
    "severity", "rule", "owner", "risk", "status", "state", "assignee", "disposition", "mapping",
    "entity",
  ]
}

extension Query.Key {
  /// What alerts are counted by under it.
  var name: String {
    switch self {
    case .severity, .level: "severity"
    case .rule: "rule"
    case .category: "category"
    case .owner: "owner"
    case .source: "source"
    case .status: "status"
    case .state: "state"
    case .assignee: "assignee"
    case .disposition: "disposition"
    case .finder, .names, .field, .text, .entity, .kind, .value: ""
    }
  }

  var isOfEvents: Bool {
    switch self {
    case .kind, .source, .entity, .value: true
    default: false
    }
  }
}
