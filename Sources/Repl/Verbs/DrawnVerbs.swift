import Cases
import Console
import Host
import Primitives
import Scripting

/// What the commands of the same names tell: drawn as they draw it, and in Lua the values of their JSON.
extension Verb {
  static let drawnVerbs: [Verb] = [
    Verb(
      name: "counterfactual", form: "counterfactual(alert)",
      about: "The smallest change after which an alert would not have been raised.",
      examples: ["counterfactual(\"7dbd1af203\")"]
    ) { host, arguments in
      let (alert, answer) = try host.control.counterfactual(
        try identity(arguments, "counterfactual"))
      return try drawn(host) {
        CounterfactualView(alert: alert, answer: answer).print(to: $0, format: $1)
      }
    },
    Verb(
      name: "incidents", form: "incidents{severity = \"high\", open = true}",
      about: """
        Alerts that belong together, the newest first; its values stand under .incidents. order is newest, alerts (the \
        most first) or cost.
        """,
      options: ["since", "last", "severity", "entity", "open", "alerts", "order", "limit"],
      examples: ["incidents{limit = 10}", "incidents{alerts = 2, open = true}.incidents[1].id"]
    ) { host, arguments in
      let options = try VerbOptions(
        arguments.first, of: "incidents",
        known: ["since", "last", "severity", "entity", "open", "alerts", "order", "limit"])
      let order = try options.word("order", ["newest", "alerts", "cost"]) {
        ["newest", "alerts", "cost"].contains($0) ? $0 : nil
      }
      let limit = try options.count("limit") ?? 50
      var found = try host.control.incidents(
        since: try options.start(host.now), severity: try options.text("severity"),
        entity: try options.text("entity"), isOpen: try options.flag("open"),
        atLeast: try options.count("alerts") ?? 1,
        limit: order == nil || order == "newest" ? limit : .max)
      // In the order that they came where they are equal.
      if order == "alerts" { found.sort { $1.facts.count < $0.facts.count } }
      if order == "cost" { found.sort { $1.cost < $0.cost } }
      found = Array(found.prefix(limit))
      return try drawn(host) { IncidentListView(incidents: found).print(to: $0, format: $1) }
    },
    Verb(
      name: "incident", form: "incident(\"inc-3f2a91c0\")",
      about: "One incident: how bad, how it went on, every alert. Takes also an alert or its id.",
      examples: ["incident(\"inc-3f2a91c0\")", "incident(alerts{}[1].incident)"]
    ) { host, arguments in
      let found = try host.control.incident(try identity(arguments, "incident"))
      return try drawn(host) { IncidentView(incident: found).print(to: $0, format: $1) }
    },
    Verb(
      name: "queue", form: "queue{limit = 10}",
      about: "The open alerts, the most worth a look first.", options: ["limit"],
      examples: ["queue{limit = 10}"]
    ) { host, arguments in
      let options = try VerbOptions(arguments.first, of: "queue", known: ["limit"])
      let limit = try options.count("limit") ?? 50
      let ranked = try host.control.queue()
      let judgement = host.control.judgement
      return try drawn(host) {
        QueueView(ranked: ranked, budget: nil, judgement: judgement, limit: limit)
          .print(to: $0, format: $1)
      }
    },
    Verb(
      name: "ledger", form: "ledger{since = \"2026-03-01\"}",
      about: "What each rule and the model earned and cost, and what to retire.",
      options: ["since", "before", "last"], examples: ["ledger()", "ledger{last = 7 * day}"]
    ) { host, arguments in
      let options = try VerbOptions(
        arguments.first, of: "ledger", known: ["since", "before", "last"])
      let before = try options.time("before")
      let ledger = try host.control.ledger(
        since: try options.start(host.now, before: before), until: before)
      return try drawn(host) { LedgerView(ledger: ledger).print(to: $0, format: $1) }
    },
    Verb(
      name: "risk", form: "risk(\"user\", \"ana\", {at = \"2026-03-25 14:00\"})",
      about: "How much trouble an entity is in, what makes it up and what would make it green.",
      options: ["at"],
      examples: ["risk(\"user\", \"ana\")", "risk(\"user\", \"ana\", {at = \"2026-03-25 14:00\"})"]
    ) { host, arguments in
      guard arguments.count >= 2, let field = arguments[0].text, let value = arguments[1].text
      else {
        throw Failure(
          .usage, "risk needs a field and its value", advice: "such as risk(\"user\", \"ana\")")
      }
      let options = try VerbOptions(arguments.dropFirst(2).first, of: "risk", known: ["at"])
      let story = try host.control.entity(
        named: "\(field)=\(value)", at: .at(try options.time("at") ?? host.now))
      return try drawn(host) { EntityView(story: story).print(to: $0, format: $1) }
    },
    Verb(
      name: "riskiest", form: "riskiest{field = \"user\", limit = 5}",
      about: "The entities that are in most trouble now, the highest risk first.",
      options: ["field", "band", "limit"],
      examples: ["riskiest{}", "riskiest{field = \"card\", limit = 5}", "riskiest{band = \"red\"}"]
    ) { host, arguments in
      let options = try VerbOptions(
        arguments.first, of: "riskiest", known: ["field", "band", "limit"])
      let found = try host.control.entities(
        at: .at(host.now), field: try options.text("field"), band: try options.text("band"),
        limit: try options.count("limit") ?? 20)
      return try drawn(host) {
        EntityListView(at: found.at, risks: found.risks).print(to: $0, format: $1)
      }
    },
  ]
}
