import Detection
import Foundation
import Learning
import Primitives
import Testing

@Suite("LightGBM files")
struct LightGBMTests {
  /// One split of two columns; b at or below 0.5 goes left.
  static let file = """
    tree
    version=v4
    num_class=1
    num_tree_per_iteration=1
    label_index=0
    max_feature_idx=1
    objective=binary sigmoid:1
    feature_names=a b
    feature_infos=[0:1] [0:1]
    tree_sizes=300

    Tree=0
    num_leaves=2
    num_cat=0
    split_feature=1
    split_gain=3
    threshold=0.5
    decision_type=10
    left_child=-1
    right_child=-2
    leaf_value=-1 2
    leaf_weight=1 3
    leaf_count=10 30
    internal_value=0
    internal_weight=4
    internal_count=40
    is_linear=0
    shrinkage=1


    end of trees

    feature_importances:
    b=1

    """

  private static func read(_ old: String = "tree", _ new: String = "tree") throws -> Model {
    #expect(file.contains(old))
    let range = try #require(file.range(of: old))
    return try ModelFile.decode(
      Data(file.replacingCharacters(in: range, with: new).utf8), name: "x.txt")
  }

  @Test("A value at the threshold goes left, the next one right, a missing one as its kind says")
  func direction() throws {
    let model = try Self.read()
    #expect(model.features == ["a", "b"])
    #expect(model.forest.margin(of: [0, 0.5]) == -1)
    #expect(model.forest.margin(of: [0, Float(0.5).nextUp]) == 2)
    #expect(model.forest.margin(of: [0, .nan]) == -1)
    #expect(try Self.read("decision_type=10", "decision_type=8").forest.margin(of: [0, .nan]) == 2)
    // Nothing missing was seen: it counts as 0, which is left of 0.5 and right of −0.5.
    #expect(
      try Self.read("decision_type=10", "decision_type=0").forest.margin(of: [0, .nan]) == -1)
    let negative = Self.file.replacing("decision_type=10", with: "decision_type=2")
      .replacing("threshold=0.5", with: "threshold=-0.5")
    let model2 = try ModelFile.decode(Data(negative.utf8), name: "x.txt")
    #expect(model2.forest.margin(of: [0, .nan]) == 2)
    // A threshold between two 32-bit numbers.
    let between = try Self.read("threshold=0.5", "threshold=0.50000000000000011")
    #expect(between.forest.margin(of: [0, 0.5]) == -1)
    #expect(between.forest.margin(of: [0, Float(0.5).nextUp]) == 2)
  }

  @Test("The slope of the objective is kept")
  func slope() throws {
    let model = try Self.read("sigmoid:1", "sigmoid:2")
    #expect(abs(model.score(1) - 1 / (1 + exp(-2.0))) < 1e-12)
    #expect(try Self.read("binary sigmoid:1", "regression").objective == .squaredError)
  }

  private static let damaged = "(the file is damaged; save the model again)"

  @Test(
    "Models that are damaged or of another kind are refused",
    arguments: [
      ("num_class=1", "num_class=3", "the model has several outputs (train one for one output)"),
      (
        "binary sigmoid:1", "multiclass",
        "objective 'multiclass' is not supported (known: binary, regression)"
      ),
      ("sigmoid:1", "sigmoid:nan", "'objective' has the slope 'sigmoid:nan' \(damaged)"),
      ("max_feature_idx=1", "max_feature_idx=2", "the model names 2 of its 3 features"),
      (
        "max_feature_idx=1", "max_feature_idx=9999999999",
        "'max_feature_idx' is not a whole number from 0 up \(damaged)"
      ),
      ("Tree=0", "Tree=7", "tree 0 is named '7' \(damaged)"),
      ("num_leaves=2", "num_leaves=0", "tree 0 has 0 leaves \(damaged)"),
      (
        "num_leaves=2", "num_leaves=2000000000", "tree 0 has 2000000000 leaves \(damaged)"
      ),
      (
        "num_leaves=2", "num_leaves=3", "tree 0: 'leaf_value' has 2 entries instead of 3 \(damaged)"
      ),
      ("num_cat=0", "num_cat=1", "tree 0 splits on categories (train on numbers only)"),
      (
        "is_linear=0", "is_linear=1",
        "tree 0 has linear leaves (train with linear_tree=false)"
      ),
      (
        "split_feature=1", "split_feature=2",
        "tree 0, node 0: splits on feature 2 of 2 \(damaged)"
      ),
      (
        "threshold=0.5", "threshold=nan", "tree 0: 'threshold' holds 'nan', not a number \(damaged)"
      ),
      ("left_child=-1", "left_child=0", "tree 0, node 0: leads to node 0 of 3 \(damaged)"),
      ("left_child=-1", "left_child=-9", "tree 0 leads to node -9 \(damaged)"),
      ("left_child=-1", "left_child=5", "tree 0 leads to node 5 \(damaged)"),
      (
        "right_child=-2", "right_child=-1",
        "tree 0, node 0: leads to node 1, which another split does \(damaged)"
      ),
      (
        "decision_type=10", "decision_type=4",
        "tree 0, node 0: decision type 4 (train on numbers only, with zero_as_missing=false)"
      ),
      (
        "decision_type=10", "decision_type=1",
        "tree 0, node 0: decision type 1 (train on numbers only, with zero_as_missing=false)"
      ),
      (
        "leaf_value=-1 2", "leaf_value=-1 inf",
        "tree 0: 'leaf_value' holds 'inf', not a number \(damaged)"
      ),
      ("leaf_count=10 30", "leaf_weights=1", "tree 0 has no 'leaf_count' \(damaged)"),
      ("split_gain=3", "num_leaves=2", "'num_leaves' comes twice \(damaged)"),
      ("end of trees", "", "the file ends before 'end of trees' \(damaged)"),
    ])
  func refused(old: String, new: String, message: String) {
    #expect(Fixture.failure { _ = try Self.read(old, new) } == "x.txt: \(message)")
  }

  @Test("Random damage never traps")
  func damage() {
    var random = SeededRandom(seed: 90)
    let bytes = Array(Self.file.utf8)
    for _ in 0..<2000 {
      var mutant = bytes
      for _ in 0..<(1 + random.below(4)) {
        let place = 5 + random.below(mutant.count - 5)
        switch random.below(3) {
        case 0: mutant[place] = UInt8(random.below(128))
        case 1: mutant.remove(at: place)
        default: mutant.insert(contentsOf: "99".utf8, at: place)
        }
      }
      if let model = try? ModelFile.decode(Data(mutant), name: "m") {
        #expect(
          model.forest.margin(of: [Float](repeating: 0, count: model.features.count)).isFinite)
      }
    }
  }

  // Needs Python with lightgbm.
  @Test(
    "Its saved models score and explain here as there, on 100,000 rows with missing values",
    .enabled(if: Python.path != nil), arguments: ["binary", "regression"])
  func theirs(objective: String) throws {
    let folder = try Python.folder()
    defer { try? FileManager.default.removeItem(at: folder) }  // Left behind at worst.
    let (table, labels) = try Fixture.table(rows: 100_000, columns: 8, seed: 91)
    try Python.write(table.values, to: folder.appending(path: "x"))
    try Python.write(labels, to: folder.appending(path: "y"))
    _ = try Python.run(
      """
      import numpy as np, lightgbm as lgb
      x, y = np.fromfile("x", np.float32).reshape(-1, 8), np.fromfile("y", np.float32)
      options = dict(objective="\(objective)", num_leaves=40, num_threads=2, verbose=-1)
      model = lgb.train(options, lgb.Dataset(x, y), 40)
      model.save_model("m.txt")
      model.predict(x, raw_score=True).tofile("margins")
      model.predict(x[:2000], pred_contrib=True).tofile("shap")
      """, in: folder)
    let model = try ModelFile.load(path: folder.appending(path: "m.txt").path)
    let margins = model.forest.margins(table, workers: Workers(threads: 2))
    let theirs = try Python.read(folder.appending(path: "margins"), as: Double.self)
    #expect(theirs.count == 100_000)
    let worst = zip(margins, theirs).map { abs($0 - $1) / max(1, abs($0)) }.max()
    #expect(try #require(worst) < 1e-6)
    let contributions = TableScorer(model).contributions(table.slice(0..<2000))
    let shap = try Python.read(folder.appending(path: "shap"), as: Double.self)
    #expect(shap.count == contributions.count)
    let apart = zip(contributions, shap).map { abs($0 - $1) }.max()
    #expect(try #require(apart) < 1e-4)
  }
}
