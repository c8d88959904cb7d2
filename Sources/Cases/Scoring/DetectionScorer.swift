package import Detection
import Primitives

/// Holds alerts against labels.
///
/// Label rows with the same name, entity, start and end are one incident. Where its rows name events, they stand in the
/// order in which they happened, and the incident is *caught* by a finding on one of them; an incident without events is
/// caught by a finding on its entity from start to end. Findings that joined an alert count as that alert's.
package struct DetectionScorer: Sendable {
  /// How the model is called among those that find.
  package static let model = "model"

  private var incidents: [LabelledIncident] = []
  /// Event id → incidents and the event's place in them, from 1.
  private var byEvent: [String: [(incident: Int, place: Int)]] = [:]
  private var byEntity: [Entity: [Int]] = [:]
  /// Alert id → whether one of its findings was right, and who found it: what joins an alert has the same finder.
  private var alerts: [String: (isRight: Bool, finder: String)] = [:]

  package init(_ labels: [Label]) {
    var known: [LabelledIncident.Key: Int] = [:]
    for label in labels {
      let entity = Entity(field: label.entityField, value: label.entity)
      let key = LabelledIncident.Key(
        name: label.name, entity: entity, start: label.start, end: label.end)
      let index = known[key] ?? incidents.count
      if index == incidents.count {
        known[key] = index
        incidents.append(LabelledIncident(key: key))
        if !label.entity.isEmpty { byEntity[entity, default: []].append(index) }
      }
      let named = byEvent[label.eventID]?.contains { $0.incident == index } ?? false
      if !label.eventID.isEmpty && !named {
        incidents[index].events += 1
        byEvent[label.eventID, default: []].append((index, incidents[index].events))
      }
    }
  }

  package mutating func add(_ alert: Alert) {
    alerts[alert.id] = (false, alert.rule ?? DetectionScorer.model)
    take(alert.id, alert.eventID, alert.time, alert.entity, alert.mapping)
  }

  package mutating func add(_ joined: Joined) {
    take(joined.alertID, joined.eventID, joined.time, joined.entity, joined.mapping)
  }

  private mutating func take(
    _ alert: String, _ event: String, _ time: Timestamp, _ entity: Entity?, _ mapping: String?
  ) {
    var (right, finder) = alerts[alert] ?? (false, DetectionScorer.model)
    for (index, place) in byEvent[event] ?? [] {
      right = true
      incidents[index].hit(time, place: place, mapping: mapping, finder: finder)
    }
    for index in entity.flatMap({ byEntity[$0] }) ?? [] {
      let incident = incidents[index]
      guard time >= incident.key.start, time <= incident.key.end else { continue }
      right = true
      if incident.events == 0 {
        incidents[index].hit(time, place: nil, mapping: mapping, finder: finder)
      }
    }
    alerts[alert] = (right, finder)
  }

  /// `expected` says what an alert on a scenario must be called: the name of its labels → the id of a mapping row.
  package func report(expected: [String: String] = [:]) -> DetectionReport {
    let byName = Dictionary(grouping: incidents, by: \.key.name)
    let scenarios = byName.sorted { $0.key < $1.key }.map { name, incidents in
      let caught = incidents.filter { $0.firstHit != nil }
      return DetectionReport.Scenario(
        name: name, injected: incidents.count, caught: caught.count,
        firstEvent: median(caught.compactMap(\.firstPlace).map(Double.init)),
        secondsToDetect: median(
          caught.compactMap { incident in
            incident.firstHit.map { ($0 - incident.key.start).seconds }
          }),
        mappedRight: expected[name].map { row in caught.count { $0.firstMappings.contains(row) } })
    }
    return DetectionReport(
      scenarios: scenarios,
      incidents: incidents.map {
        DetectionReport.Incident(
          name: $0.key.name, entity: $0.key.entity, start: $0.key.start, finders: $0.finders)
      }, alerts: alerts.count, falseAlerts: alerts.values.count { !$0.isRight })
  }
}

/// One incident and what was found of it.
private struct LabelledIncident: Sendable {
  struct Key: Hashable {
    var name: String
    var entity: Entity
    var start: Timestamp
    var end: Timestamp
  }

  var key: Key
  /// Events labelled one by one.
  var events = 0
  var firstHit: Timestamp?
  var firstPlace: Int?
  /// Rows of the findings at `firstHit`: what the analyst was told first.
  var firstMappings: Set<String> = []

  var finders: Set<String> = []

  init(key: Key) { self.key = key }

  mutating func hit(_ time: Timestamp, place: Int?, mapping: String?, finder: String) {
    finders.insert(finder)
    if firstHit.map({ time < $0 }) ?? true {
      firstHit = time
      firstMappings = []
    }
    if time == firstHit, let mapping { firstMappings.insert(mapping) }
    if let place { firstPlace = min(firstPlace ?? place, place) }
  }
}
