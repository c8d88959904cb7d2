import Detection
import Primitives
import Testing

@testable import Cases

/// Alerts on their way to other systems.
struct ExportTests {
  private func exported(
    _ text: String = "ana", state: AlertState = .new, disposition: String? = nil,
    severity: Severity = .high, entity: Bool = true
  ) -> ExportedAlert {
    let alert = Alert(
      id: "00ff", time: Timestamp(microseconds: 1_772_373_600_123_456), eventID: text, source: text,
      entity: entity ? Entity(field: "user", value: text) : nil, kind: entity ? .rule : .model,
      rule: entity ? "auth.burst" : nil, score: 0.876, confidence: 0.5, severity: .medium,
      title: text, message: text,
      reasons: [Reason(feature: "f", value: 1, normal: nil, contribution: nil, text: text)],
      category: "Security - \(text)", risk: .critical, costUSD: 500, costPer: .incident,
      compliance: [text], action: text, owner: "o", slaSeconds: 60, mapping: "m", incident: "inc-1",
      model: entity ? nil : text, pluginsDigest: "p")
    return ExportedAlert(
      alert: alert, state: state, disposition: disposition, assignee: "ben", note: text,
      closedAt: state.isOpen ? nil : Timestamp(microseconds: 1_772_373_700_000_000), joined: 4,
      highestSeverity: severity, highestScore: 0.9)
  }

  private func value(_ json: JSONValue, _ path: String) -> JSONValue? {
    path.split(separator: ".").reduce(Optional(json)) { $0?[String($1)] }
  }

  /// What the schema requires of the class, of its base and of every object that is in it.
  private static let requiredByOCSF = [
    "activity_id", "category_uid", "class_uid", "severity_id", "time", "type_uid", "metadata",
    "metadata.version", "metadata.product", "metadata.product.name",
    "metadata.product.vendor_name", "finding_info", "finding_info.uid", "finding_info.title",
    "finding_info.analytic.type_id", "finding_info.analytic.name",
  ]

  @Test("A detection finding has what OCSF requires, with the identifiers of the class")
  func ocsf() throws {
    for entity in [true, false] {
      let json = OCSFAlert.json(exported(entity: entity), product: "0.1.0")
      for path in ExportTests.requiredByOCSF { #expect(value(json, path) != nil, "\(path)") }
      #expect(json["class_uid"] == 2004 && json["category_uid"] == 2)
      #expect(json["type_uid"] == 200_401 && json["activity_id"] == 1)
      #expect(json["time"] == .integer(1_772_373_600_123))
      #expect(json["severity_id"] == 4 && json["severity"] == "High")
      #expect(json["risk_score"] == 61 && json["risk_level_id"] == 4)
      #expect(value(json, "unmapped.score") == .number(0.876))
      #expect(value(json, "finding_info.analytic.type_id") == (entity ? 1 : 4))
      #expect(value(json, "finding_info.related_events_count") == 5)
      #expect(value(json, "metadata.profiles") == ["incident"])
      #expect((json["resources"] == nil) == !entity)
      guard case .list(let evidences)? = json["evidences"] else {
        Issue.record("no evidence")
        return
      }
      // One of the artifacts that the schema knows has to be there.
      #expect(evidences.count == 1 && evidences[0]["data"] != nil)
      guard case .list(let seen)? = json["observables"] else { continue }
      #expect(seen.allSatisfy { $0["name"] != nil && $0["type_id"] == 4 })
    }
  }

  @Test(
    "A graver alert is never below a lesser one, whatever the model said, and confidence orders those of one severity"
  )
  func riskScore() {
    var last = 0
    for severity in Severity.allCases {
      for confidence in [0, 0.3, 1] as [Double] {
        var one = exported(severity: severity)
        one.alert.confidence = confidence
        one.alert.score = 1 - confidence
        #expect(one.riskScore > last, "\(severity) \(confidence)")
        last = one.riskScore
        #expect(
          value(ECSAlert.json(one, product: "1"), "event.risk_score") == .integer(Int64(last)))
        #expect(OCSFAlert.json(one, product: "1")["risk_score"] == .integer(Int64(last)))
      }
      var unknown = exported(severity: severity)
      unknown.alert.confidence = nil
      #expect(unknown.riskScore == last)
    }
    #expect(last == 99)
  }

