import Detection
import Foundation
import Glibc
import Primitives

/// Reads XGBoost's JSON where it holds boosted trees for `binary:logistic` or `reg:squarederror`.
///
/// Numbers that XGBoost writes as texts (`"num_feature": "30"`) are taken either way; `base_score` is a number, a text
/// or, since version 3, a list inside a text (`"[5E-1]"`).
enum XGBoostFile {
  struct Layout: Decodable {
    struct Tree: Decodable {
      struct Parameters: Decodable {
        var numDeleted: String?
        var numNodes: String
        var sizeLeafVector: String?
      }
      var treeParam: Parameters
      var leftChildren: [Int]
      var rightChildren: [Int]
      var splitIndices: [Int]
      var splitConditions: [Float]
      var splitType: [Int]?
      /// What the splits on categories send right: of each node in `categoriesNodes` a segment of `categories`.
      var categories: [Int]?
      var categoriesNodes: [Int]?
      var categoriesSegments: [Int]?
      var categoriesSizes: [Int]?
      var defaultLeft: [Flexible]
      var sumHessian: [Float]
      var lossChanges: [Float]?
    }
    struct TreeModelParameters: Decodable {
      var numTrees: String
    }
    struct TreeModel: Decodable {
      var gbtreeModelParam: TreeModelParameters?
      var treeInfo: [Int]?
      var trees: [Tree]
    }
    struct Booster: Decodable {
      var name: String
      var model: TreeModel?
    }
    struct ModelParameters: Decodable {
      var baseScore: Flexible
      var numClass: Flexible?
      var numFeature: Flexible
      var numTarget: Flexible?
    }
    struct Goal: Decodable {
      var name: String
    }
    struct Learner: Decodable {
      var featureNames: [String]?
      var gradientBooster: Booster
      var learnerModelParam: ModelParameters
      var objective: Goal
    }
    var learner: Learner
  }

  /// A number, a text with a number in it, a truth value, or a list of one of them.
  struct Flexible: Decodable, Equatable {
    var number: Double

    init(from decoder: any Decoder) throws {
      // What it is not is no error: the next kind is tried.
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
    decision.rightCategories = try rightCategories(tree, number: number)
    return decision
  }

  /// By node; the segments are checked against the list that they are cut from, and the nodes against the kinds of split.
  private static func rightCategories(
    _ tree: Layout.Tree, number: Int
  ) throws(Failure) -> [Int: CategorySet] {
    let kinds = tree.splitType ?? []
    let nodes = tree.categoriesNodes ?? []
    let (starts, sizes) = (tree.categoriesSegments ?? [], tree.categoriesSizes ?? [])
    let all = tree.categories ?? []
    guard kinds.isEmpty || kinds.count == tree.leftChildren.count,
      starts.count == nodes.count, sizes.count == nodes.count
    else {
      throw Failure(
        .input, "tree \(number): the lists of its splits on categories differ in length",
        advice: "the file is damaged; save the model again")
    }
    var sets: [[Int]] = []
    var total = 0
    for (start, size) in zip(starts, sizes) {
      guard start >= 0, size >= 0, start <= all.count, size <= all.count - start else {
        throw Failure(
          .input, "tree \(number): \(size) categories from place \(start) of \(all.count)",
          advice: "the file is damaged; save the model again")
      }
      sets.append(Array(all[start..<(start + size)]))
      total += size
      // Segments that overlap would make a small file fill the memory.
      guard total <= all.count else {
        throw Failure(
          .input, "tree \(number): its splits share categories of the list",
          advice: "the file is damaged; save the model again")
      }
    }
    let byNode = try ModelFile.rightCategories(zip: nodes, sets, tree: number)
    for (node, kind) in kinds.enumerated() {
      guard kind == 0 || kind == 1, (kind == 1) == (byNode[node] != nil) else {
        throw Failure(
          .input,
          "tree \(number), node \(node): the split is of kind \(kind)"
            + (byNode[node] == nil ? " without categories" : " with categories"),
          advice: "known: 0 (number), 1 (categories)")
      }
    }
    if let node = nodes.first(where: { !kinds.indices.contains($0) }) {
      throw Failure(
        .input, "tree \(number): categories of node \(node) of \(kinds.count)",
        advice: "the file is damaged; save the model again")
    }
    return byNode
  }
}
