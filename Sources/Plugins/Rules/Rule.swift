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

  /// What plugins call the model's probability that the event is bad; missing where the model saw no labels.
  package static let score = "score"
  /// What plugins call the share of events that are less rare; missing where the model gives a probability.
  package static let rarity = "rarity"
  /// What a model may say, in the order in which `FeatureValues` gives it.
  package static let modelNames = [score, rarity]

  /// Whether a name in a condition is the model's to answer, and no feature's.
  package func asksModel(for name: String) -> Bool {
    Rule.modelNames.contains(name) && !features.contains { $0.name == name }
  }

  /// Whether it may ask what the model says: in a condition, its function or its message.
  package var asksModel: Bool {
    // A feature's word holds the other's name.
    let text =
      hasDetect ? origin.source.text.replacing(FeatureWord.hourRarity.rawValue, with: "") : ""
    return Rule.modelNames.contains { name in
      asksModel(for: name)
        && (when.contains { $0.name == name } || text.contains(name)
          || message?.names.contains(name) ?? false)
    }
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