  @Test(
    "Status, activity and verdict follow what people made of the alert",
    arguments: [
      (AlertState.new, nil, 1, 1, nil), (.acknowledged, nil, 2, 2, nil),
      (.inProgress, nil, 2, 2, nil), (.resolved, "true_positive", 3, 4, 2),
      (.resolved, "false_positive", 3, 4, 1), (.resolved, "benign", 3, 4, 5),
      (.resolved, "duplicate", 3, 4, 10),
    ] as [(AlertState, String?, Int64, Int64, Int64?)])
  func standing(
    state: AlertState, disposition: String?, activity: Int64, status: Int64, verdict: Int64?
  ) {
    let one = exported(state: state, disposition: disposition)
    let json = OCSFAlert.json(one, product: "0.1.0")
    #expect(json["activity_id"] == .integer(activity))
    #expect(json["type_uid"] == .integer(200_400 + activity))
    #expect(json["status_id"] == .integer(status))
    #expect(json["verdict_id"] == verdict.map(JSONValue.integer))
    #expect(value(json, "assignee.name") == "ben")
    let ecs = ECSAlert.json(one, product: "0.1.0")
    #expect(value(ecs, "moonwatch.state") == .text(state.rawValue))
    #expect(value(ecs, "moonwatch.disposition") == disposition.map(JSONValue.text))
  }

  @Test("A document of ECS has what the schema requires, and only words that it allows")
  func ecs() {
    let categories = [
      "api", "authentication", "configuration", "database", "driver", "email", "file", "host",
      "iam",
      "intrusion_detection", "library", "malware", "network", "package", "process", "registry",
      "session", "threat", "vulnerability", "web",
    ]
    for entity in [true, false] {
      let json = ECSAlert.json(exported(entity: entity), product: "0.1.0")
      for path in [
        "@timestamp", "ecs.version", "event.kind", "event.category", "event.type", "event.id",
        "event.severity", "message", "rule.id", "rule.name", "observer.vendor",
      ] {
        #expect(value(json, path) != nil, "\(path)")
      }
      #expect(json["@timestamp"] == "2026-03-01T14:00:00.123456Z")
      #expect(value(json, "event.kind") == "alert" && value(json, "event.type") == ["info"])
      guard case .list(let words)? = value(json, "event.category") else {
        Issue.record("no category")
        return
      }
      #expect(words.allSatisfy { categories.contains($0.text ?? "") })
      #expect((value(json, "user.name") != nil) == entity)
      #expect(value(json, "event.severity") == 4)
      // The schema's own names take no nulls, and objects where it has objects.
      #expect(!json.serialized().contains("null"))
    }
  }

  @Test("Hostile texts stay one line of JSON that reads back", arguments: hostileTexts)
  func hostile(text: String) throws {
    let one = exported(text)
    for form in [AlertExport.jsonl, .ocsf, .ecs] {
      let line = form.line(one, product: "0.1.0")
      #expect(line.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1 && line.hasSuffix("\n"))
      _ = try JSONValue.parse(line)
    }
    let kept = try AlertReader.alert(Array(AlertExport.jsonl.line(one, product: "").utf8))
    #expect(kept == one.alert)
  }

  @Test(
    "No cell of the CSV runs as a formula, and each reads back",
    arguments: hostileTexts + [
      "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "-2+3\"", "=\"a,b\"\n",
    ])
  func csv(text: String) {
    #expect(AlertExport.jsonl.header == "")
    let header = cells(AlertExport.csv.header)
    let row = cells(AlertExport.csv.line(exported(text), product: "0.1.0"))
    #expect(header == AlertExport.columns && row.count == header.count)
    for (name, cell) in zip(header, row) {
      #expect(!"=+-@\t\r\n".unicodeScalars.contains { $0 == cell.unicodeScalars.first }, "\(name)")
    }
    let entity = row[header.firstIndex(of: "entity")!]
    // As it was, but for what steers a terminal; one apostrophe in front is the export's.
    let isGuarded = entity.utf8.first == UInt8(ascii: "'")
    let read = isGuarded ? String(entity.unicodeScalars.dropFirst()) : entity
    let steering = text.unicodeScalars.filter {
      ($0.value < 0x20 && !"\t\r\n".unicodeScalars.contains($0)) || (0x7F..<0xA0).contains($0.value)
    }
    let shown = steering.reduce(text) {
      $0.replacing(String($1), with: safe(String($1)))
    }
    #expect(read == shown)
    #expect(!row.contains { $0.unicodeScalars.contains("\u{1B}") })
  }

  /// The cells of one record as RFC 4180 reads them.
  private func cells(_ text: String) -> [String] {
    var cells: [String] = [""]
    var isQuoted = false
    var last: Unicode.Scalar = ","
    for scalar in text.unicodeScalars.dropLast() {
      if scalar == "\"" {
        if !isQuoted && last == "\"" { cells[cells.count - 1].unicodeScalars.append("\"") }
        isQuoted.toggle()
      } else if scalar == "," && !isQuoted {
        cells.append("")
      } else {
        cells[cells.count - 1].unicodeScalars.append(scalar)
      }
      last = scalar
    }
    return cells
  }
}
