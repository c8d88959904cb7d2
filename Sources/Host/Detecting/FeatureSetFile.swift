import Detection
import Ingest
import Primitives
import Yams

/// A feature set of `config/features`: standard features by name, as they are or again for another entity, and others
/// with a name of their own.
///
///     features:
///       - event_count_1h
///       - { feature: event_count_24h, per: terminal }
///       - { new: merchant }
///       - { field: amount }
///       - { name: terminal_bad_7d, label_rate: { per: terminal, within: 7 days, known_after: 7 days } }
enum FeatureSetFile {
  static func names(in folder: String) throws(Failure) -> [String] {
    try Folder.files(in: folder, ending: ".yaml").map { String($0.dropLast(5)) }
  }

  static func load(_ name: String, folder: String) throws(Failure) -> FeatureSet {
    let known = try names(in: folder)
    guard known.contains(name) else {
      throw Failure(
        .usage, "unknown feature set '\(name)'",
        advice: nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
          ?? (known.isEmpty ? "\(folder) holds none" : "known: \(known.joined(separator: ", "))"))
    }
    let path = "\(folder)/\(name).yaml"
    let text = try Folder.text(of: path, "the feature set")
    let node: Node?
    do {
      node = try YAMLText.compose(text, file: path)
    } catch {
      throw Failure([error])
    }
    guard let items = node?.mapping?["features"]?.sequence else {
      throw Failure(
        .usage, "\(path): there is no list 'features'",
        advice: "list feature names under features:")
    }
    if items.isEmpty {
      throw Failure(
        .usage, "\(path): 'features' is empty", advice: "list at least one feature name")
    }
    var features: [NamedFeature] = []
    var byName = Dictionary(
      FeatureSet.standard.features.map { ($0.name, $0.definition) },
      uniquingKeysWith: { first, _ in first })
    var problems: [Diagnostic] = []
    for item in items {
      switch feature(item, known: byName) {
      case .success(let feature):
        features.append(feature)
        byName[feature.name] = feature.definition
      case .failure(let problem):
        problems.append(
          Diagnostic(
            code: "unknown-feature", file: path, line: item.mark?.line, message: problem.message,
            suggestion: problem.advice))
      }
    }
    if !problems.isEmpty {
      throw Failure(problems)
    }
    return try FeatureSet(name: name, features: features)
  }

  private static func feature(
    _ node: Node, known: [String: FeatureDefinition]
  ) -> Result<NamedFeature, Failure> {
    if let name = node.string { return standard(name, per: nil) }
    if node.mapping?["name"] != nil {
      return Result { () throws(Failure) in try FeatureItem.read(node, known: known) }
    }
    let keys = node.mapping?.map { $0.key.string ?? "" }.sorted() ?? []
    func text(_ key: String) -> String { node.mapping?[Node(key)]?.string ?? "" }
    switch keys {
    case ["feature"]: return standard(text("feature"), per: nil)
    case ["feature", "per"]: return standard(text("feature"), per: text("per"))
    case ["new"]:
      return .success(NamedFeature("is_new_\(text("new"))", .isNew(.primary, of: text("new"))))
    case ["field"]: return .success(NamedFeature(text("field"), .field(text("field"))))
    default:
      return .failure(
        Failure(
          .usage,
          "a feature is not said as \(keys.isEmpty ? "this" : keys.joined(separator: ", "))",
          advice: "give a name, or feature with per, new, field, or name with a word for it"))
    }
  }

  private static func standard(_ name: String, per: String?) -> Result<NamedFeature, Failure> {
    if let definition = FeatureSet.standard.definition(of: name) {
      guard let per else { return .success(NamedFeature(name, definition)) }
      if let moved = definition.moved(to: .field(per)) {
        return .success(NamedFeature("\(per)_\(name)", moved))
      }
      return .failure(
        Failure(
          .usage, "the feature '\(name)' is of the event itself, the same for every entity",
          advice: "leave out per"))
    }
    let known = FeatureSet.standard.features.map(\.name)
    return .failure(
      Failure(
        .usage, "unknown feature '\(name)'",
        advice: nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
          ?? "known: \(known.joined(separator: ", "))"))
  }
}
