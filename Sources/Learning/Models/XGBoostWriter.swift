import Detection
import Foundation
import Primitives

/// Writes a forest in XGBoost's JSON (schema of version 3), which wants a point or an exponent in every real number.
enum XGBoostWriter {
  static func text(_ model: Model) throws(Failure) -> Data {
    let forest = model.forest
    let count = model.features.count
    let names = String(decoding: try JSON.encode(model.features), as: UTF8.self)
    let kinds = (0..<count).map {
      model.categories.isEmpty || model.categories[$0].isEmpty ? "float" : "c"
    }
    let types = String(decoding: try JSON.encode(kinds), as: UTF8.self)
    let base =
      model.objective == .logistic
      ? Calibration.logistic.probability(forest.baseMargin) : forest.baseMargin
    let trees = forest.trees.enumerated().map { tree($1, number: $0, features: count) }
    let text = """
      {"learner":{"attributes":{},"feature_names":\(names),"feature_types":\(types),\
      "gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1",\
      "num_trees":"\(trees.count)"},"iteration_indptr":\(list(0...trees.count)),\
      "tree_info":\(list(trees.map { _ in 0 })),"trees":[\(trees.joined(separator: ","))]},\
      "name":"gbtree"},"learner_model_param":{"base_score":"\(Float(base))",\
      "boost_from_average":"1","num_class":"0","num_feature":"\(count)","num_target":"1"},\
      "objective":{"name":"\(model.objective.rawValue)","reg_loss_param":\
      {"scale_pos_weight":"1"}}},"version":[3,0,0]}
      """
    return Data(text.utf8)
  }

  private static func tree(_ tree: DecisionTree, number: Int, features: Int) -> String {
    var parents = [Int](repeating: Int(Int32.max), count: tree.count)
    for node in 0..<tree.count where tree.lefts[node] >= 0 {
      parents[tree.lefts[node]] = node
      parents[tree.rights[node]] = node
    }
    // A leaf keeps its value where a split keeps its threshold.
    let conditions = (0..<tree.count).map {
      tree.lefts[$0] < 0 ? tree.values[$0] : tree.thresholds[$0]
    }
    let sets = tree.rightCategories.sorted { $0.key < $1.key }
    var starts: [Int] = []
    for (_, set) in sets.dropLast() { starts.append((starts.last ?? 0) + set.codes.count) }
    if !sets.isEmpty { starts.insert(0, at: 0) }
    return """
      {"base_weights":\(list(tree.values)),"categories":\(list(sets.flatMap(\.value.codes))),\
      "categories_nodes":\(list(sets.map(\.key))),"categories_segments":\(list(starts)),\
      "categories_sizes":\(list(sets.map(\.value.codes.count))),\
      "default_left":\(list(tree.missingLeft.map { $0 ? 1 : 0 })),"id":\(number),\
      "left_children":\(list(tree.lefts)),"loss_changes":\(list(tree.gains)),\
      "parents":\(list(parents)),"right_children":\(list(tree.rights)),\
      "split_conditions":\(list(conditions)),"split_indices":\(list(tree.features)),\
      "split_type":\(list(tree.lefts.indices.map { tree.rightCategories[$0] == nil ? 0 : 1 })),"sum_hessian":\(list(tree.covers)),\
      "tree_param":{"num_deleted":"0","num_feature":"\(features)",\
      "num_nodes":"\(tree.count)","size_leaf_vector":"1"}}
      """
  }

  /// Whole numbers come without and real ones with a point, as Swift describes them.
  private static func list(_ values: some Sequence<some CustomStringConvertible>) -> String {
    "[\(values.map { $0.description }.joined(separator: ","))]"
  }
}
