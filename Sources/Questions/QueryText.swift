import Primitives

/// A query in Lua, its options always in the same order.
extension Query {
  var lua: String {
    switch act {
    case .rules: return "rules()"
    case .rule: return "rule(\(quoted(values(of: .rule).first ?? "")))"
    case .alert, .counterfactual, .prove: return "\(act.rawValue)(\(quoted(id ?? "")))"
    case .why where id != nil: return "why(\(quoted(id ?? "")))"
    case .event: return "event(\(quoted(event ?? "")))"
    case .ledger: return times.isEmpty ? "ledger()" : braces("ledger", times)
    case .queue: return braces("queue", limits("limit"))
    case .riskiest:
      return braces("riskiest", by.map { "field = \(quoted($0))" } + limits("limit"))
    case .whynot: return "whynot(\(quoted(values(of: .rule).first ?? "")), \(eventText))"
    case .whatif:
      let pairs = values.map { "\($0.field) = \($0.value)" }.joined(separator: ", ")
      return "whatif(\(quoted(event ?? "")), {\(pairs)})"
    case .incidents: return incidents
    case .entity, .risk:
      let whom = whom ?? ("", "")
      return "\(act.rawValue)(\(quoted(whom.field)), \(quoted(whom.value)))"
    case .list, .count, .tally, .timeline, .why, .changed:
      return subject == .events ? events : alerts
    }
  }

  // MARK: Alerts

  private var alerts: String {
    var options = Query.alertOptions(filters.filter { !$0.isNot })
    options += boundTexts
    options += clockTexts
    if !any.isEmpty {
      // Several lists would each have to hold: the reader makes no more than one.
      let tables = (any.first ?? []).map { "{\(Query.alertOptions([$0]).joined(separator: ", "))}" }
      options.append("any = {\(tables.joined(separator: ", "))}")
    }
    let except = filters.filter(\.isNot).map { Query.alertOptions([$0]).joined(separator: ", ") }
    if except.count == 1 { options.append("except = {\(except[0])}") }
    if except.count > 1 {
      options.append("except = {\(except.map { "{\($0)}" }.joined(separator: ", "))}")
    }
    options += times
    if act == .changed, let against {
      if let since = against.since {
        options.append("against_since = \(quoted(Query.words(since)))")
      }
      if let before = against.before {
        options.append("against_before = \(quoted(Query.words(before)))")
      }
    }
    switch act {
    case .tally: options += groups
    case .timeline: options.append("by = \(quoted(by.first ?? "day"))")
    case .list:
      if let order { options.append("order = \(quoted(order))") }
      if isReversed { options.append("reverse = true") }
      options += limits("limit")
    default: break
    }
    return braces(act == .list ? "alerts" : act.rawValue, options)
  }

  private static let alertKeys: [(Key, String)] = [
    (.severity, "severity"), (.level, "severity"), (.rule, "rule"), (.category, "category"),
    (.owner, "owner"), (.source, "source"), (.finder, "kind"), (.entity, "entity"),
    (.names, "names"), (.field, "field"), (.status, "status"), (.state, "state"),
    (.assignee, "assignee"), (.disposition, "disposition"), (.text, "text"),
  ]

  private static func alertOptions(_ filters: [Filter]) -> [String] {
    alertKeys.compactMap { key, name in
      guard let filter = filters.first(where: { $0.key == key }) else { return nil }
      if key == .assignee, filter.values == [""] { return "assignee = false" }
      // The highest of all is at least itself: as a word it says the same.
      if key == .level, filter.values == ["critical"] { return "severity = \"critical\"" }
      return "\(name) = \(list(filter.values, isList: key == .level))"
    }
  }

  private static func list(_ values: [String], isList: Bool = false) -> String {
    values.count == 1 && !isList
      ? quoted(values[0]) : "{\(values.map(quoted).joined(separator: ", "))}"
  }

  /// Costs and scores: at least and at most a number have names of their own.
  private var boundTexts: [String] {
    let short = [
      "cost at_least": "min_cost", "cost at_most": "max_cost", "score at_least": "min_score",
    ]
    var options: [String] = []
    for (key, name) in [
      ("cost at_least", "min_cost"), ("cost at_most", "max_cost"), ("score at_least", "min_score"),
    ] {
      for bound in bounds where "\(bound.name) \(bound.comparison.rawValue)" == key {
        options.append("\(name) = \(Query.number(bound.number))")
      }
    }
    for name in ["cost", "score"] {
      let rest = bounds.filter {
        $0.name == name && short["\(name) \($0.comparison.rawValue)"] == nil
      }
      if !rest.isEmpty { options.append("\(name) = \(Query.table(rest))") }
    }
    return options
  }

  // MARK: Events

