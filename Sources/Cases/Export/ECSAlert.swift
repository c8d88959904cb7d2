import Detection
package import Primitives

/// An alert as a document of the Elastic Common Schema, version 8.17; what the schema has no field for stands under `moonwatch`.
package enum ECSAlert {
  package static let version = "8.17.0"

  package static func json(_ exported: ExportedAlert, product: String) -> JSONValue {
    let alert = exported.alert
    return .present(
      ("@timestamp", .text(alert.time.description)), ("ecs", ["version": .text(version)]),
      ("message", .text("\(alert.title): \(alert.message)")),
      ("tags", .list(alert.compliance.map(JSONValue.text))),
      ("event", event(exported)), ("rule", rule(alert)),
      (
        "observer",
        [
          "vendor": "Moonwatch", "product": "Moonwatch", "type": "detector",
          "version": .text(product),
        ]
      ),
      ("user", member(alert, of: ["user"])),
      ("host", member(alert, of: ["host", "hostname", "device"])),
      ("source", address(alert)), ("related", related(alert)),
      ("moonwatch", own(exported))
    )
  }

  private static func event(_ exported: ExportedAlert) -> JSONValue {
    let alert = exported.alert
    return .present(
      ("id", .text(alert.id)), ("kind", "alert"), ("category", category(alert)),
      ("type", ["info"]), ("module", "moonwatch"), ("dataset", "moonwatch.alert"),
      ("provider", .text(alert.source)), ("created", .text(alert.time.description)),
      ("severity", .integer(Int64(exported.highestSeverity.rawValue))),
      ("risk_score", .integer(Int64(exported.riskScore))),
      (
        "reason",
        alert.reasons.isEmpty ? nil : .text(alert.reasons.map(\.text).joined(separator: "; "))
      )
    )
  }

  /// One of the words that the schema knows.
  private static func category(_ alert: Alert) -> JSONValue {
    alert.entity?.field == "user" && alert.category?.hasPrefix("Security") == true
      ? ["authentication", "intrusion_detection"] : ["intrusion_detection"]
  }

  private static func rule(_ alert: Alert) -> JSONValue {
    let name = alert.rule ?? alert.model ?? "model"
    return .present(
      ("id", .text(name)), ("name", .text(alert.title)), ("category", .of(alert.category)),
      ("ruleset", .of(alert.mapping)), ("version", .of(alert.pluginsDigest))
    )
  }

  private static func member(_ alert: Alert, of fields: [String]) -> JSONValue? {
    guard let entity = alert.entity, fields.contains(entity.field) else { return nil }
    return ["name": .text(entity.value)]
  }

  private static let addresses = ["ip", "source_ip", "src_ip"]

  /// As an address, which may be any text: the schema's `ip` takes nothing else than an address that can be read.
  private static func address(_ alert: Alert) -> JSONValue? {
    guard let entity = alert.entity, addresses.contains(entity.field) else { return nil }
    return ["address": .text(entity.value)]
  }

  private static func related(_ alert: Alert) -> JSONValue? {
    guard let entity = alert.entity else { return nil }
    switch entity.field {
    case "user": return ["user": [.text(entity.value)]]
    case "host", "hostname", "device": return ["hosts": [.text(entity.value)]]
    default: return nil
    }
  }

  private static func own(_ exported: ExportedAlert) -> JSONValue {
    let alert = exported.alert
    return .present(
      ("event_id", .text(alert.eventID)), ("kind", .text(alert.kind.rawValue)),
      ("entity", alert.entity.map { ["field": .text($0.field), "value": .text($0.value)] }),
      ("score", .of(alert.score)), ("score_meaning", .of(alert.scoreMeaning?.rawValue)),
      ("confidence", .of(alert.confidence)),
      ("severity", .text(alert.severity.word)), ("risk", .of(alert.risk?.rawValue)),
      ("cost_usd", .of(alert.costUSD)), ("cost_per", .of(alert.costPer?.rawValue)),
      ("action", .of(alert.action)), ("owner", .of(alert.owner)),
      ("sla_seconds", .of(alert.slaSeconds)), ("recurrence", .of(alert.recurrence)),
      ("incident", .text(alert.incident)), ("model", .of(alert.model)),
      ("state", .text(exported.state.rawValue)), ("disposition", .of(exported.disposition)),
      ("assignee", .of(exported.assignee)), ("note", .of(exported.note)),
      ("duplicate_of", .of(exported.duplicateOf)),
      ("closed_at", .of(exported.closedAt?.description)),
      ("joined", .integer(Int64(exported.joined)))
    )
  }
}
