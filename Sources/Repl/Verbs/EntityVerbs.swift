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
      about: "The profile of an entity: its alerts by rule, since when, how bad, what is open.",
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
    if alerts == 0 {
      try suggest(query, host)
      throw Failure(
        .usage,
        "no alert is about, or names, \(AlertCard.shown(field)) '\(AlertCard.shown(value))'",
        advice:
          "only entities with alerts are known here; tally{by = \"\(AlertCard.shown(field))\"}")
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
    return ScriptTable(named: [
      (ReplPrelude.tag, .text("entity")), ("field", .text(field)), ("entity", .text(value)),
      ("alerts", .integer(Int64(alerts))), ("open", .integer(Int64(try host.control.count(open)))),
      ("worst", .of(severity)),
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
    ])
  }
}
