import Detection
import Foundation
import Glibc
import Primitives

/// XGBoost's JSON: read where it holds boosted trees for `binary:logistic` or `reg:squarederror`, and written.
///
/// Numbers that XGBoost writes as texts (`"num_feature": "30"`) are taken either way; `base_score` is a number, a text
/// or, since version 3, a list inside a text (`"[5E-1]"`).
enum XGBoostFile {
  struct Layout: Codable {
    struct Tree: Codable {
      struct Parameters: Codable {
        var numDeleted: String?
        var numFeature: String?
        var numNodes: String
        var sizeLeafVector: String?
      }
      var id: Int?
      var treeParam: Parameters
      var leftChildren: [Int]
      var rightChildren: [Int]
      var parents: [Int]?
      var splitIndices: [Int]
      var splitConditions: [Float]
      var splitType: [Int]?
      var defaultLeft: [Flexible]
      var sumHessian: [Float]
      var lossChanges: [Float]?
      var baseWeights: [Float]?
      var categories: [Int]?
      var categoriesNodes: [Int]?
      var categoriesSegments: [Int]?
      var categoriesSizes: [Int]?
    }
    struct TreeModelParameters: Codable {
      var numTrees: String
      var numParallelTree: String?
    }
    struct TreeModel: Codable {
      var gbtreeModelParam: TreeModelParameters?
      var iterationIndptr: [Int]?
      var treeInfo: [Int]?
      var trees: [Tree]
    }
    struct Booster: Codable {
      var name: String
      var model: TreeModel?
    }
    struct ModelParameters: Codable {
      var baseScore: Flexible
      var boostFromAverage: String?
      var numClass: Flexible?
      var numFeature: Flexible
      var numTarget: Flexible?
    }
    struct LossParameters: Codable { var scalePosWeight: String }
    struct Goal: Codable {
      var name: String
      var regLossParam: LossParameters?
    }
    struct Learner: Codable {
      var attributes: [String: String]?
      var featureNames: [String]?
      var featureTypes: [String]?
      var gradientBooster: Booster
      var learnerModelParam: ModelParameters
      var objective: Goal
    }
    var learner: Learner
    var version: [Int]?
  }

  /// A number, a text with a number in it, a truth value, or a list of one of them.
  struct Flexible: Codable, Equatable {
    var number: Double
    private var text: String?

    init(_ number: Double, as text: String? = nil) {
      self.number = number
      self.text = text
    }

    init(from decoder: any Decoder) throws {
      if var list = try? decoder.unkeyedContainer() {
        let first = try list.decode(Flexible.self)
        guard list.isAtEnd else {
          throw DecodingError.dataCorruptedError(in: list, debugDescription: "more than one value")
        }
        number = first.number
        return
      }
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        number = flag ? 1 : 0
      } else if let text = try? container.decode(String.self) {
        let digits =
          text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
        guard let value = Double(digits), value.isFinite else {
          throw DecodingError.dataCorruptedError(
            in: container, debugDescription: "not a finite number")
        }
        number = value
      } else {
        number = try container.decode(Double.self)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if let text { try container.encode(text) } else { try container.encode(number) }
    }
  }

  // MARK: reading

