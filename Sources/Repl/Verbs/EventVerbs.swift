import Cases
import Console
import Detection
import Host
import Primitives
import Scripting

/// The events that were judged and are kept, and what the installed rules and model say of them.
extension Verb {
  static let eventFilters = [
    "last", "since", "before", "hours", "weekdays", "kind", "source", "entity", "fields",
  ]
  private static let eventOptions = eventFilters + ["order", "reverse", "limit"]

  static let eventVerbs: [Verb] = [
    Verb(
      name: "events", form: "events{entity = \"user=ana\", last = 1 * day}",
      about: """
        The kept events that all of the options fit, newest first. entity is "user=ana", or a value that any field may \
        have; kind may be a list. fields are values by name: a value, a list of which one is enough, false for one that \
        is missing, or a table with above, below, at_least, at_most or except. hours are those of the day. order is \
        newest, oldest or a field of numbers, the largest first; reverse turns it round. 100 are given unless limit says \
        otherwise.
        """, options: eventOptions,
      examples: [
        "events{entity = \"user=ana\", last = 1 * day}",
        "events{kind = \"transaction\", fields = {currency = \"USD\"}, limit = 20}",
        "events{fields = {amount = {above = 1000}, currency = {\"EUR\", \"USD\"}}, order = \"amount\"}",
        "events{since = \"2026-03-25 14:00\", before = \"2026-03-25 15:00\"}",
      ]
    ) { host, arguments in
      let query = try eventQuery(arguments.first, host)
      let found = try host.control.events(query, progress: host.progress)
      if found.isEmpty { try suggest(query, host) }
      return .table(ScriptTable(list: found.map { .table(EventTable.table($0)) }))
    },
    Verb(
      name: "event", form: "event(\"7f3a91c0\")",
      about: "One kept event with all of its fields. Takes also an alert, whose event it is.",
      examples: ["event(\"7f3a91c0\")", "event(alerts{}[1])", "event(\"7f3a91c0\").amount"]
    ) { host, arguments in
      .table(
        EventTable.table(
          try host.control.event(
            try eventID(arguments.first, "event", host), progress: host.progress)))
    },
    Verb(
      name: "whynot", form: "whynot(\"auth.login-burst\", event)",
      about: """
        Why a rule raised no alert on a kept event: the first condition that failed, how far off it was, and the windows.
        """,
      examples: [
        "whynot(\"auth.login-burst\", \"7f3a91c0\")",
        "whynot(\"fraud.high-value\", events{kind = \"transaction\"}[1])",
      ]
    ) { host, arguments in
      let (rule, event) = try ruleAndEvent(arguments, "whynot", host)
      let miss = try host.control.whyNot(rule: rule, event: event, progress: host.progress)
      return try drawn(host) { MissView(miss: miss).print(to: $0, isJSON: $1 == .json) }
    },
    Verb(
      name: "prove", form: "prove(alert)",
      about: "Judges an alert's event again from what is kept, and says whether the alert follows.",
      examples: ["prove(\"7dbd1af203\")", "prove(alerts{}[1]).verdict"]
    ) { host, arguments in
      let card = try host.control.prove(
        try identity(arguments, "prove"), progress: host.progress)
      return try drawn(host) { ProofView(card: card).print(to: $0, isJSON: $1 == .json) }
    },
  ]

  /// Refuses kinds and values that no kept event has and that are nearly those that some have.
  static func suggest(_ query: EventQuery, _ host: ReplHost) throws(Failure) {
    let words = try host.control.eventWords()
    func check(_ asked: String, _ known: Set<String>, _ what: String) throws(Failure) {
      guard !known.contains(asked), let near = nearestName(to: asked, among: Array(known)) else {
        return
      }
      throw Failure(
        .usage, "no kept event has the \(what) '\(AlertCard.shown(asked))'",
        advice: "did you mean '\(AlertCard.shown(near))'?")
    }
    for kind in query.kinds { try check(kind, words.kinds, "kind") }
    for test in query.fields {
      for case .text(let value) in test.values {
        try check(value, words.values[test.field] ?? [], AlertCard.shown(test.field))
      }
    }
  }

  static func eventQuery(
    _ argument: ScriptValue?, _ host: ReplHost
  ) throws(Failure) -> EventQuery {
    let options = try VerbOptions(argument, of: "events", known: eventOptions)
    var query = try options.eventFilter(now: host.now)
    query.limit = try options.count("limit") ?? 100
    let isReversed = try options.flag("reverse") ?? false
    switch try options.text("order") ?? "newest" {
    case "newest": query.order = isReversed ? .oldest : .newest
    case "oldest": query.order = isReversed ? .newest : .oldest
    case let field: query.order = isReversed ? .least(field) : .most(field)
    }
    try checkNumber(query.order, host)
    return query
  }

  /// Events stand in no order by a text.
  private static func checkNumber(
    _ order: EventQuery.Order, _ host: ReplHost
  ) throws(Failure) {
    switch order {
    case .newest, .oldest: return
    case .most(let field), .least(let field):
      let fields = try host.control.eventFields()
      // Where nothing is kept there is nothing to be checked.
      if fields.isEmpty || fields.contains(field) { return }
      throw VerbOptions.unknown("order", field, ["newest", "oldest"] + fields)
    }
  }

  /// The id of an event: as it is, of an event that was given whole, or of an alert's.
  static func eventID(
    _ argument: ScriptValue?, _ verb: String, _ host: ReplHost
  ) throws(Failure) -> String {
    if let id = argument?.text { return id }
    if let table = argument?.table {
      if argument?.tag == "alert", let id = table["event"].text { return id }
      if let id = table["id"].text { return id }
    }
    throw Failure(
      .usage, "\(verb) needs an event, or its id",
      advice: "such as events{limit = 1}[1]; the event of an alert is alert.event")
  }

  /// A rule, by its id or whole, and an event.
  static func ruleAndEvent(
    _ arguments: [ScriptValue], _ verb: String, _ host: ReplHost
  ) throws(Failure) -> (rule: String, event: String) {
    guard let rule = arguments.first?.text ?? arguments.first?.table?["rule"].text,
      arguments.count > 1
    else {
      throw Failure(
        .usage, "\(verb) needs a rule and an event",
        advice: "such as \(verb)(\"auth.login-burst\", events{limit = 1}[1])")
    }
    return (rule, try eventID(arguments[1], verb, host))
  }
}
