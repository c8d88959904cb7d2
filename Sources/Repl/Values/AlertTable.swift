import Cases
import Detection
import Primitives
import Scripting
import Store

/// An alert as Lua sees it: a table of its fields, and what has become of it.
enum AlertTable {
  static func table(_ stored: StoredAlert) -> ScriptTable {
    let alert = stored.alert
    let named: [(String, ScriptValue)] = [
      (ReplPrelude.tag, .text("alert")), ("id", .text(alert.id)), ("time", .time(alert.time)),
      ("severity", .text(stored.highestSeverity.word)), ("title", .text(alert.title)),
      ("message", .text(alert.message)), ("field", .of(alert.entity?.field)),
      ("entity", .of(alert.entity?.value)), ("rule", .of(alert.rule)),
      ("kind", .text(alert.kind.rawValue)), ("source", .text(alert.source)),
      ("event", .text(alert.eventID)), ("score", .of(stored.highestScore)),
      ("confidence", .of(alert.confidence)), ("category", .of(alert.category)),
      ("risk", .of(alert.risk?.rawValue)), ("cost", .of(alert.costUSD)),
      ("action", .of(alert.action)), ("owner", .of(alert.owner)),
      ("sla", alert.slaSeconds.map { .duration(.seconds(Int64($0))) } ?? .nil),
      ("mapping", .of(alert.mapping)), ("incident", .text(alert.incident)),
      ("recurrence", .integer(Int64(alert.recurrence))), ("model", .of(alert.model)),
      ("status", .text(stored.status.rawValue)), ("state", .text(stored.state.word)),
      ("assignee", .of(stored.assignee)),
      ("disposition", .of(stored.disposition?.rawValue.replacing("_", with: "-"))),
      ("note", .of(stored.note)), ("closed", stored.closedAt.map(ScriptValue.time) ?? .nil),
      ("joined", .integer(Int64(stored.joined))), ("reasons", reasons(alert)),
    ]
    return ScriptTable(named: named.filter { !$0.1.isNil }.map { (name: $0.0, value: $0.1) })
  }

  static func reasons(_ alert: Alert) -> ScriptValue {
    .table(
      ScriptTable(
        list: alert.reasons.map { reason in
          let named: [(String, ScriptValue)] = [
            ("feature", .text(reason.feature)), ("value", .of(reason.value)),
            ("normal", .of(reason.normal)), ("contribution", .of(reason.contribution)),
            ("text", .text(reason.text)),
          ]
          return .table(
            ScriptTable(named: named.filter { !$0.1.isNil }.map { (name: $0.0, value: $0.1) }))
        }))
  }
}
