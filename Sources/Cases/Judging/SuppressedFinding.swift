package import Detection
package import Primitives

/// A finding that raised no alert of its own, kept as evidence of what was seen and why it was not told.
package struct SuppressedFinding: Hashable, Sendable {
  package enum Reason: String, Hashable, Sendable, CaseIterable {
    /// It is counted with an open alert on the same entity and meaning.
    case joined
    /// Somebody muted the entity.
    case muted
    /// Its rule raised too many alerts in an hour.
    case flood
  }

  /// The id that its own alert would have had.
  package var id: String
  package var reason: Reason
  /// The alert that it is counted with; missing where it was muted.
  package var alertID: String?
  /// The number of the mute.
  package var mute: Int64?
  package var time: Timestamp
  package var eventID: String
  package var source: String
  package var entity: Entity?
  /// The rule that speaks for it; missing where the model found it.
  package var rule: String?
  package var mapping: String?
  /// Its own, not the highest so far.
  package var score: Double?
  package var severity: Severity
  package var message: String

  package init(
    id: String, reason: Reason, alertID: String? = nil, mute: Int64? = nil, time: Timestamp,
    eventID: String, source: String, entity: Entity?, rule: String?, mapping: String? = nil,
    score: Double? = nil, severity: Severity, message: String
  ) {
    self.id = id
    self.reason = reason
    self.alertID = alertID
    self.mute = mute
    self.time = time
    self.eventID = eventID
    self.source = source
    self.entity = entity
    self.rule = rule
    self.mapping = mapping
    self.score = score
    self.severity = severity
    self.message = message
  }

  /// What is kept of findings that led to no alert.
  package init(
    _ evidence: Evidence, row: MappingRow?, reason: Reason, severity: Severity,
    alertID: String? = nil, mute: Int64? = nil
  ) {
    let leading = evidence.leading
    let text = leading.map { $0.message.isEmpty ? $0.title : $0.message } ?? ""
    self.init(
      id: CauseDigest.ofAlert(evidence, row: row?.id).id, reason: reason, alertID: alertID,
      mute: mute, time: evidence.event.time, eventID: evidence.event.id,
      source: evidence.event.source, entity: evidence.entity, rule: leading?.ruleID,
      mapping: row?.id, score: evidence.score,
      severity: severity,
      message: text.isEmpty ? "the model found it unusual" : text)
  }
}