  private var events: String {
    switch act {
    case .count: return braces("measure", eventOptions + amountTexts)
    case .tally: return braces("measure", eventOptions + groups)
    case .timeline:
      return braces("measure", eventOptions + ["by = \(quoted(by.first ?? "day"))"] + amountTexts)
    default:
      var options = eventOptions
      if let order { options.append("order = \(quoted(order))") }
      if isReversed { options.append("reverse = true") }
      return braces("events", options + limits("limit"))
    }
  }

  private var eventOptions: [String] {
    var options: [String] = []
    let kinds = values(of: .kind)
    if !kinds.isEmpty { options.append("kind = \(Query.list(kinds))") }
    if let source = values(of: .source).first { options.append("source = \(quoted(source))") }
    if let entity = values(of: .entity).first { options.append("entity = \(quoted(entity))") }
    let fields = fieldTexts
    if !fields.isEmpty { options.append("fields = {\(fields.joined(separator: ", "))}") }
    return options + clockTexts + times
  }

  private var fieldTexts: [String] {
    var names: [String] = []
    for case .value(let name) in filters.map(\.key) where !names.contains(name) {
      names.append(name)
    }
    for bound in bounds where !names.contains(bound.name) { names.append(bound.name) }
    return names.map { name in
      let known = filters.filter { $0.key == .value(name) }
      let key = Query.isName(name) ? name : "[\(quoted(name))]"
      let own = bounds.filter { $0.name == name }
      if own.count == 2, own[0].number == own[1].number, known.isEmpty,
        Set(own.map(\.comparison)) == [.atLeast, .atMost]
      {
        return "\(key) = \(Query.number(own[0].number))"
      }
      var parts = bounds.filter { $0.name == name }.map {
        "\($0.comparison.rawValue) = \(Query.number($0.number))"
      }
      if let not = known.first(where: \.isNot) {
        parts.append("except = \(Query.list(not.values))")
      }
      if let one = known.first(where: { !$0.isNot }), parts.isEmpty {
        return "\(key) = \(Query.list(one.values))"
      }
      return "\(key) = {\(parts.joined(separator: ", "))}"
    }
  }

  private var eventText: String {
    if let event { return quoted(event) }
    var one = self
    one.act = .list
    one.limit = 1
    one.remove(.rule)
    return "\(one.events)[1]"
  }

  // MARK: What both have

  private var groups: [String] {
    var options = by.isEmpty ? [] : ["by = \(Query.list(by))"]
    options += amountTexts
    for comparison in [Comparison.above, .atLeast, .below, .atMost] {
      if let number = having[comparison] {
        options.append("\(comparison.rawValue) = \(Query.number(number))")
      }
    }
    if isFewest { options.append("fewest = true") }
    return options + limits("top")
  }

  private var amountTexts: [String] { amount.map { ["\($0.word) = \(quoted($0.of))"] } ?? [] }

  private func limits(_ name: String) -> [String] { limit.map { ["\(name) = \($0)"] } ?? [] }

  private var clockTexts: [String] {
    var options: [String] = []
    if hours.count == 2 { options.append("hours = {\(hours[0]), \(hours[1])}") }
    if !weekdays.isEmpty { options.append("weekdays = \(Query.list(weekdays, isList: true))") }
    return options
  }

  private var times: [String] {
    guard let time else { return [] }
    var options: [String] = []
    if let since = time.since { options.append("since = \(quoted(Query.words(since)))") }
    if let before = time.before { options.append("before = \(quoted(Query.words(before)))") }
    if let last = time.last { options.append("last = \(last.amount) * \(last.unit)") }
    return options
  }

  private var incidents: String {
    var options = ["severity": Key.severity, "entity": .entity].sorted { $0.key > $1.key }
      .compactMap { name, key in values(of: key).first.map { "\(name) = \(quoted($0))" } }
    options += times
    if let status = values(of: .status).first { options.append("open = \(status == "open")") }
    if let order { options.append("order = \(quoted(order))") }
    return braces("incidents", options + limits("limit"))
  }

  private func braces(_ verb: String, _ options: [String]) -> String {
    "\(verb){\(options.joined(separator: ", "))}"
  }

  private static func table(_ bounds: [Bound]) -> String {
    let parts = bounds.map { "\($0.comparison.rawValue) = \(number($0.number))" }
    return "{\(parts.joined(separator: ", "))}"
  }

  private func quoted(_ text: String) -> String { Query.quoted(text) }

  static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static func isName(_ text: String) -> Bool {
    let words: Set = ["and", "end", "for", "function", "if", "in", "nil", "not", "or", "return"]
    return !words.contains(text) && text.first?.isNumber == false
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }

  static func number(_ x: Double) -> String {
    x == x.rounded() && abs(x) < 1e15 ? "\(Int(x))" : "\(x)"
  }

  private static func words(_ time: Timestamp) -> String {
    let text = time.description.replacing("T", with: " ").replacing("Z", with: "")
    if text.hasSuffix(" 00:00:00") { return String(text.dropLast(9)) }
    return text.count == 19 && text.hasSuffix(":00") ? String(text.dropLast(3)) : text
  }
}
