package import Primitives

/// What a rule or the model found on one event of a batch; judged once, in order of arrival.
package struct Finding: Sendable {
  /// Who says so.
  package enum Origin: Sendable, Hashable {
    case rule(id: String)
    case model
  }

  package var row: Int
  package var origin: Origin
  package var severity: Severity
  /// The rule's own title, such as "Account takeover attempt".
  package var title: String
  /// One sentence with the numbers in it.
  package var message: String
  /// The entity that the rule counts by: its field and value. Missing for the event's first entity.
  package var entity: (field: String, value: Symbol)?

  package init(
    row: Int, origin: Origin, severity: Severity, title: String, message: String,
    entity: (field: String, value: Symbol)? = nil
  ) {
    self.row = row
    self.origin = origin
    self.severity = severity
    self.title = title
    self.message = message
    self.entity = entity
  }
}
