import Detection
import Foundation
import Learning
import Primitives
import Testing

@Suite("XGBoost files")
struct XGBoostFileTests {
  /// One split of two features, as version 3 writes it.
  static let file = #"""
    {"learner":{"attributes":{},"feature_names":["a","b"],"feature_types":["float","float"],"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},"iteration_indptr":[0,1],"tree_info":[0],"trees":[{"base_weights":[0E0,-1E0,2E0],"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[],"default_left":[1,0,0],"id":0,"left_children":[1,-1,-1],"loss_changes":[3E0,0E0,0E0],"parents":[2147483647,0,0],"right_children":[2,-1,-1],"split_conditions":[5E-1,-1E0,2E0],"split_indices":[1,0,0],"split_type":[0,0,0],"sum_hessian":[4E0,1E0,3E0],"tree_param":{"num_deleted":"0","num_feature":"2","num_nodes":"3","size_leaf_vector":"1"}}]},"name":"gbtree"},"learner_model_param":{"base_score":"[5E-1]","boost_from_average":"1","num_class":"0","num_feature":"2","num_target":"1"},"objective":{"name":"binary:logistic","reg_loss_param":{"scale_pos_weight":"1"}}},"version":[3,2,0]}
    """#

  private static func read(_ old: String, _ new: String) throws -> Model {
    #expect(file.contains(old))
    return try ModelFile.decode(Data(file.replacing(old, with: new).utf8), name: "x.json")
  }

  @Test(
    "The base score may be a text, a list in a text, a number or a list",
    arguments: [#""[5E-1]""#, #""5E-1""#, "0.5", "[0.5]", #"["5E-1"]"#])
  func baseScore(written: String) throws {
    let model = try Self.read(#""[5E-1]""#, written)
    #expect(model.forest.baseMargin == 0)
    #expect(model.forest.margin(of: [0, 0.25]) == -1)
    #expect(model.forest.margin(of: [0, 0.5]) == 2)
    #expect(model.forest.margin(of: [0, .nan]) == -1)
    #expect(model.features == ["a", "b"])
  }

  @Test("Truth values may stand for the default directions, and names may be left out")
  func older() throws {
    let model = try Self.read("[1,0,0],\"id\"", "[true,false,false],\"id\"")
    #expect(model.forest.margin(of: [0, .nan]) == -1)
    #expect(try Self.read(#"["a","b"]"#, "[]").features == ["f0", "f1"])
    #expect(try Self.read("binary:logistic", "reg:squarederror").forest.baseMargin == 0.5)
  }

  private static let damaged = "the file is damaged; save the model again"
  private static let resave = "the file is damaged; save it again"

  static let hostile: [(String, String, String)] = [
    (
      #""name":"gbtree""#, #""name":"dart""#,
      "booster 'dart' is not supported (train with booster=gbtree)"
    ),
    (
      "binary:logistic", "multi:softprob",
      "objective 'multi:softprob' is not supported (known: binary:logistic, reg:squarederror)"
    ),
    (
      #""num_class":"0""#, #""num_class":"3""#,
      "the model has several outputs (train one for one output)"
    ),
    (
      #""tree_info":[0]"#, #""tree_info":[1]"#,
      "the model has several outputs (train one for one output)"
    ),
    (
      #""num_target":"1""#, #""num_target":"2""#,
      "the model has several outputs (train one for one output)"
    ),
    (
      #""num_trees":"1""#, #""num_trees":"2""#,
      "the model names 2 trees and has 1 (\(damaged))"
    ),
    (
      #""num_feature":"2","num_target""#, #""num_feature":"3","num_target""#,
      "the model names 2 of its 3 features"
    ),
    (
      #""num_feature":"2","num_target""#, #""num_feature":"1","num_target""#,
      "tree 0, node 0: splits on feature 1 of 1 (\(damaged))"
    ),
    (
      #""num_feature":"2","num_target""#, #""num_feature":"1.5","num_target""#,
      "'num_feature' is 1.5"
    ),
    (
      #""num_feature":"2","num_target""#, #""num_feature":"1e300","num_target""#,
      "'num_feature' is 1e+300"
    ),
    (#""[5E-1]""#, #""[0E0]""#, "'base_score' is 0.0 (it is a probability)"),
    (
      #""[5E-1]""#, #""nan""#,
      "'learner.learner_model_param.base_score' is out of range (\(resave))"
    ),
    (
      #""[5E-1]""#, #""[5E-1,1]""#,
      "'learner.learner_model_param.base_score' is out of range (\(resave))"
    ),
    (
      #""num_nodes":"3""#, #""num_nodes":"9""#,
      "tree 0 names 9 nodes and has 3 (\(damaged))"
    ),
    (
      #""num_deleted":"0""#, #""num_deleted":"1""#,
      "tree 0: no split leads to 0 of its 3 nodes (\(damaged))"
    ),
    (
      #""size_leaf_vector":"1""#, #""size_leaf_vector":"4""#,
      "tree 0 has several values a leaf"
    ),
    (
      #""split_type":[0,0,0]"#, #""split_type":[1,0,0]"#,
      "tree 0, node 0: the split is of kind 1 without categories (known: 0 (number), 1 (categories))"
    ),
    (
      #""left_children":[1,-1,-1]"#, #""left_children":[0,-1,-1]"#,
      "tree 0, node 0: leads to node 0 of 3 (\(damaged))"
    ),
    (
      #""left_children":[1,-1,-1]"#, #""left_children":[2,-1,-1]"#,
      "tree 0, node 0: leads to node 2, which another split does (\(damaged))"
    ),
    (
      #""right_children":[2,-1,-1]"#, #""right_children":[99999999,-1,-1]"#,
      "tree 0, node 0: leads to node 99999999 of 3 (\(damaged))"
    ),
    (
      #""right_children":[2,-1,-1]"#, #""right_children":[2,-1]"#,
      "tree 0: 'right_children' has 2 entries for 3 nodes (\(damaged))"
    ),
    (
      #""split_indices":[1,0,0]"#, #""split_indices":[4000000000,0,0]"#,
      "tree 0, node 0: splits on feature 4000000000 of 2 (\(damaged))"
    ),
    (
      #""split_indices":[1,0,0]"#, #""split_indices":[]"#,
      "tree 0: 'split_indices' has 0 entries for 3 nodes (\(damaged))"
    ),
    (
      #""split_conditions":[5E-1,-1E0,2E0]"#, #""split_conditions":[5E-1]"#,
      "tree 0: 'split_conditions' has 1 entries for 3 nodes (\(damaged))"
    ),
    (
      #""split_conditions":[5E-1,"#, #""split_conditions":[1e999,"#,
      "this is not JSON, or a number in it does not fit its place (\(resave))"
    ),
    (
      #""default_left":[1,0,0]"#, #""default_left":[1]"#,
      "tree 0: 'default_left' has 1 entries for 3 nodes (\(damaged))"
    ),
    (
      #""sum_hessian":[4E0,1E0,3E0]"#, #""sum_hessian":[4E0,-1E0,3E0]"#,
      "tree 0, node 1: the cover is not a number from 0 up (\(damaged))"
    ),
    (
      #""loss_changes":[3E0,0E0,0E0]"#, #""loss_changes":[3E0]"#,
      "tree 0: 'loss_changes' has 1 entries for 3 nodes (\(damaged))"
    ),
    (#"["a","b"]"#, #"["a","a"]"#, "two features are named 'a'"),
    (#""objective":{"#, #""goal":{"#, "'learner.objective' is not there (\(resave))"),
  ]

  @Test("A changed file is refused with its name, the place and what to do", arguments: hostile)
  func refuses(old: String, new: String, message: String) {
    #expect(
      Fixture.failure { _ = try Self.read(old, new) } == "x.json: \(message)")
  }
}
