/// Who answers for alerts: the directory that `config/owners.yaml` holds, by key.
///
///     owners:
///       security_team:
///         name: Security Operations
///         contact: security@example.com
///         sla_minutes: 15
package struct Owners: Hashable, Sendable, Decodable {
  package var owners: [String: Owner]

  package init(_ owners: [String: Owner] = [:]) { self.owners = owners }

  /// Missing where the directory does not know the key.
  package subscript(key: String) -> Owner? { owners[key] }

  /// What people call the owner: the key itself where the directory does not know it.
  package func name(of key: String) -> String { owners[key]?.name ?? key }
}

/// A team that alerts go to.
package struct Owner: Hashable, Sendable, Decodable {
  package var name: String
  /// An address that people write to.
  package var contact: String
  /// Minutes until somebody should have responded.
  package var slaMinutes: Int

  package init(name: String, contact: String, slaMinutes: Int) {
    self.name = name
    self.contact = contact
    self.slaMinutes = slaMinutes
  }

  private enum CodingKeys: String, CodingKey {
    case name, contact
    case slaMinutes = "sla_minutes"
  }

  /// Seconds until somebody should have responded; missing where the minutes do not fit.
  package var slaSeconds: Int? {
    let (seconds, overflow) = slaMinutes.multipliedReportingOverflow(by: 60)
    return overflow || seconds < 0 ? nil : seconds
  }
}
