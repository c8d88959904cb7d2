import Cases
package import Detection

/// The names that a plugin may use; anything else in it is a spelling mistake and is reported as one.
package struct Vocabulary: Sendable {
  /// The fields that events of any known source may carry.
  package var fields: [String: FieldType]
  /// Columns that hold the truth about an event; no plugin reads or writes them.
  package var groundTruth: Set<String>
  package var kinds: Set<String>
  package var sources: Set<String>
  /// The standard features; a `when` may name them as they are.
  package var features: [String: FeatureDefinition]
  /// Lists for `in_list`.
  package var lists: Set<String>
  /// Keys of the owners directory; missing where that is not known.
  package var owners: Set<String>?
  /// What finds something beside the rules of plugins, by the names that its alerts give.
  package var finders: Set<String>

  package init(
    fields: [String: FieldType], groundTruth: Set<String> = [], kinds: Set<String>,
    sources: Set<String>, features: [NamedFeature], lists: Set<String> = [],
    owners: Set<String>?, finders: Set<String> = []
  ) {
    self.fields = fields
    self.groundTruth = groundTruth
    self.kinds = kinds
    self.sources = sources
    self.features = Dictionary(
      features.map { ($0.name, $0.definition) }, uniquingKeysWith: { first, _ in first })
    self.lists = lists
    self.owners = owners
    self.finders = finders
  }

  /// What a mapping may ask of a finding beside the event's fields and features, and what it holds.
  package static let findingProperties: [String: FieldType] = [
    "rule": .text, "severity": .text, "score": .number, "rarity": .number,
  ].merging(AlertPast.types) { first, _ in first }
}
