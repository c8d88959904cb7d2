import Detection
package import Primitives

/// An alert as a Detection Finding (class 2004) of the Open Cybersecurity Schema Framework, version 1.4, with the incident
/// profile for what people made of it. Times are milliseconds since 1970.
package enum OCSFAlert {
  package static let version = "1.4.0"

  package static func json(_ exported: ExportedAlert, product: String) -> JSONValue {
    let alert = exported.alert
    let activity: Int64 = exported.state == .new ? 1 : exported.state.isOpen ? 2 : 3
    let activityName = activity == 1 ? "Create" : activity == 2 ? "Update" : "Close"
    return .present(
      ("activity_id", .integer(activity)), ("activity_name", .text(activityName)),
      ("category_uid", 2), ("category_name", "Findings"), ("class_uid", 2004),
      ("class_name", "Detection Finding"), ("type_uid", .integer(2004 * 100 + activity)),
      ("type_name", .text("Detection Finding: \(activityName)")),
      ("time", .integer(alert.time.milliseconds)),
      ("severity_id", .integer(Int64(exported.highestSeverity.rawValue))),
      ("severity", .text(severity(exported.highestSeverity))),
      ("message", .text("\(alert.title): \(alert.message)")),
      ("status_id", .integer(status(exported.state).id)),
      ("status", .text(status(exported.state).name)),
      ("verdict_id", verdict(exported).map { .integer($0.id) }),
      ("verdict", verdict(exported).map { .text($0.name) }),
      ("is_alert", .flag(exported.state.isOpen)),
      ("assignee", exported.assignee.map { ["name": .text($0)] }),
      ("comment", .of(exported.note)),
      ("confidence_score", alert.confidence.flatMap(percent).map(JSONValue.integer)),
      ("risk_score", .integer(Int64(exported.riskScore))),
      ("risk_level_id", alert.risk.map { .integer(Int64($0.severity.rawValue) - 1) }),
      ("risk_level", alert.risk.map { .text(severity($0.severity)) }),
      ("metadata", metadata(alert, product: product)), ("finding_info", finding(exported)),
      ("resources", alert.entity.map { [["name": .text($0.value), "type": .text($0.field)]] }),
      ("observables", alert.entity.map { [observable($0)] }),
      (
        "evidences",
        [
          [
            "data": [
              "event_id": .text(alert.eventID), "source": .text(alert.source),
              "reasons": .list(alert.reasons.map { .text($0.text) }),
            ]
          ]
        ]
      ),
      ("remediation", alert.action.map { ["desc": .text($0)] }),
      ("unmapped", unmapped(exported))
    )
  }

  private static func metadata(_ alert: Alert, product: String) -> JSONValue {
    .present(
      ("version", .text(version)), ("uid", .text(alert.id)), ("profiles", ["incident"]),
      ("log_name", .text(alert.source)), ("original_time", .text(alert.time.description)),
      (
        "product",
        ["name": "Moonwatch", "vendor_name": "Moonwatch", "version": .text(product)]
      )
    )
  }

  private static func finding(_ exported: ExportedAlert) -> JSONValue {
    let alert = exported.alert
    // 1 is a rule, 4 what was learned.
    let (kind, name): (Int64, String) =
      alert.kind == .rule ? (1, alert.rule ?? "rule") : (4, alert.model ?? "model")
    return .present(
      ("uid", .text(alert.id)), ("title", .text(alert.title)), ("desc", .text(alert.message)),
      ("created_time", .integer(alert.time.milliseconds)),
      ("first_seen_time", .integer(alert.time.milliseconds)),
      ("types", alert.category.map { [.text($0)] }),
      ("related_events_count", .integer(Int64(exported.joined) + 1)),
      (
        "analytic",
        [
          "type_id": .integer(kind), "type": kind == 1 ? "Rule" : "Learning (ML/DL)",
          "name": .text(name), "uid": .text(name),
        ]
      )
    )
  }

  /// What the schema has no place for.
  private static func unmapped(_ exported: ExportedAlert) -> JSONValue {
    let alert = exported.alert
    return .present(
      ("incident", .text(alert.incident)), ("mapping", .of(alert.mapping)),
      ("cost_usd", .of(alert.costUSD)), ("cost_per", .of(alert.costPer?.rawValue)),
      ("compliance", .list(alert.compliance.map(JSONValue.text))), ("owner", .of(alert.owner)),
      ("sla_seconds", .of(alert.slaSeconds)), ("recurrence", .of(alert.recurrence)),
      ("score", .of(alert.score)), ("score_meaning", .of(alert.scoreMeaning?.rawValue)),
      ("duplicate_of", .of(exported.duplicateOf)),
      ("plugins_digest", .of(alert.pluginsDigest)), ("state", .text(exported.state.rawValue)),
      ("closed_at", .of(exported.closedAt?.description))
    )
  }

  private static func observable(_ entity: Entity) -> JSONValue {
    let (id, kind): (Int64, String) =
      switch entity.field {
      case "user": (4, "User Name")
      case "host", "hostname", "device": (1, "Hostname")
      case "ip", "source_ip", "src_ip": (2, "IP Address")
      default: (99, entity.field)
      }
    return [
      "name": "resources[0].name", "type_id": .integer(id), "type": .text(kind),
      "value": .text(entity.value),
    ]
  }

  private static func severity(_ severity: Severity) -> String {
    switch severity {
    case .info: "Informational"
    case .low: "Low"
    case .medium: "Medium"
    case .high: "High"
    case .critical: "Critical"
    }
  }

  private static func status(_ state: AlertState) -> (id: Int64, name: String) {
    switch state {
    case .new: (1, "New")
    case .acknowledged, .inProgress: (2, "In Progress")
    case .resolved: (4, "Resolved")
    }
  }

  private static func verdict(_ exported: ExportedAlert) -> (id: Int64, name: String)? {
    switch exported.disposition {
    case "false_positive": (1, "False Positive")
    case "true_positive": (2, "True Positive")
    case "benign": (5, "Benign")
    case "duplicate": (10, "Duplicate")
    default: nil
    }
  }

  private static func percent(_ probability: Double) -> Int64? {
    Int64(exactly: (probability * 100).rounded())
  }
}
