import Detection
package import Foundation
package import Primitives

/// Models as files: our own versioned JSON, that of XGBoost, and LightGBM's text.
///
/// A file is hostile until proven otherwise: everything in it is checked before a model exists, and its digest must be
/// that of its content. Reading never traps and never yields a model that scores other than its author's.
package enum ModelFile {
  package static let version = 1
  /// Bytes; a forest of ten million nodes fits.
  package static let sizeLimit = 1 << 30
  private static let format = "moonwatch-model"

  package static func load(path: String) throws(Failure) -> Model {
    let size: Int
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      guard attributes[.type] as? FileAttributeType == .typeRegular else {
        throw Failure(.input, "\(path) is not a file", advice: "name a model file")
      }
      size = (attributes[.size] as? Int) ?? 0
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.input, "\(path) cannot be read", advice: "check the name and the permissions")
    }
    guard size <= sizeLimit else {
      throw Failure(
        .input, "\(path): the model has \(size) bytes", advice: "at most \(sizeLimit) are read")
    }
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw Failure(.input, "\(path) cannot be read", advice: "check the name and the permissions")
    }
    return try decode(data, name: path)
  }

  /// Reads either layout; `name` stands in front of what is wrong with it.
  package static func decode(_ data: Data, name: String) throws(Failure) -> Model {
    guard data.count <= sizeLimit else {
      throw Failure(
        .input, "\(name): the model has \(data.count) bytes",
        advice: "at most \(sizeLimit) are read")
    }
    do throws(Failure) {
      if LightGBMFile.matches(data) { return try LightGBMFile.model(data) }
      let kind: Kind = try parse(data)
      if kind.hasLearner { return try XGBoostFile.model(parse(data)) }
      guard kind.format == format else {
        throw Failure(
          .input, "this is not a model file",
          advice:
            "give a file written by 'moonwatch train', by XGBoost as JSON or by LightGBM as text")
      }
      guard kind.version == version else {
        throw Failure(
          .input, "the model has layout \(kind.version.map(String.init) ?? "unknown")",
          advice: "this program reads layout \(version)")
      }
      return try model(parse(data))
    } catch {
      throw Failure(error.kind, "\(name): \(error.message)", advice: error.advice)
    }
  }

  package static func encode(_ model: Model) throws(Failure) -> Data {
    try JSON.encode(Layout(model))
  }

  package static func save(_ model: Model, path: String) throws(Failure) {
    try JSON.write(encode(model), path: path)
  }

  /// In XGBoost's layout; loses the calibration, the threshold and the feature digest, which it has no place for.
  package static func saveForXGBoost(_ model: Model, path: String) throws(Failure) {
    try JSON.write(XGBoostWriter.text(model), path: path)
  }

  // MARK: our layout

  private struct Kind: Decodable {
    var format: String?
    var version: Int?
    /// XGBoost's; its version is a list.
    var hasLearner: Bool

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      hasLearner = container.contains(.learner)
      if hasLearner { return }
      format = try container.decodeIfPresent(String.self, forKey: .format)
      version = try container.decodeIfPresent(Int.self, forKey: .version)
    }

    private enum CodingKeys: CodingKey { case format, version, learner }
  }

  private struct Layout: Codable {
    struct Tree: Codable {
      var feature: [Int]
      var threshold: [Float]
      var left: [Int]
      var right: [Int]
      var missingLeft: [Bool]
      var value: [Float]
      var cover: [Float]
      var gain: [Float]
      /// Splits on categories, and what each sends right.
      var categoryNodes: [Int]?
      var rightCategories: [[Int]]?
    }
    struct Curve: Codable {
      var kind: String
      var slope: Double?
      var offset: Double?
      var margins: [Double]?
      var probabilities: [Double]?
    }
    struct Origin: Codable {
      var rows: Int
      var positives: Int
      var fromMicroseconds: Int64?
      var toMicroseconds: Int64?
      var seed: UInt64
    }
    var format: String
    var version: Int
    var objective: String
    var features: [String]
    /// By feature; absent where all are numbers.
    var categories: [[String]]?
    var featureDigest: String
    var baseMargin: Double
    var trees: [Tree]
    var calibration: Curve
    /// Absent for a probability.
    var meaning: String?
    var alertThreshold: Double?
    var trainedOn: Origin?
    var digest: String

    init(_ model: Model) {
      format = ModelFile.format
      version = ModelFile.version
      objective = model.objective.rawValue
      features = model.features
      categories = model.categories.isEmpty ? nil : model.categories
      featureDigest = model.featureDigest
      baseMargin = model.forest.baseMargin
      trees = model.forest.trees.map {
        let sets = $0.rightCategories.sorted { $0.key < $1.key }
        return Tree(
          feature: $0.features, threshold: $0.thresholds.map { $0.isNaN ? 0 : $0 }, left: $0.lefts,
          right: $0.rights, missingLeft: $0.missingLeft, value: $0.values, cover: $0.covers,
          gain: $0.gains, categoryNodes: sets.isEmpty ? nil : sets.map(\.key),
          rightCategories: sets.isEmpty ? nil : sets.map { $0.value.codes.map { Int($0) } })
      }
      switch model.calibration {
      case .logistic: calibration = Curve(kind: "logistic")
      case .platt(let slope, let offset):
        calibration = Curve(kind: "platt", slope: slope, offset: offset)
      case .isotonic(let margins, let probabilities):
        calibration = Curve(kind: "isotonic", margins: margins, probabilities: probabilities)
      }
      meaning = model.meaning == .probability ? nil : model.meaning.rawValue
      alertThreshold = model.alertThreshold
      trainedOn = model.trainedOn.map {
        Origin(
          rows: $0.rows, positives: $0.positives, fromMicroseconds: $0.from?.microseconds,
          toMicroseconds: $0.to?.microseconds, seed: $0.seed)
      }
      digest = model.digest
    }
  }

  private static func model(_ layout: Layout) throws(Failure) -> Model {
    guard let objective = Objective(rawValue: layout.objective) else {
      throw Failure(
        .input, "objective '\(layout.objective)' is unknown",
        advice: "known: \(Objective.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    try checkNames(layout.features)
    let categories = layout.categories ?? []
    guard categories.isEmpty || categories.count == layout.features.count else {
      throw Failure(
        .input,
        "the model has categories of \(categories.count) of its \(layout.features.count)"
          + " features", advice: "the file is damaged; save the model again")
    }
    for words in categories { try checkCategories(words) }
    var trees: [DecisionTree] = []
    for (number, tree) in layout.trees.enumerated() {
      var decision = DecisionTree()
      decision.features = tree.feature
      decision.thresholds = tree.threshold
      decision.lefts = tree.left
      decision.rights = tree.right
      decision.missingLeft = tree.missingLeft
      decision.values = tree.value
      decision.covers = tree.cover
      decision.gains = tree.gain
      decision.rightCategories = try rightCategories(
        zip: tree.categoryNodes ?? [], tree.rightCategories ?? [], tree: number)
      trees.append(decision)
    }
    let forest = try Forest(
      featureCount: layout.features.count, baseMargin: layout.baseMargin, trees: trees)
    if let threshold = layout.alertThreshold, objective == .logistic,
      !(threshold >= 0 && threshold <= 1)
    {
      throw Failure(.input, "the alert threshold is \(threshold)", advice: "it is a probability")
    }
    if let origin = layout.trainedOn, origin.rows < 0 || origin.positives < 0 {
      throw Failure(.input, "the model was trained on a negative number of rows")
    }
    var model = Model(
      features: layout.features, categories: categories, featureDigest: layout.featureDigest,
      objective: objective,
      forest: forest, calibration: try calibration(layout.calibration),
      alertThreshold: layout.alertThreshold,
      trainedOn: layout.trainedOn.map {
        Model.TrainedOn(
          rows: $0.rows, positives: $0.positives,
          from: $0.fromMicroseconds.map { Timestamp(microseconds: $0) },
          to: $0.toMicroseconds.map { Timestamp(microseconds: $0) }, seed: $0.seed)
      })
    if let named = layout.meaning {
      guard let meaning = Model.Meaning(rawValue: named) else {
        throw Failure(
          .input, "the meaning '\(named.prefix(40))' of a score is unknown",
          advice: "known: \(Model.Meaning.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      model.meaning = meaning
    }
    guard model.digest == layout.digest else {
      throw Failure(
        .input, "the model's content does not have the digest that it names",
        advice: "the file was changed after it was saved; restore it or train again")
    }
    return model
  }

  static func checkNames(_ names: [String]) throws(Failure) {
    var seen = Set<[UInt8]>()
    for name in names {
      let bytes = Array(name.utf8)
      guard !bytes.isEmpty, bytes.count <= 1000, !bytes.contains(where: { $0 < 32 || $0 == 127 })
      else {
        throw Failure(
          .input, "a feature's name is empty, over 1000 bytes or has control characters")
      }
      guard seen.insert(bytes).inserted else {
        throw Failure(.input, "two features are named '\(name)'")
      }
    }
  }

  /// The sets of one tree's splits on categories, by node; refuses what no split could have.
  static func rightCategories(
    zip nodes: [Int], _ sets: [[Int]], tree: Int
  ) throws(Failure) -> [Int: CategorySet] {
    guard nodes.count == sets.count else {
      throw Failure(
        .input, "tree \(tree) has \(sets.count) sets of categories for \(nodes.count) splits",
        advice: "the file is damaged; save the model again")
    }
    var byNode: [Int: CategorySet] = [:]
    for (node, codes) in Swift.zip(nodes, sets) {
      if let code = codes.first(where: { !(0..<CategorySet.limit).contains($0) }) {
        throw Failure(
          .input, "tree \(tree), node \(node): the category \(code)",
          advice: "categories are whole numbers from 0 to \(CategorySet.limit - 1)")
      }
      guard byNode.updateValue(CategorySet(codes), forKey: node) == nil else {
        throw Failure(
          .input, "tree \(tree), node \(node): two sets of categories",
          advice: "the file is damaged; save the model again")
      }
    }
    return byNode
  }

  private static func checkCategories(_ words: [String]) throws(Failure) {
    var seen = Set<[UInt8]>()
    for word in words {
      let bytes = Array(word.utf8)
      guard bytes.count <= 1000, seen.insert(bytes).inserted else {
        throw Failure(
          .input, "a category is over 1000 bytes or named twice",
          advice: "the file is damaged; save the model again")
      }
    }
  }

  private static func calibration(_ curve: Layout.Curve) throws(Failure) -> Calibration {
    switch curve.kind {
    case "logistic": return .logistic
    case "platt":
      guard let slope = curve.slope, let offset = curve.offset, slope.isFinite, slope >= 0,
        offset.isFinite
      else {
        throw Failure(.input, "the platt calibration needs a slope from 0 up and an offset")
      }
      return .platt(slope: slope, offset: offset)
    case "isotonic":
      guard let margins = curve.margins, let probabilities = curve.probabilities,
        !margins.isEmpty, margins.count == probabilities.count,
        margins.allSatisfy(\.isFinite), probabilities.allSatisfy({ $0 >= 0 && $0 <= 1 }),
        zip(margins, margins.dropFirst()).allSatisfy({ $0 < $1 }),
        zip(probabilities, probabilities.dropFirst()).allSatisfy({ $0 <= $1 })
      else {
        throw Failure(
          .input, "the isotonic calibration needs rising margins, each with a probability",
          advice: "the file is damaged; save the model again")
      }
      return .isotonic(margins: margins, probabilities: probabilities)
    default:
      throw Failure(
        .input, "calibration '\(curve.kind)' is unknown",
        advice: "known: logistic, platt, isotonic")
    }
  }

  private static func parse<Value: Decodable>(_ data: Data) throws(Failure) -> Value {
    try JSON.decode(Value.self, from: data)
  }
}
