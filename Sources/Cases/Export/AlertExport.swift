import Detection
import Primitives

/// The forms in which alerts leave for other systems, one a line.
package enum AlertExport: String, Sendable, CaseIterable {
  /// As they are kept, with how they stand.
  case jsonl
  /// A table for spreadsheets, safe against cells that would run as formulas.
  case csv
  /// Detection findings of the Open Cybersecurity Schema Framework.
  case ocsf
  /// Documents of the Elastic Common Schema.
  case ecs

  /// What stands above the first alert.
  package var header: String {
    self == .csv ? CSVText.line(AlertExport.columns.map(JSONValue.text)) : ""
  }

  /// One alert with its line end.
  package func line(_ exported: ExportedAlert, product: String) -> String {
    switch self {
    case .jsonl: exported.json.serialized() + "\n"
    case .csv: CSVText.line(AlertExport.cells(exported))
    case .ocsf: OCSFAlert.json(exported, product: product).serialized() + "\n"
    case .ecs: ECSAlert.json(exported, product: product).serialized() + "\n"
    }
  }

  static let columns = [
    "id", "time", "event_id", "source", "entity_field", "entity", "kind", "rule", "score",
    "confidence", "severity", "title", "message", "reasons", "category", "risk", "cost_usd",
    "cost_per", "compliance", "action", "response", "owner", "sla_seconds", "mapping", "recurrence",
    "incident", "model", "plugins_digest", "score_meaning", "status", "state", "disposition",
    "assignee", "note",
    "closed_at", "joined", "highest_severity", "highest_score", "duplicate_of",
  ]

  private static func cells(_ exported: ExportedAlert) -> [JSONValue] {
    let alert = exported.alert
    return [
      .text(alert.id), .text(alert.time.description), .text(alert.eventID), .text(alert.source),
      .of(alert.entity?.field), .of(alert.entity?.value), .text(alert.kind.rawValue),
      .of(alert.rule), .of(alert.score), .of(alert.confidence), .text(alert.severity.word),
      .text(alert.title), .text(alert.message), .list(alert.reasons.map { .text($0.text) }),
      .of(alert.category), .of(alert.risk?.rawValue), .of(alert.costUSD),
      .of(alert.costPer?.rawValue), .list(alert.compliance.map(JSONValue.text)),
      .of(alert.action), .of(alert.response), .of(alert.owner), .of(alert.slaSeconds),
      .of(alert.mapping),
      .integer(Int64(alert.recurrence)), .text(alert.incident), .of(alert.model),
      .of(alert.pluginsDigest), .of(alert.scoreMeaning?.rawValue),
    ] + exported.standing.map(\.value)
  }
}
