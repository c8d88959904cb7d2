package import Detection

/// What findings of one kind mean for the business: the first row that matches says it. Read aloud, it is the policy.
package struct Mapping: Hashable, Sendable {
  package var id: String
  /// All must hold for the mapping to be asked at all; empty for every finding.
  package var on: [Predicate]
  package var rows: [MappingRow]

  package init(id: String, on: [Predicate] = [], rows: [MappingRow]) {
    self.id = id
    self.on = on
    self.rows = rows
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

  package init(
    id: String, when: [Predicate] = [], category: String, risk: Risk, costUSD: Double,
    per: CostUnit = .incident, action: String, compliance: [String] = [], owner: String,
    slaSeconds: Int? = nil, title: String? = nil
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
}
