package import Detection
package import Primitives

/// A finding that was counted with an open alert instead of raising its own.
package struct Joined: Hashable, Sendable {
  package var alertID: String
  /// The id that its own alert would have had.
  package var findingID: String
  package var eventID: String
  package var time: Timestamp
  package var entity: Entity?
  /// The id of the mapping row.
  package var mapping: String?
  /// How many have joined the alert so far, this one included.
  package var count: Int
  /// The highest of the alert and all that joined it so far.
  package var severity: Severity
  package var score: Double?
  /// What is kept of the finding itself.
  package var finding: SuppressedFinding?

  package init(
    alertID: String, findingID: String, eventID: String, time: Timestamp, entity: Entity?,
    mapping: String?, count: Int, severity: Severity, score: Double? = nil,
    finding: SuppressedFinding? = nil
  ) {
    self.alertID = alertID
    self.findingID = findingID
    self.eventID = eventID
    self.time = time
    self.entity = entity
    self.mapping = mapping
    self.count = count
    self.severity = severity
    self.score = score
    self.finding = finding
  }
}
