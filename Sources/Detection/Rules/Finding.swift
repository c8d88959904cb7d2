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
  /// What was measured where no feature says so: of what a detector finds by itself.
  package var measured: Measured?

  /// A number under a name, with a phrase that says it.
  package struct Measured: Sendable, Hashable {
    package var name: String
    package var value: Double
    package var words: FeatureWords

    package init(name: String, value: Double, words: FeatureWords) {
      self.name = name
      self.value = value
      self.words = words
    }
  }

  package init(
    row: Int, origin: Origin, severity: Severity, title: String, message: String,
    entity: (field: String, value: Symbol)? = nil, measured: Measured? = nil
  ) {
    self.row = row
    self.origin = origin
    self.severity = severity
    self.title = title
    self.message = message
    self.entity = entity
    self.measured = measured
  }
}
