package import Cases
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
  /// What it waits for over several events; the event that completes it is the one judged.
  package let pattern: EventPattern?
  /// The message of a rule without `detect`; its title where it has none.
  package let message: MessageTemplate?
  /// Whether a Lua function has the last word.
  package let hasDetect: Bool
  /// What its findings are counted together by; as the settings say where missing.
  package let dedup: Dedup?
  package let origin: PluginOrigin

  package var file: String { origin.file }

  /// What a rule calls the model's probability that the event is bad.
  package static let score = "score"

  /// Whether it may ask for the model's probability: in a condition, its function or its message.
  package var asksModel: Bool {
    when.contains { $0.name == Rule.score }
      || (hasDetect && origin.source.text.contains(Rule.score))
      || message?.names.contains(Rule.score) ?? false
  }

  /// The kinds of event that it has to see; empty where it may be any.
  package var kinds: [String] {
    guard let pattern else { return on.kinds ?? [] }
    var kinds: [String] = []
    for conditions in pattern.conditions {
      guard let some = conditions.kinds else { return [] }
      for kind in some where !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
  }
}
