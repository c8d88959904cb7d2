import Cases
import Detection
import Host
import Primitives
import Scripting
import Store

/// Which alerts there are, and why each of them.
extension Verb {
  private static let listing = VerbOptions.filters + ["order", "reverse", "limit"]

  static let alertVerbs: [Verb] = [
    Verb(
      name: "alerts", form: "alerts{severity = \"high\", last = 7 * day}",
      about: """
        The alerts that all of the options fit, newest first. Times are in UTC; before is not included. severity is at \
        least a word, or exactly those of a list. rule, category, owner, source, entity and state may be lists of which \
        one is enough; a rule may be a family such as "fraud.*", and an entity end in a star as well. names asks for \
        alerts that name an entity without being about it. state is new, acknowledged, in-progress or resolved; assignee \
        is a name, or false for nobody. cost and score take above, below, at_least and at_most. hours are those of the \
        day. any is a list of options of which one has to fit, except of such that may not. order is newest, oldest, \
        severity, cost or score, and reverse turns it round. 100 are given unless limit says otherwise, and all of them to a file.
        """, options: listing,
      examples: [
        "alerts{last = 1 * day}", "alerts{severity = \"high\", status = \"open\", limit = 20}",
        "alerts{entity = \"user=ana\", since = \"2026-03-20\"}",
        "alerts{rule = \"fraud.*\", cost = {above = 1000}, order = \"cost\"}",
        "alerts{severity = {\"medium\"}, state = \"new\", except = {rule = \"metrics.*\"}}",
        "alerts{hours = {22, 6}, any = {{rule = \"auth.*\"}, {category = \"Data Quality - Silence\"}}}",
      ]
    ) { host, arguments in
      let options = try VerbOptions(arguments.first, of: "alerts", known: listing)
      var query = try options.query(now: host.now)
      let orders = AlertQuery.Order.allCases.map(\.rawValue)
      query.order = try options.word("order", orders, AlertQuery.Order.init) ?? .newest
      query.isReversed = try options.flag("reverse") ?? false
      let limit = try options.count("limit")
      let most = host.wantsAll ? nil : 100
      // One more than is given says whether there are more.
      query.limit = limit ?? most.map { $0 + 1 }
      var found = try host.control.find(query)
      if found.isEmpty { try suggest(query, host) }
      var list: [ScriptValue] = []
      if limit == nil, let most, found.count > most {
        found.removeLast(found.count - most)
        query.limit = nil
        let all = try host.control.count(query)
        list = found.dropLast().map { .table(AlertTable.table($0)) }
        var last = AlertTable.table(found[most - 1])
        last.named.append((moreKey, .integer(Int64(all - most))))
        list.append(.table(last))
      } else {
        list = found.map { .table(AlertTable.table($0)) }
      }
      return .table(ScriptTable(list: list))
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
      let (stored, frozen, stakes) = try host.control.alert(id)
      let text = AlertStory.text(
        stored.alert, owners: try host.control.owners(),
        context: .init(joined: stored.joined, frozen: frozen, stakes: stakes))
      return .table(
        ScriptTable(named: [
          (ReplPrelude.tag, .text("story")), ("id", .text(stored.alert.id)),
          ("severity", .text(stored.alert.severity.word)), ("text", .text(text)),
          ("reasons", AlertTable.reasons(stored.alert)),
        ]))
    },
    Verb(
      name: "features", form: "features(alert)",
      about: """
        Every feature as it was when the alert was raised, what is normal, and what it added. Takes also a kept event, \
        whose features are computed again.
        """,
      examples: ["features(\"7dbd1af203\")", "features(events{limit = 1}[1])"]
    ) { host, arguments in
      if arguments.first?.tag == "event" { return try eventFeatures(arguments[0], host) }
      let frozen: FrozenEvidence?
      do throws(Failure) {
        frozen = try host.control.alert(try identity(arguments, "features")).frozen
      } catch {
        // A text may be the id of an event as well; what is wrong with it is told of the alert that it was to be.
        guard let id = arguments.first?.text, try host.control.hasEvent(id) else { throw error }
        return try eventFeatures(.text(id), host)
      }
      guard let frozen else {
        throw Failure(.usage, "no features were kept with this alert")
      }
      return rows(
        ["feature", "value", "normal", "low", "high", "contribution"],
        frozen.features.map { feature in
          [
            .text(feature.name), .of(feature.value), .of(feature.normal), .of(feature.low),
            .of(feature.high), .of(feature.contribution),
          ]
        })
    },
  ]

  private static func eventFeatures(
    _ event: ScriptValue, _ host: ReplHost
  ) throws(Failure) -> ScriptValue {
    let (_, features) = try host.control.features(
      ofEvent: try eventID(event, "features", host), progress: host.progress)
    return rows(
      ["feature", "value", "normal", "low", "high", "definition"],
      features.map { feature in
        [
          .text(feature.name), .of(feature.value), .of(feature.usual?.median),
          .of(feature.usual?.low), .of(feature.usual?.high), .text(feature.definition),
        ]
      })
  }

  /// A table whose columns stand in this order.
  static func rows(_ columns: [String], _ cells: [[ScriptValue]]) -> ScriptValue {
    .table(
      ScriptTable(
        list: cells.enumerated().map { index, row in
          var named = zip(columns, row).filter { !$0.1.isNil }.map { (name: $0.0, value: $0.1) }
          named.append((ReplPrelude.tag, .text("row")))
          if index == 0 {
            named.append((columnsKey, .table(ScriptTable(list: columns.map(ScriptValue.text)))))
          }
          return .table(ScriptTable(named: named))
        }))
  }

  /// On the last row of a list that was cut: how many rows were left out.
  static let moreKey = "@more"

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
    for one in query.alternatives.flatMap({ $0 }) + query.exceptions { try suggest(one, host) }
    if let field = query.entityField, query.entity?.contains("*") != true {
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
