import Cases
import Detection
import Host
import Primitives
import Scripting
import Store

/// What is known about one user, card or device.
extension Verb {
  static let entityVerbs: [Verb] = [
    Verb(
      name: "entity", form: "entity(\"user\", \"ana\")",
      about: """
        The profile of an entity: its alerts by rule, since when, how bad, what is open; and what it does in the kept events, \
        by kind and by hour of the day. Its usual numbers on one event: features(event).
        """,
      examples: ["entity(\"user\", \"ana\")", "entity(\"card\", \"C101776\").open"]
    ) { host, arguments in
      guard arguments.count == 2, let field = arguments[0].text, let value = arguments[1].text
      else {
        throw Failure(
          .usage, "entity needs a field and its value", advice: "such as entity(\"user\", \"ana\")")
      }
      return .table(try profile(field, value, host))
    }
  ]

  private static func profile(
    _ field: String, _ value: String, _ host: ReplHost
  ) throws(Failure) -> ScriptTable {
    var query = AlertQuery()
    query.entityField = field
    query.entity = value
    var alerts = try host.control.count(query)
    var others = AlertQuery()
    others.named = Entity(field: field, value: value)
    if alerts == 0 {
      // No alert is about it; those that name it are.
      alerts = try host.control.count(others)
      if alerts > 0 { query = others }
    }
    let rules = try host.control.counts(query, by: .rule, top: 20).rows
    let deeds = try deeds(field, value, host)
    if alerts == 0 && deeds.isEmpty {
      try suggest(query, host)
      throw Failure(
        .usage,
        "no alert is about, or names, \(AlertCard.shown(field)) '\(AlertCard.shown(value))'",
        advice:
          "no kept event names it either; tally{by = \"\(AlertCard.shown(field))\"}")
    }
    var open = query
    open.status = StoredAlert.Status.open.rawValue
    var newest = query
    newest.limit = 5
    var oldest = query
    oldest.order = .oldest
    oldest.limit = 1
    var worst = query
    worst.order = .severity
    worst.limit = 1
    let recent = try host.control.find(newest)
    let severity = try host.control.find(worst).first?.highestSeverity.word
    return ScriptTable(
      named: [
        (ReplPrelude.tag, .text("entity")), ("field", .text(field)), ("entity", .text(value)),
        ("alerts", .integer(Int64(alerts))),
        ("open", .integer(Int64(try host.control.count(open)))),
        ("worst", .of(severity)), ("named_in", .integer(Int64(try host.control.count(others)))),
        ("first", try host.control.find(oldest).first.map { .time($0.alert.time) } ?? .nil),
        ("last", recent.first.map { .time($0.alert.time) } ?? .nil),
        (
          "rules",
          .table(
            ScriptTable(
              list: rules.map { row in
                .table(
                  ScriptTable(named: [
                    (ReplPrelude.tag, .text("count")), ("by", .text("rule")),
                    ("value", .text(words(row.value, .rule))),
                    ("alerts", .integer(Int64(row.alerts))),
                  ]))
              }))
        ),
        ("recent", .table(ScriptTable(list: recent.map { .table(AlertTable.table($0)) }))),
      ] + deeds)
  }

  /// What the entity does in the kept events: how many, of which kinds, and how many in each hour of the day; nothing where
  /// none names it.
  private static func deeds(
    _ field: String, _ value: String, _ host: ReplHost
  ) throws(Failure) -> [(name: String, value: ScriptValue)] {
    guard try host.control.eventFields().contains(field) else { return [] }
    var query = EventQuery()
    query.fields = [FieldTest(field, [.text(value)])]
    var measure = EventMeasure()
    measure.keys = [.kind, .hour]
    measure.top = .max
    let rows = try host.control.measure(query, measure, progress: host.progress).rows
    if rows.isEmpty { return [] }
    var events: [Value: Int] = [:]
    var hours = [Double](repeating: 0, count: 24)
    for row in rows {
      events[row.values[0], default: 0] += row.events
      if case .number(let hour) = row.values[1] { hours[Int(hour)] += row.amount }
    }
    func text(_ value: Value) -> String {
      if case .text(let text) = value { text } else { "no kind" }
    }
    let kinds = events.map { (text($0.key), $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    return [
      ("events", .integer(Int64(events.values.reduce(0, +)))),
      (
        "kinds",
        .table(
          ScriptTable(
            list: kinds.map { kind, events in
              .table(
                ScriptTable(named: [
                  (ReplPrelude.tag, .text("count")), ("by", .text("kind")),
                  ("value", .text(kind)), ("events", .integer(Int64(events))),
                ]))
            }))
      ), ("hours", .table(ScriptTable(list: hours.map { .of($0) }))),
    ]
  }
}
