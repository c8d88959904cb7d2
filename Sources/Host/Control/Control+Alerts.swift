package import Cases
import Detection
package import Primitives
package import Store

extension Control {
  package func owners() throws(Failure) -> Owners { try Installation.owners(settings) }

  /// Without the reasons of each, which no list shows.
  package func list(
    since: Timestamp? = nil, until: Timestamp? = nil, severity: String? = nil,
    entity: String? = nil, rule: String? = nil, mapping: String? = nil, status: String? = nil,
    assignee: String? = nil, limit: Int = 50
  ) throws(Failure) -> [StoredAlert] {
    try list(
      try filter(
        since: since, until: until, severity: severity, entity: entity, rule: rule,
        mapping: mapping, status: status, assignee: assignee), limit: limit)
  }

  /// - Parameter order: by worth, open alerts stand as the queue has them, and the closed ones behind, newest first.
  package func list(
    _ filter: AlertFilter, order: AlertListOrder = .newest, limit: Int = 50
  ) throws(Failure) -> [StoredAlert] {
    guard limit > 0 else { throw Failure(.usage, "--limit is \(limit)", advice: "give 1 or more") }
    var filter = filter
    let store = try store(.readOnly)
    if order == .newest {
      filter.limit = limit
      return try store.alertsInBrief(filter)
    }
    let ranks = Dictionary(
      try queue(try store.facts(), store).enumerated().map { ($0.element.fact.id, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    let found = try store.alertsInBrief(filter).enumerated().sorted { a, b in
      let first = ranks[a.element.alert.id] ?? .max
      let second = ranks[b.element.alert.id] ?? .max
      return (first, a.offset) < (second, b.offset)
    }
    return found.prefix(limit).map(\.element)
  }

  /// `open` and `closed`, where an open one stands more exactly, or what a closed one was.
  func set(status: String?, of filter: inout AlertFilter) throws(Failure) {
    let coarse = StoredAlert.Status.allCases.map(\.rawValue)
    let known =
      coarse + AlertState.allCases.map(\.word) + StoredAlert.Disposition.allCases.map(\.word)
    guard
      let status = try word(
        status?.replacing("_", with: "-"), "status", { known.contains($0) ? $0 : nil }, known)
    else { return }
    let stored = status.replacing("-", with: "_")
    filter.status = StoredAlert.Status(rawValue: stored)
    filter.state = AlertState(rawValue: stored)
    filter.disposition = StoredAlert.Disposition(rawValue: stored)
  }

  /// - Returns: the alert in the incident that it is in now, what was frozen with it, and what it adds to that incident's cost.
  package func alert(_ idOrPrefix: String) throws(Failure) -> (
    stored: StoredAlert, frozen: FrozenEvidence?, stakes: AlertStakes?
  ) {
    let store = try store(.readOnly)
    return try alert(idOrPrefix, store, try store.facts())
  }

  /// - Parameter facts: of all alerts, in order of time, then id.
  func alert(
    _ idOrPrefix: String, _ store: AlertStore, _ facts: [AlertFact]
  ) throws(Failure) -> (stored: StoredAlert, frozen: FrozenEvidence?, stakes: AlertStakes?) {
    var stored = try store.alert(idOrPrefix)
    let settings = self.settings.judgement.incidents
    let groups = IncidentGroups(facts, settings: settings, edits: try store.incidentEdits())
    let members = groups.members(with: stored.alert.id, of: facts)
    if !members.isEmpty { stored.alert.incident = IncidentGroups.name(members) }
    return (
      stored, try store.frozen(stored.alert.id),
      AlertStakes(of: stored.alert.id, among: members, lull: settings.lull)
    )
  }

  /// Returns the closed alert's id.
  ///
  /// - Parameter other: the alert that a duplicate tells the same as.
  package func close(
    _ idOrPrefix: String, disposition: String, of other: String? = nil, note: String
  ) throws(Failure) -> String {
    let words = StoredAlert.Disposition.allCases.map(\.word)
    guard
      let known = try word(
        disposition, "disposition",
        { StoredAlert.Disposition(rawValue: $0.replacing("-", with: "_")) }, words)
    else { throw Failure(.usage, "an alert is closed as something", advice: "give --as") }
    if other != nil && known != .duplicate {
      throw Failure(
        .usage, "only a duplicate is one of another alert",
        advice: "leave out --of, or give --as duplicate")
    }
    return try store(.change).close(
      idOrPrefix, known, of: other, note: try checked(note), at: WallClock.now()
    ).alert.id
  }

  /// Returns the opened alert's id.
  package func reopen(_ idOrPrefix: String, note: String? = nil) throws(Failure) -> String {
    try store(.change).reopen(idOrPrefix, note: try checked(note)).alert.id
  }

  /// `user=ana` is an entity with its field, `ana` one of whatever field.
  static func named(_ entity: String?) -> (field: String?, value: String)? {
    guard let entity else { return nil }
    guard let sign = entity.firstIndex(of: "="), sign > entity.startIndex else {
      return (nil, entity)
    }
    return (String(entity[..<sign]), String(entity[entity.index(after: sign)...]))
  }
}

/// In which order alerts are listed.
package enum AlertListOrder: String, Sendable, CaseIterable {
  case newest, worth
}
