package import Detection

/// What findings of one kind mean for the business: the first row that matches says it. Read aloud, it is the policy.
package struct Mapping: Hashable, Sendable {
  package var id: String
  /// All must hold for the mapping to be asked at all; empty for every finding.
  package var on: [Predicate]
  package var rows: [MappingRow]
  /// How severe an alert is by its score and context; the first that matches.
  package var severities: [Choice]
  /// Which response is chosen; the first that matches. The word is the installation's own: `immediate_block`.
  package var responses: [Choice]

  /// A word that is chosen where all conditions hold.
  package struct Choice: Hashable, Sendable {
    package var word: String
    package var when: [Predicate]

    package init(_ word: String, when: [Predicate] = []) {
      self.word = word
      self.when = when
    }
  }

  package init(
    id: String, on: [Predicate] = [], rows: [MappingRow], severities: [Choice] = [],
    responses: [Choice] = []
  ) {
    self.id = id
    self.on = on
    self.rows = rows
    self.severities = severities
    self.responses = responses
  }
}

/// One line of the policy: what it is called, what it costs, who does what.
package struct MappingRow: Hashable, Sendable {
  /// Unique among all mappings of a run; an alert names it.
  package var id: String
  /// All must hold; empty for the default row at the end.
  package var when: [Predicate]
  /// Such as `Security - Account Takeover`.
  package var category: String
  package var risk: Risk
  package var costUSD: Double
  package var per: CostUnit
  /// What to do, in words: `Lock account, notify user, require password reset`.
  package var action: String
  /// Regimes that it touches: `SOC2`, `PCI-DSS`.
  package var compliance: [String]
  /// A key of the owners directory: `security_team`.
  package var owner: String
  /// Replaces the owner's own time to respond.
  package var slaSeconds: Int?
  /// Replaces the rule's title.
  package var title: String?
  /// What findings of this row are counted together by, whichever rule found them.
  package var dedup: Dedup?

  package init(
    id: String, when: [Predicate] = [], category: String, risk: Risk, costUSD: Double,
    per: CostUnit = .incident, action: String, compliance: [String] = [], owner: String,
    slaSeconds: Int? = nil, title: String? = nil, dedup: Dedup? = nil
  ) {
    self.id = id
    self.when = when
    self.category = category
    self.risk = risk
    self.costUSD = costUSD
    self.per = per
    self.action = action
    self.compliance = compliance
    self.owner = owner
    self.slaSeconds = slaSeconds
    self.title = title
    self.dedup = dedup
  }
}

/// How much harm a true finding would do, in rising order.
package enum Risk: String, Hashable, Sendable, CaseIterable, Comparable {
  case low, medium, high, critical

  /// The severity that an alert of this risk has at least, once a rule says so.
  package var severity: Severity {
    switch self {
    case .low: .low
    case .medium: .medium
    case .high: .high
    case .critical: .critical
    }
  }

  package static func < (a: Risk, b: Risk) -> Bool { a.severity < b.severity }
}

/// What the estimated cost is counted by.
package enum CostUnit: String, Hashable, Sendable, CaseIterable {
  case incident, minute, day
}

extension [Mapping] {
  /// The first mapping whose `on` holds together with its first row whose `when` holds.
  ///
  /// A mapping whose `on` holds but none of whose rows does is passed over. `lists` answers `in_list`.
  package func choose(
    for evidence: Evidence, lists: (String, String) -> Bool = { _, _ in false }
  ) -> (mapping: Mapping, row: MappingRow)? {
    for mapping in self where evidence.satisfies(mapping.on, lists: lists) {
      if let row = mapping.rows.first(where: { evidence.satisfies($0.when, lists: lists) }) {
        return (mapping, row)
      }
    }
    return nil
  }

  /// What the first mapping that says something of its kind and whose `on` holds chooses.
  package func word(
    for evidence: Evidence, _ choices: (Mapping) -> [Mapping.Choice],
    lists: (String, String) -> Bool
  ) -> String? {
    for mapping in self where !choices(mapping).isEmpty {
      guard evidence.satisfies(mapping.on, lists: lists) else { continue }
      if let choice = choices(mapping).first(where: { evidence.satisfies($0.when, lists: lists) }) {
        return choice.word
      }
    }
    return nil
  }
}

extension Judge.Policy {
  /// How severe an alert on the evidence would be.
  package func severity(of evidence: Evidence, _ row: MappingRow?) -> Severity {
    severityMade(of: evidence, row).severity
  }

  /// The same, with who gave how many of its steps.
  func severityMade(of evidence: Evidence, _ row: MappingRow?) -> AlertSeverity {
    let told = mappings.word(for: evidence, \.severities, lists: lists).flatMap { Severity($0) }
    return AlertSeverity(evidence, risk: row?.risk, row: row?.id, told: told)
  }

  func response(to evidence: Evidence) -> String? {
    mappings.word(for: evidence, \.responses, lists: lists)
  }
}