  static func model(_ layout: Layout) throws(Failure) -> Model {
    let learner = layout.learner
    guard learner.gradientBooster.name == "gbtree", let trees = learner.gradientBooster.model else {
      throw Failure(
        .input, "booster '\(learner.gradientBooster.name)' is not supported",
        advice: "train with booster=gbtree")
    }
    guard let objective = Objective(rawValue: learner.objective.name) else {
      throw Failure(
        .input, "objective '\(learner.objective.name)' is not supported",
        advice: "known: \(Objective.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let parameters = learner.learnerModelParam
    guard (parameters.numClass?.number ?? 0) <= 1, (parameters.numTarget?.number ?? 1) <= 1,
      trees.treeInfo?.allSatisfy({ $0 == 0 }) ?? true
    else {
      throw Failure(.input, "the model has several outputs", advice: "train one for one output")
    }
    guard let count = Int(exactly: parameters.numFeature.number) else {
      throw Failure(.input, "'num_feature' is \(parameters.numFeature.number)")
    }
    if let named = (trees.gbtreeModelParam?.numTrees).flatMap({ Int($0) }),
      named != trees.trees.count
    {
      throw Failure(
        .input, "the model names \(named) trees and has \(trees.trees.count)",
        advice: "the file is damaged; save the model again")
    }
    var decisions: [DecisionTree] = []
    var unreached: [Int] = []
    for (number, tree) in trees.trees.enumerated() {
      decisions.append(try decision(tree, number: number))
      unreached.append(tree.treeParam.numDeleted.flatMap { Int($0) } ?? 0)
    }
    let forest = try Forest(
      featureCount: count, baseMargin: try margin(ofBase: parameters.baseScore.number, objective),
      trees: decisions, unreached: unreached)
    var names = learner.featureNames ?? []
    if names.isEmpty { names = (0..<count).map { "f\($0)" } }
    guard names.count == count else {
      throw Failure(.input, "the model names \(names.count) of its \(count) features")
    }
    try ModelFile.checkNames(names)
    return Model(
      features: names, featureDigest: Model.featureDigest(ofColumns: names), objective: objective,
      forest: forest, calibration: .logistic)
  }

  private static func margin(ofBase score: Double, _ objective: Objective) throws(Failure) -> Double
  {
    switch objective {
    case .squaredError: return score
    case .logistic:
      guard score > 0 && score < 1 else {
        throw Failure(.input, "'base_score' is \(score)", advice: "it is a probability")
      }
      // In 32 bits, as XGBoost does.
      let p = Float(score)
      return Double(-log(1 / p - 1))
    }
  }

  private static func decision(
    _ tree: Layout.Tree, number: Int
  ) throws(Failure) -> DecisionTree {
    if tree.splitType?.contains(where: { $0 != 0 }) ?? false {
      throw Failure(
        .input, "tree \(number) splits on categories", advice: "train on numbers only")
    }
    if let width = tree.treeParam.sizeLeafVector.flatMap({ Int($0) }), width > 1 {
      throw Failure(.input, "tree \(number) has several values a leaf")
    }
    let count = tree.leftChildren.count
    guard Int(tree.treeParam.numNodes) == count else {
      throw Failure(
        .input, "tree \(number) names \(tree.treeParam.numNodes) nodes and has \(count)",
        advice: "the file is damaged; save the model again")
    }
    let lengths = [
      ("right_children", tree.rightChildren.count), ("split_indices", tree.splitIndices.count),
      ("split_conditions", tree.splitConditions.count), ("default_left", tree.defaultLeft.count),
      ("sum_hessian", tree.sumHessian.count),
      ("loss_changes", tree.lossChanges?.count ?? count),
    ]
    for (name, length) in lengths where length != count {
      throw Failure(
        .input, "tree \(number): '\(name)' has \(length) entries for \(count) nodes",
        advice: "the file is damaged; save the model again")
    }
    var decision = DecisionTree()
    decision.features = tree.splitIndices
    decision.thresholds = tree.splitConditions
    decision.lefts = tree.leftChildren
    decision.rights = tree.rightChildren
    decision.missingLeft = tree.defaultLeft.map { $0.number != 0 }
    // A leaf keeps its value where a split keeps its threshold.
    decision.values = tree.splitConditions
    decision.covers = tree.sumHessian
    decision.gains = tree.lossChanges ?? [Float](repeating: 0, count: count)
    return decision
  }

  // MARK: writing

  static func encode(_ model: Model) throws(Failure) -> Data {
    let features = String(model.features.count)
    let trees = model.forest.trees.enumerated().map { number, tree in
      var parents = [Int](repeating: Int(Int32.max), count: tree.count)
      for node in 0..<tree.count where tree.lefts[node] >= 0 {
        parents[tree.lefts[node]] = node
        parents[tree.rights[node]] = node
      }
      return Layout.Tree(
        id: number,
        treeParam: Layout.Tree.Parameters(
          numDeleted: "0", numFeature: features, numNodes: String(tree.count), sizeLeafVector: "1"),
        leftChildren: tree.lefts, rightChildren: tree.rights, parents: parents,
        splitIndices: tree.features,
        splitConditions: (0..<tree.count).map {
          tree.lefts[$0] < 0 ? tree.values[$0] : tree.thresholds[$0]
        },
        splitType: [Int](repeating: 0, count: tree.count),
        defaultLeft: tree.missingLeft.map { Flexible($0 ? 1 : 0) }, sumHessian: tree.covers,
        lossChanges: tree.gains, baseWeights: tree.values, categories: [], categoriesNodes: [],
        categoriesSegments: [], categoriesSizes: [])
    }
    let base =
      model.objective == .logistic
      ? Calibration.sigmoid(model.forest.baseMargin) : model.forest.baseMargin
    let layout = Layout(
      learner: Layout.Learner(
        attributes: [:], featureNames: model.features,
        featureTypes: [String](repeating: "float", count: model.features.count),
        gradientBooster: Layout.Booster(
          name: "gbtree",
          model: Layout.TreeModel(
            gbtreeModelParam: Layout.TreeModelParameters(
              numTrees: String(trees.count), numParallelTree: "1"),
            iterationIndptr: Array(0...trees.count), treeInfo: trees.map { _ in 0 }, trees: trees)),
        learnerModelParam: Layout.ModelParameters(
          baseScore: Flexible(base, as: "\(Float(base))"), boostFromAverage: "1",
          numClass: Flexible(0, as: "0"), numFeature: Flexible(0, as: features),
          numTarget: Flexible(1, as: "1")),
        objective: Layout.Goal(
          name: model.objective.rawValue, regLossParam: Layout.LossParameters(scalePosWeight: "1"))
      ), version: [3, 0, 0])
    return try JSON.encode(layout)
  }
}
