package import Detection

/// What is suspicious now: native conditions on an event and its features, then a judgement in Lua where one is needed.
package struct Rule: Hashable, Sendable {
  package let id: String
  package let title: String
  package let severity: Severity
  /// Such as `attack.t1110`.
  package let tags: [String]
  /// Which events it looks at: conditions on the event alone.
  package let on: [Predicate]
  /// Whose events its features count.
  package let per: EntityScope
  /// The rule's own features and the standard ones that it names, in order of name.
  package let features: [NamedFeature]
  /// Conditions on features and fields; all must hold before Lua is asked.
  package let when: [Predicate]
  /// The message of a rule without `detect`; its title where it has none.
  package let message: MessageTemplate?
  /// Whether a Lua function has the last word.
  package let hasDetect: Bool
  package let origin: PluginOrigin

  package var file: String { origin.file }
}
