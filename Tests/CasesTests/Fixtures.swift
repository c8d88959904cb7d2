import Cases
import Detection
import Primitives

/// Sunday 1 March 2026, 14:00 UTC.
let afternoon = Timestamp(seconds: 1_772_373_600)

func rule(
  _ id: String, _ severity: Severity = .high, title: String = "A title", message: String = "said"
) -> Finding {
  Finding(row: 0, origin: .rule(id: id), severity: severity, title: title, message: message)
}

func modelFinding(title: String = "", message: String = "") -> Finding {
  Finding(row: 0, origin: .model, severity: .medium, title: title, message: message)
}

func evidence(
  _ id: String = "e1", at time: Timestamp = afternoon, kind: String = "login",
  source: String = "s", user: String? = "ana", fields: [String: Value] = [:],
  found: [Finding] = [rule("auth.burst")], features: [String: Double] = [:], score: Double? = nil
) -> Evidence {
  Evidence(
    event: EventRecord(time: time, id: id, source: source, kind: kind, fields: fields),
    entity: user.map { Entity(field: "user", value: $0) }, findings: found, score: score,
    features: features.sorted { $0.key < $1.key }.map { Measurement(name: $0.key, value: $0.value) }
  )
}

/// The policy of the seven planted attacks, each row reached by what was seen.
let seven: [Mapping] = [
  Mapping(
    id: "access", on: [Predicate("kind", .equals(.text("login")))],
    rows: [
      MappingRow(
        id: "account-takeover", when: [Predicate("event_count_1h", .atLeast(12))],
        category: "Security - Account Takeover", risk: .high, costUSD: 500,
        action: "Lock account, notify user, require password reset",
        compliance: ["SOC2", "GDPR"], owner: "security_team"),
      MappingRow(
        id: "off-hours", when: [Predicate("hour_of_day", .between(2, 5))],
        category: "Security - Insider Threat", risk: .medium, costUSD: 100,
        action: "Flag for review, verify with employee", compliance: ["SOC2"],
        owner: "hr_security"),
      MappingRow(
        id: "other-access", category: "Security - Access", risk: .low, costUSD: 0,
        action: "Review", owner: "security_team"),
    ]),
  Mapping(
    id: "payments", on: [Predicate("kind", .equals(.text("transaction")))],
    rows: [
      MappingRow(
        id: "stolen-card",
        when: [
          Predicate("amount", .atLeast(2000)),
          Predicate("time_since_last_event_seconds", .atLeast(86_400)),
        ],
        category: "Fraud - Stolen Card", risk: .critical, costUSD: 5000,
        action: "Decline transaction, block card, alert customer immediately",
        compliance: ["PCI-DSS", "Regulation E"], owner: "fraud_team"),
      MappingRow(
        id: "card-testing", when: [Predicate("event_count_1h", .atLeast(20))],
        category: "Fraud - Card Testing", risk: .high, costUSD: 1000,
        action: "Block card, contact customer, investigate transactions",
        compliance: ["PCI-DSS"], owner: "fraud_team"),
      MappingRow(
        id: "money-laundering", when: [Predicate("rule", .matches("payments.round-*"))],
        category: "Fraud - Money Laundering", risk: .high, costUSD: 10_000,
        action: "File SAR, freeze account pending investigation",
        compliance: ["BSA", "AML", "FinCEN"], owner: "compliance_team"),
    ]),
  Mapping(
    id: "infrastructure", on: [Predicate("kind", .equals(.text("metric")))],
    rows: [
      MappingRow(
        id: "performance", when: [Predicate("metric_z_24h", .atLeast(6))],
        category: "Infrastructure - Performance", risk: .high, costUSD: 200, per: .minute,
        action: "Page on-call engineer, check dashboards, prepare rollback",
        compliance: ["SLA"], owner: "sre_team"),
      MappingRow(
        id: "degradation", when: [Predicate("score", .atLeast(0.5))],
        category: "Infrastructure - Degradation", risk: .medium, costUSD: 500, per: .day,
        action: "Schedule investigation, monitor closely", compliance: ["SLA"], owner: "sre_team",
        slaSeconds: 90),
    ]),
]

let owners = Owners([
  "security_team": Owner(
    name: "Security Operations", contact: "security@example.com", slaMinutes: 15),
  "sre_team": Owner(
    name: "Site Reliability Engineering", contact: "oncall@example.com", slaMinutes: 10),
])

func judge(_ settings: Judge.Settings = Judge.Settings()) -> Judge {
  Judge(
    policy: Judge.Policy(mappings: seven, owners: owners, pluginsDigest: "p1"), settings: settings)
}

extension Judge.Verdict {
  var alert: Alert? {
    if case .raised(let alert, _) = self { return alert }
    return nil
  }

  var joined: Joined? {
    if case .joined(let joined) = self { return joined }
    return nil
  }
}

/// Texts that break naive writers, terminals and parsers.
let hostileTexts = [
  "", " ", "\"", "\\", "\\u0000", "\0", "a\nb", "\r\n", "\u{1B}[2J", "\u{202E}gnp.exe", "</script>",
  "'; DROP TABLE alerts; --", "%s%n", "=1+1", "e\u{301}", "\u{E9}", "🏳️‍🌈", "\u{2028}", "\u{FEFF}x",
  "{user}", "$(id)", String(repeating: "a\u{301}", count: 3000), "null", "1e999", "\u{7F}\u{9B}",
]

extension Measurement {
  /// With what is usual at any hour: a median, and as much around it; unknown where either is missing.
  init(
    name: String, value: Double, normal: Double?, spread: Double?, count: Int,
    words: FeatureWords? = nil
  ) {
    var usual: Usual?
    if let normal, let spread {
      usual = Usual(
        median: normal, low: normal - spread, high: normal + spread, count: count, basis: .overall)
    }
    self.init(name: name, value: value, usual: usual, words: words)
  }
}
