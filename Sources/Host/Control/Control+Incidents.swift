package import Cases
import Foundation
import Plugins
package import Primitives
package import Store

extension Control {
  /// Incidents, the one with the newest alert first.
  ///
  /// - Parameters:
  ///   - entity: that name this entity, such as `user=ana`.
  ///   - isOpen: that have an open alert, or have none; both where missing.
  package func incidents(
    since: Timestamp? = nil, severity: String? = nil, entity: String? = nil, isOpen: Bool? = nil,
    atLeast alerts: Int = 1, limit: Int = 50
  ) throws(Failure) -> [IncidentCase] {
    let lowest = try self.severity(severity)
    let named = try entity.map { (words) throws(Failure) in try self.entity(words) }
    guard limit > 0 else { throw Failure(.usage, "--limit is \(limit)", advice: "give 1 or more") }
    guard alerts > 0 else {
      throw Failure(.usage, "--alerts is \(alerts)", advice: "give 1 or more")
    }
    let found = try incidentBook(try store(.readOnly)).incidents.filter { incident in
      (since.map { incident.last >= $0 } ?? true)
        && (lowest.map { incident.severity >= $0 } ?? true)
        && (isOpen.map { incident.isOpen == $0 } ?? true)
        && incident.facts.count >= alerts
        && (named.map { one in incident.facts.contains { $0.entities.contains(one) } } ?? true)
    }
    let newest = found.sorted { ($1.last, $0.id) < ($0.last, $1.id) }
    return Array(newest.prefix(limit))
  }

  /// The incident whose id, or that of one of its alerts, begins so.
  package func incident(_ words: String) throws(Failure) -> IncidentCase {
    try Control.find(words, in: try incidentBook(try store(.readOnly)))
  }

  /// Makes one incident of several; returns it as it is now.
  package func merge(_ incidents: [String], note: String) throws(Failure) -> IncidentCase {
    let store = try store(.change)
    let book = try incidentBook(store)
    var ids: [String] = []
    for words in incidents {
      let first = try Control.find(words, in: book).facts[0].id
      if !ids.contains(first) { ids.append(first) }
    }
    if ids.count < 2 {
      throw Failure(
        .usage, "these are one incident already", advice: "name two, or alerts of two")
    }
    try store.add(IncidentEdit(.merge(ids), time: WallClock.now(), note: try checked(note) ?? ""))
    return try changed(ids[0], store)
  }

  /// Takes alerts out of an incident into one of their own; returns that.
  package func split(
    _ incident: String, alerts: [String], note: String
  ) throws(Failure) -> IncidentCase {
    let store = try store(.change)
    let whole = try Control.find(incident, in: try incidentBook(store))
    var ids: Set<String> = []
    for words in alerts {
      let matches = whole.facts.filter { $0.id.hasPrefix(words) && !words.isEmpty }
      guard matches.count == 1, let id = matches.first?.id else {
        throw Failure(
          .usage,
          matches.isEmpty
            ? "no alert of \(whole.id) has an id that starts with '\(words)'"
            : "several alerts of \(whole.id) have an id that starts with '\(words)'",
          advice: "moonwatch incidents show \(whole.id) shows them")
      }
      ids.insert(id)
    }
    if ids.count == whole.facts.count {
      throw Failure(
        .usage, "nothing would be left of \(whole.id)", advice: "name some of its alerts")
    }
    let moved = whole.facts.map(\.id).filter(ids.contains)
    try store.add(IncidentEdit(.split(moved), time: WallClock.now(), note: try checked(note) ?? ""))
    return try changed(moved[0], store)
  }

  private func changed(_ alert: String, _ store: AlertStore) throws(Failure) -> IncidentCase {
    guard let incident = try incidentBook(store).incident(of: alert) else {
      throw Failure(.internal, "the alert \(alert) has no incident")
    }
    return incident
  }

  /// The incident of each alert by id, as they are grouped and merged now: an alert itself keeps what it was when it came.
  func incidentNames(_ store: AlertStore) throws(Failure) -> [String: String] {
    let facts = try store.facts()
    let groups = IncidentGroups(
      facts, settings: settings.judgement.incidents, edits: try store.incidentEdits())
    return Dictionary(
      zip(facts.map(\.id), groups.names(facts)), uniquingKeysWith: { first, _ in first })
  }

  /// The alerts with the incidents that they are in now.
  package func grouped(_ alerts: [StoredAlert]) throws(Failure) -> [StoredAlert] {
    if alerts.isEmpty { return [] }
    let names = try incidentNames(try store(.readOnly))
    return alerts.map { stored in
      var stored = stored
      stored.alert.incident = names[stored.alert.id] ?? stored.alert.incident
      return stored
    }
  }

  func incidentBook(_ store: AlertStore) throws(Failure) -> IncidentBook {
    IncidentBook(
      try store.facts(), settings: settings.judgement.incidents, edits: try store.incidentEdits(),
      stages: try stages())
  }

  /// What the tags of the installed rules say of an attack.
  private func stages() throws(Failure) -> [String: AttackStage] {
    let rules = try Installation(settings).plugins.rules
    return Dictionary(
      rules.compactMap { rule in AttackStage(tags: rule.tags).map { (rule.id, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  private static func find(_ words: String, in book: IncidentBook) throws(Failure) -> IncidentCase {
    let named = words.isEmpty ? [] : book.incidents.filter { $0.id.hasPrefix(words) }
    if let exact = named.first(where: { $0.id == words }) ?? (named.count == 1 ? named[0] : nil) {
      return exact
    }
    let holding = book.incidents.filter { incident in
      !words.isEmpty
        && incident.facts.contains { $0.id.hasPrefix(words) || $0.incident == words }
    }
    if named.isEmpty, holding.count == 1 { return holding[0] }
    let several = named.isEmpty ? holding : named
    guard several.isEmpty else {
      let ids =
        named.isEmpty
        ? holding.flatMap { $0.facts.map(\.id).filter { $0.hasPrefix(words) } } : named.map(\.id)
      throw Failure(
        .usage, "several incidents have an id or an alert that starts with '\(words)'",
        advice: "give more of it: \(ids.prefix(3).joined(separator: ", "))")
    }
    throw Failure(
      .usage, "no incident has an id or an alert that starts with '\(words)'",
      advice: "moonwatch incidents list shows them")
  }
}
