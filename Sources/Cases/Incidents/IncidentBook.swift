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

/// All alerts, each in one incident: as they tie together, and as people merged and split them.
package struct IncidentBook: Sendable {
  /// By time of their first alert, then by id.
  package let incidents: [IncidentCase]
  private let places: [String: Int]

  /// - Parameters:
  ///   - facts: in order of time, then id.
  ///   - edits: in the order in which they were made. Alerts in them that are not among the facts are passed over.
  ///   - stages: what the tags of a rule say of the attack.
  package init(
    _ facts: [AlertFact], settings: IncidentSettings = IncidentSettings(),
    edits: [IncidentEdit] = [], stages: [String: AttackStage] = [:]
  ) {
    var grouping = IncidentGrouping(facts, settings)
    var groups = grouping.firsts()
    var edited: Set<Int> = []
    if !edits.isEmpty {
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
    var members: [Int: [AlertFact]] = [:]
    for (place, group) in groups.enumerated() { members[group, default: []].append(facts[place]) }
    incidents = members.map { group, facts in
      IncidentCase(facts, isEdited: edited.contains(group), stages: stages, lull: settings.lull)
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
