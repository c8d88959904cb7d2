package import Primitives

/// What a person changed about the grouping; later changes build on earlier ones.
package struct IncidentEdit: Hashable, Sendable {
  package enum Change: Hashable, Sendable {
    /// The incidents of these alerts are one.
    case merge([String])
    /// These alerts are an incident of their own.
    case split([String])
  }

  package var change: Change
  package var time: Timestamp
  package var note: String

  package init(_ change: Change, time: Timestamp, note: String) {
    self.change = change
    self.time = time
    self.note = note
  }
}

/// Which alerts are one incident: as they tie together, and as people merged and split them.
package struct IncidentGroups: Sendable {
  /// Of each alert its group; alerts of one incident have the same.
  private(set) var groups: [Int]
  /// Groups that people made or took alerts from.
  private(set) var edited: Set<Int> = []

  /// - Parameters:
  ///   - facts: in order of time, then id.
  ///   - edits: in the order in which they were made. Alerts in them that are not among the facts are passed over.
  package init(
    _ facts: [AlertFact], settings: IncidentSettings = IncidentSettings(),
    edits: [IncidentEdit] = []
  ) {
    var grouping = IncidentGrouping(facts, settings)
    groups = grouping.firsts()
    if edits.isEmpty { return }
    let places = Dictionary(
      facts.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    // Numbers above all places stand for groups that people made.
    var fresh = facts.count
    for edit in edits {
      switch edit.change {
      case .merge(let ids):
        let merged = Set(ids.compactMap { places[$0] }.map { groups[$0] })
        if merged.count < 2 { continue }
        for place in groups.indices where merged.contains(groups[place]) { groups[place] = fresh }
      case .split(let ids):
        let members = ids.compactMap { places[$0] }
        if members.isEmpty { continue }
        for place in members {
          edited.insert(groups[place])
          groups[place] = fresh
        }
      }
      edited.insert(fresh)
      fresh += 1
    }
  }

  /// What the incident of each alert is called, in order of the facts.
  package func names(_ facts: [AlertFact]) -> [String] {
    var names: [Int: String] = [:]
    return zip(facts, groups).map { fact, group in
      if let name = names[group] { return name }
      let name = IncidentGroups.name([fact])
      names[group] = name
      return name
    }
  }

  /// An incident is called after its first alert.
  package static func name(_ members: [AlertFact]) -> String {
    Incident.id(startedBy: members[0].id)
  }

  /// The alerts that are one incident with one of them.
  package func members(with alert: String, of facts: [AlertFact]) -> [AlertFact] {
    guard let place = facts.firstIndex(where: { $0.id == alert }) else { return [] }
    return facts.indices.filter { groups[$0] == groups[place] }.map { facts[$0] }
  }
}

/// All alerts, each in one incident.
package struct IncidentBook: Sendable {
  /// By time of their first alert, then by id.
  package let incidents: [IncidentCase]
  private let places: [String: Int]

  /// - Parameters:
  ///   - facts: in order of time, then id.
  ///   - edits: as in `IncidentGroups`.
  ///   - stages: what the tags of a rule say of the attack.
  package init(
    _ facts: [AlertFact], settings: IncidentSettings = IncidentSettings(),
    edits: [IncidentEdit] = [], stages: [String: AttackStage] = [:]
  ) {
    let all = IncidentGroups(facts, settings: settings, edits: edits)
    var members: [Int: [AlertFact]] = [:]
    for (fact, group) in zip(facts, all.groups) { members[group, default: []].append(fact) }
    incidents = members.map { group, facts in
      IncidentCase(
        facts, isEdited: all.edited.contains(group), stages: stages, lull: settings.lull)
    }.sorted { ($0.first, $0.id) < ($1.first, $1.id) }
    var places: [String: Int] = [:]
    for (place, incident) in incidents.enumerated() {
      for fact in incident.facts { places[fact.id] = place }
    }
    self.places = places
  }

  /// The incident that an alert is part of.
  package func incident(of alert: String) -> IncidentCase? { places[alert].map { incidents[$0] } }
}
