import Detection
import Primitives
import Testing

@testable import Cases

/// Held against the class Detection Finding of OCSF 1.4.0 with the incident profile, as the schema's own JSON has it: names
/// that an object may have, those that it must have, and of which of some it needs one.
@Suite("Detection findings and the schema of OCSF 1.4.0") struct OCSFSchemaTests {
  private struct Kind {
    var allowed: Set<String>
    var required: Set<String> = []
    var anyOf: Set<String> = []

    init(_ allowed: String, required: String = "", anyOf: String = "") {
      func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }
      self.allowed = words(allowed)
      self.required = words(required)
      self.anyOf = words(anyOf)
    }
  }

  private static let finding = Kind(
    """
    activity_id activity_name assignee assignee_group category_name category_uid class_name class_uid comment confidence \
    confidence_id confidence_score count device duration end_time enrichments evidences finding_info impact impact_id \
    impact_score is_alert is_suspected_breach message metadata observables priority priority_id raw_data remediation resources \
    risk_details risk_level risk_level_id risk_score severity severity_id src_url start_time status status_code status_detail \
    status_id ticket time timezone_offset type_name type_uid unmapped vendor_attributes verdict verdict_id vulnerabilities
    """,
    required:
      "activity_id category_uid class_uid finding_info metadata severity_id time type_uid")

  private static let objects: [String: Kind] = [
    "metadata": Kind(
      """
      correlation_uid debug event_code extension extensions labels log_level log_name log_provider log_version logged_time \
      loggers modified_time original_time processed_time product profiles sequence tags tenant_uid uid version
      """, required: "product version"),
    "metadata.product": Kind(
      "cpe_name feature lang name path uid url_string vendor_name version", anyOf: "name uid"),
    "finding_info": Kind(
      """
      analytic attacks created_time data_sources desc first_seen_time kill_chain last_seen_time modified_time product \
      product_uid related_analytics related_events related_events_count src_url tags title types uid uid_alt
      """, required: "uid"),
    "finding_info.analytic": Kind(
      "category desc name related_analytics type type_id uid version", required: "type_id",
      anyOf: "name uid"),
    "observables": Kind("name reputation type type_id value", required: "type_id"),
    "evidences": Kind(
      """
      actor api connection_info container data database databucket device dst_endpoint email file http_request http_response \
      ja4_fingerprint_list job process query reg_key reg_value script src_endpoint tls url user win_service
      """, anyOf: "actor api connection_info data database device file process url user"),
    "resources": Kind(
      "agent_list criticality data group hostname ip labels name namespace owner tags type uid version",
      anyOf: "name uid"),
    "remediation": Kind("desc kb_article_list kb_articles references", required: "desc"),
    "assignee": Kind(
      """
      account credential_uid domain email_addr forward_addr full_name groups has_mfa ldap_person name org phone_number \
      risk_level risk_level_id risk_score type type_id uid uid_alt
      """, anyOf: "account name"),
  ]

  private func check(_ json: JSONValue, _ kind: Kind, _ place: String) {
    let names = Set((json.members ?? []).map(\.key))
    #expect(names.subtracting(kind.allowed) == [], "\(place) has names that the schema lacks")
    #expect(kind.required.subtracting(names) == [], "\(place) lacks what the schema requires")
    #expect(
      kind.anyOf.isEmpty || !kind.anyOf.isDisjoint(with: names), "\(place) has none of those asked")
  }

  private func alert(_ kind: Alert.Kind, entity: Entity?) -> Alert {
    Alert(
      id: "00ff", time: afternoon, eventID: "e1", source: "s", entity: entity, kind: kind,
      rule: kind == .rule ? "auth.burst" : nil, score: 0.9, confidence: 0.8, severity: .critical,
      title: "A title", message: "said",
      reasons: [Reason(feature: "f", value: 1, normal: nil, contribution: nil, text: "f 1")],
      category: "c", risk: .critical, costUSD: 5, costPer: .day, compliance: ["SOC2"], action: "do",
      owner: "o", slaSeconds: 60, mapping: "m", incident: "inc-1", model: "model",
      pluginsDigest: "p", response: "log_only", past: AlertPast())
  }

  @Test("Every name of every object is one of the schema, and what it requires is there")
  func names() throws {
    for state in AlertState.allCases {
      for kind in [Alert.Kind.rule, .model] {
        for entity in [Entity(field: "user", value: "ana"), nil] {
          let json = OCSFAlert.json(
            ExportedAlert(
              alert: alert(kind, entity: entity), state: state,
              disposition: state.isOpen ? nil : "benign", assignee: "ben", note: "a note",
              joined: 2, highestSeverity: .critical), product: "1")
          check(json, OCSFSchemaTests.finding, "the finding")
          for (path, kind) in OCSFSchemaTests.objects {
            let value = path.split(separator: ".").reduce(Optional(json)) { $0?[String($1)] }
            for one in value?.list ?? value.map({ [$0] }) ?? [] { check(one, kind, path) }
          }
          #expect((0...5).contains(json["severity_id"]?.integer ?? -1))
          #expect((0...4).contains(json["risk_level_id"]?.integer ?? -1))
          #expect((0...5).contains(json["status_id"]?.integer ?? -1))
          #expect((1...3).contains(json["activity_id"]?.integer ?? -1))
        }
      }
    }
  }
}
