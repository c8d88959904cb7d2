import Cases
import Detection
import Host
import Primitives
import Scripting
import Store

/// Which alerts there are, and why each of them.
extension Verb {
  private static let listing = VerbOptions.filters + ["order", "limit"]

  static let alertVerbs: [Verb] = [
    Verb(
      name: "alerts", form: "alerts{severity = \"high\", last = 7 * day}",
      about: """
        The alerts that all of the options fit, newest first. Times are in UTC; before is not included. A rule may be \
        a family such as "fraud.*". order is newest, oldest, severity, cost or score. 100 are given unless limit says \
        otherwise.
        """, options: listing,
      examples: [
        "alerts{last = 1 * day}", "alerts{severity = \"high\", status = \"open\", limit = 20}",
        "alerts{entity = \"user=ana\", since = \"2026-03-20\"}",
        "alerts{rule = \"fraud.*\", min_cost = 1000, order = \"cost\"}",
      ]
    ) { host, arguments in
      let options = try VerbOptions(arguments.first, of: "alerts", known: listing)
      var query = try options.query(now: host.now)
      let orders = AlertQuery.Order.allCases.map(\.rawValue)
      query.order = try options.word("order", orders, AlertQuery.Order.init) ?? .newest
      query.limit = try options.count("limit") ?? 100
      let found = try host.control.find(query)
      if found.isEmpty { try suggest(query, host) }
      return .table(ScriptTable(list: found.map { .table(AlertTable.table($0)) }))
    },
    Verb(
      name: "alert", form: "alert(\"7dbd1af203\")",
      about: "One alert, named by its id or the beginning of it. Printed as its card.",
      examples: ["alert(\"7dbd1af203\")", "alert(\"7dbd1af203\").message", "alert(alerts{}[1])"]
    ) { host, arguments in
      .table(AlertTable.table(try host.control.alert(try identity(arguments, "alert")).stored))
    },
    Verb(
      name: "why", form: "why(alert)",
      about: """
        What happened, why, so what, now what, whether before and how sure. Takes an alert, an id, or options like \
        those of alerts, of which it tells the newest.
        """, options: VerbOptions.filters,
      examples: ["why(\"7dbd1af203\")", "why{entity = \"card=C101776\"}", "why(alerts{}[1])"]
    ) { host, arguments in
      let id: String
      if let table = arguments.first?.table, table["id"].isNil {
        let options = try VerbOptions(
          arguments.first, of: "why", known: VerbOptions.filters)
        var query = try options.query(now: host.now)
        query.limit = 1
        guard let newest = try host.control.find(query).first else {
          try suggest(query, host)
          throw Failure(.usage, "there is no such alert", advice: "alerts{} shows the newest")
        }
        id = newest.alert.id
      } else {
        id = try identity(arguments, "why")
      }
      let (stored, frozen) = try host.control.alert(id)
      let text = AlertStory.text(
        stored.alert, owners: try host.control.owners(),
        context: .init(joined: stored.joined, frozen: frozen))
      return .table(
        ScriptTable(named: [
          (ReplPrelude.tag, .text("story")), ("id", .text(stored.alert.id)),
          ("severity", .text(stored.alert.severity.word)), ("text", .text(text)),
          ("reasons", AlertTable.reasons(stored.alert)),
        ]))
    },
    Verb(
      name: "features", form: "features(alert)",
      about:
        "Every feature as it was when the alert was raised, what is normal, and what it added.",
      examples: ["features(\"7dbd1af203\")"]
    ) { host, arguments in
      guard let frozen = try host.control.alert(try identity(arguments, "features")).frozen else {
        throw Failure(.usage, "no features were kept with this alert")
      }
      return .table(
        ScriptTable(
          list: frozen.features.map { feature in
            .table(
              ScriptTable(
                named: [
                  ("feature", .text(feature.name)), ("value", .of(feature.value)),
                  ("normal", .of(feature.normal)), ("spread", .of(feature.spread)),
                  ("contribution", .of(feature.contribution)),
                ].filter { !$0.1.isNil }))
          }))
    },
  ]

  /// An alert that was given whole, or its id.
  static func identity(_ arguments: [ScriptValue], _ verb: String) throws(Failure) -> String {
    if let id = arguments.first?.text ?? arguments.first?.table?["id"].text { return id }
    throw Failure(
      .usage, "\(verb) needs an alert or the beginning of its id",
      advice: "such as \(verb)(\"7dbd1af203\"); alerts{} shows them")
  }

  /// Where nothing was found: whether a name that no alert has looks like one that some have.
  static func suggest(_ query: AlertQuery, _ host: ReplHost) throws(Failure) {
    func look(_ what: String, _ name: String?, _ key: AlertQuery.Key) throws(Failure) {
      guard let name, !name.contains("*") else { return }
      let known = try host.control.values(of: key)
      guard !known.contains(where: { $0.lowercased() == name.lowercased() }) else { return }
      guard let near = nearestName(to: name, among: known) else { return }
      throw Failure(
        .usage, "no alert has the \(what) '\(AlertCard.shown(name))'",
        advice: "did you mean '\(AlertCard.shown(near))'?")
    }
    try look("rule", query.rule, .rule)
    try look("category", query.category, .category)
    try look("owner", query.owner, .owner)
    try look("source", query.source, .source)
    if let field = query.entityField {
      let known = try host.control.entityFields()
      if !known.contains(field), let near = nearestName(to: field, among: known) {
        throw Failure(
          .usage, "no alert is about a '\(AlertCard.shown(field))'",
          advice: "did you mean '\(near)'?")
      }
      try look(field, query.entity, .field(field))
    }
  }
}

extension ScriptValue {
  static func of(_ number: Double?) -> ScriptValue {
    number.map { $0.isFinite ? .number($0) : .nil } ?? .nil
  }
  static func of(_ text: String?) -> ScriptValue { text.map(ScriptValue.text) ?? .nil }
}
