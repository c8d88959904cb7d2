package import Primitives

/// What is known to be true of one event or of an entity during an interval; travels beside the events.
package struct Label: Hashable, Sendable {
  /// The field and value of the entity; empty where the label names an event only.
  package var entityField: String
  package var entity: String
  /// First and last instant of the incident, both included.
  package var start: Timestamp
  package var end: Timestamp
  /// `fraud` or `anomaly`.
  package var type: String
  /// What kind of fraud or anomaly; one scenario's name for planted events.
  package var name: String
  /// 1 (mild) to 5 (severe).
  package var severity: Int
  /// From when on anybody could know it; no feature sees it earlier.
  package var knownAt: Timestamp
  /// The labelled event; where empty, every event of the entity inside the interval is meant.
  package var eventID: String

  package init(
    entityField: String, entity: String, start: Timestamp, end: Timestamp, type: String,
    name: String, severity: Int, knownAt: Timestamp, eventID: String = ""
  ) {
    self.entityField = entityField
    self.entity = entity
    self.start = start
    self.end = end
    self.type = type
    self.name = name
    self.severity = severity
    self.knownAt = knownAt
    self.eventID = eventID
  }
}
