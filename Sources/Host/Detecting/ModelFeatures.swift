import Detection
import Ingest
import Primitives

/// The features that a model learns from where nobody names a set: what can be said of every event of a source.
enum ModelFeatures {
  private static let mostNewValueFlags = 12

  /// The standard set for the event's first entity and again for each further one, flags for values that are new to
  /// the entity, the kind of event, and the source's own numbers.
  ///
  /// A source without entities has no windows, and none are invented for it.
  static func set(for mapping: SourceMapping, schema: Schema) throws(Failure) -> FeatureSet {
    var features: [NamedFeature] = []
    if mapping.entityFields.isEmpty {
      features += FeatureSet.standard.features.filter { $0.definition.scope == nil }
    } else {
      features += FeatureSet.standard.features
      let texts = schema.fields.filter {
        $0.type == .text && !firstEntities(mapping).contains($0.name)
      }
      for text in texts.prefix(mostNewValueFlags) {
        features.append(NamedFeature("is_new_\(text.name)", .isNew(.primary, of: text.name)))
      }
      for field in furtherEntities(mapping) {
        features += FeatureSet.standard.per(field).features
      }
    }
    let kinds = mapping.kinds.sorted()
    if kinds.count > 1 {
      for kind in kinds { features.append(NamedFeature("kind_is_\(kind)", .equals("kind", kind))) }
    }
    let taken = Set(features.map(\.name))
    for field in schema.fields where field.type != .text && !taken.contains(field.name) {
      features.append(NamedFeature(field.name, .field(field.name)))
    }
    return try FeatureSet(name: "standard", features: features)
  }

  private static func firstEntities(_ mapping: SourceMapping) -> Set<String> {
    let lists = Array(mapping.entities.byKind.values) + [mapping.entities.others]
    return Set(lists.compactMap(\.first))
  }

  /// Entity fields that come second or later for some kind of event. A source that finds its fields by looking has
  /// none: which of them mean something is not known.
  private static func furtherEntities(_ mapping: SourceMapping) -> [String] {
    if mapping.discovers { return [] }
    let lists = Array(mapping.entities.byKind.values) + [mapping.entities.others]
    return Set(lists.flatMap { $0.dropFirst() }).sorted()
  }
}

extension SourceMapping {
  /// Every field that can be an entity, first ones first, each once.
  var entityColumns: [String] {
    var names: [String] = []
    let lists = [entities.others] + entities.byKind.sorted { $0.key < $1.key }.map(\.value)
    for name in lists.flatMap({ $0.prefix(1) }) + lists.flatMap({ $0.dropFirst() })
    where !names.contains(name) { names.append(name) }
    return names
  }

  /// The kinds of event that the mapping names.
  var kinds: Set<String> {
    var kinds = Set(entities.byKind.keys).union(patterns.map(\.kind))
      .union(kindSplits.values.flatMap(\.kinds.values))
    switch kind {
    case .constant(let kind): kinds.insert(kind)
    case .column(_, let values, let otherwise):
      kinds.formUnion(values.values)
      if let otherwise { kinds.insert(otherwise) }
    }
    return kinds
  }
}
