import Cases
import Console
import Detection
import Host
import Primitives
import Scripting

/// The events that were judged and are kept, and what the installed rules and model say of them.
extension Verb {
  private static let eventOptions = [
    "last", "since", "before", "kind", "source", "entity", "fields", "limit",
  ]

  static let eventVerbs: [Verb] = [
    Verb(
      name: "events", form: "events{entity = \"user=ana\", last = 1 * day}",
      about: """
        The kept events that all of the options fit, newest first. entity is "user=ana", or a value that any field may \
        have; fields are values by name, where false stands for one that is missing. 100 are given unless limit says \
        otherwise.
        """, options: eventOptions,
      examples: [
        "events{entity = \"user=ana\", last = 1 * day}",
        "events{kind = \"transaction\", fields = {currency = \"USD\"}, limit = 20}",
        "events{since = \"2026-03-25 14:00\", before = \"2026-03-25 15:00\"}",
      ]
    ) { host, arguments in
      let found = try host.control.events(
        try eventQuery(arguments.first, host), progress: host.progress)
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

  static func eventQuery(
    _ argument: ScriptValue?, _ host: ReplHost
  ) throws(Failure) -> EventQuery {
    let options = try VerbOptions(argument, of: "events", known: eventOptions)
    var query = EventQuery()
    query.before = try options.time("before")
    query.since = try options.start(host.now, before: query.before)
    query.kind = try options.text("kind")
    query.source = try options.text("source")
    query.limit = try options.count("limit") ?? 100
    if let entity = try options.text("entity") {
      if let sign = entity.firstIndex(of: "="), sign > entity.startIndex {
        let value = String(entity[entity.index(after: sign)...])
        query.fields.append((String(entity[..<sign]), .text(value)))
      } else {
        query.anyText = entity
      }
    }
    for (name, value) in try options.table("fields")?.named ?? [] {
      query.fields.append((name, try fieldValue(value, of: name)))
    }
    return query
  }

  private static func fieldValue(
    _ value: ScriptValue, of name: String
  ) throws(Failure) -> Value {
    switch value {
    case .text(let text): return .text(text)
    case .integer(let n): return .number(Double(n))
    case .number(let x): return .number(x)
    case .flag(true): return .flag(true)
    case .flag(false): return .missing
    default:
      throw Failure(
        .usage, "the field '\(AlertCard.shown(name))' cannot be \(value.kind)",
        advice: "give a text, a number, true, or false for one that is missing")
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
