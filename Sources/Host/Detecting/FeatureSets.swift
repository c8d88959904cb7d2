import Detection
import Ingest
import Learning
import Primitives

/// Which features a job computes.
enum FeatureSets {
  /// Where sets that people wrote stand.
  private static let folder = "config/features"

  /// The standard features and those of a set: mappings ask for the first, explanations for both.
  static func evidence(_ set: FeatureSet) throws(Failure) -> FeatureSet {
    let known = Set(FeatureSet.standard.features.map(\.name))
    return try FeatureSet(
      name: set.name,
      features: FeatureSet.standard.features + set.features.filter { !known.contains($0.name) })
  }

  /// The set with this name from `config/features`; without a name, what the source's events allow.
  static func named(
    _ name: String?, mapping: SourceMapping, schema: Schema, _ settings: Settings
  ) throws(Failure) -> FeatureSet {
    guard let name else { return try ModelFeatures.set(for: mapping, schema: schema) }
    return try FeatureSetFile.load(name, folder: settings.resolve(folder))
  }

  /// The set that a model was trained on: the source's own or one of `config/features`, by the digest of its
  /// definitions.
  static func matching(
    _ model: Model, mapping: SourceMapping, schema: Schema, _ settings: Settings
  ) throws(Failure) -> FeatureSet {
    let own = try ModelFeatures.set(for: mapping, schema: schema)
    if own.digest == model.featureDigest { return own }
    let folder = settings.resolve(folder)
    for name in try FeatureSetFile.names(in: folder) {
      let set = try FeatureSetFile.load(name, folder: folder)
      if set.digest == model.featureDigest { return set }
    }
    throw Failure(
      .usage,
      "the model was trained on features \(model.featureDigest), source '\(mapping.id)' has \(own.digest)",
      advice: "score with the source and feature set that it was trained with, or train again")
  }
}
