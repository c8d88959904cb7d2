import Detection
import Foundation
import Learning
import Primitives
import Testing

@Suite("Splits on categories")
struct CategoryTests {
  /// Two columns of categories and one of numbers; every third of the first column's categories is risky.
  private func table(
    rows: Int, categories: Int, seed: UInt64, missing: Double = 0.05
  ) throws -> (table: NumericTable, labels: [Float]) {
    var random = SeededRandom(seed: seed)
    var values: [Float] = []
    var labels: [Float] = []
    for _ in 0..<rows {
      let first = random.below(categories)
      let second = random.below(4)
      let number = random.normal()
      let risk = (first % 3 == 0 ? 1.5 : -1) + (second == 2 ? 1 : 0) + number
      labels.append(random.chance(1 / (1 + exponential(-2 * risk))) ? 1 : 0)
      for value in [Float(first), Float(second), Float(number)] {
        values.append(random.chance(missing) ? .nan : value)
      }
    }
    let words = [(0..<categories).map { "c\($0)" }, ["n", "o", "p", "q"], []]
    return (
      try NumericTable(
        names: ["first", "second", "x"], rows: rows, values: values, categories: words),
      labels
    )
  }

  private func options(_ change: (inout BoostingOptions) -> Void = { _ in }) -> BoostingOptions {
    var options = BoostingOptions()
    options.rounds = 20
    options.depth = 4
    options.threads = 1
    change(&options)
    return options
  }

  @Test("One split parts the categories by what they ask for, whatever their order")
  func oneSplit() throws {
    let (table, labels) = try table(rows: 6000, categories: 30, seed: 1, missing: 0)
    let forest = try Booster(
      options {
        $0.rounds = 1
        $0.depth = 1
      }
    )
    .fit(TrainingMatrix(table), labels: labels).forest
    let right = try #require(forest.trees[0].rightCategories[0])
    #expect(forest.trees[0].features[0] == 0)
    // Risky ones ask for a higher margin; sorted by gradient they come first and go left.
    let harmless: [Int32] = (0..<30).filter { $0 % 3 != 0 }
    #expect(right.codes == harmless)
  }

  @Test("No cut of all that there are parts few categories better than the one found")
  func bestCut() throws {
    var random = SeededRandom(seed: 9)
    for round in 0..<10 {
      let count = 2 + random.below(6)
      let rows = 400
      let values = (0..<rows).map { _ in random.chance(0.1) ? Float.nan : Float(random.below(count))
      }
      let means = (0...count).map { _ in random.normal() }
      let labels = values.map {
        Float(random.normal(mean: means[$0.isNaN ? count : Int($0)], deviation: 1))
      }
      let table = try NumericTable(
        names: ["c"], rows: rows, values: values, categories: [(0..<count).map { "\($0)" }])
      let forest = try Booster(
        options {
          $0.rounds = 1
          $0.depth = 1
          $0.objective = .squaredError
          $0.learningRate = 1
          $0.categoryPenalty = 0
          $0.lambda = 0
        }
      ).fit(TrainingMatrix(table), labels: labels).forest
      let tree = try #require(forest.trees.first)
      func loss(_ left: (Float) -> Bool) -> Double {
        var sums = [0.0, 0.0]
        var squares = [0.0, 0.0]
        var counts = [0.0, 0.0]
        for (value, label) in zip(values, labels) {
          let side = left(value) ? 0 : 1
          sums[side] += Double(label)
          squares[side] += Double(label) * Double(label)
          counts[side] += 1
        }
        return (0..<2).reduce(0) {
          $0 + (counts[$1] > 0 ? squares[$1] - sums[$1] * sums[$1] / counts[$1] : 0)
        }
      }
      var least = Double.infinity
      for subset in 0..<(1 << (count + 1)) {
        least = min(least, loss { subset & (1 << ($0.isNaN ? count : Int($0))) != 0 })
      }
      let found = tree.count == 1 ? loss { _ in true } : loss { tree.goesLeft(0, $0) }
      #expect(found < least * (1 + 1e-4), "round \(round)")
    }
  }

  @Test("A forest with categories is the same for any number of threads, and learns what there is")
  func threads() throws {
    let (table, labels) = try table(rows: 20_000, categories: 200, seed: 2)
    let matrix = TrainingMatrix(table)
    let one = try Booster(options()).fit(matrix, labels: labels).forest
    let many = try Booster(options { $0.threads = 5 }).fit(matrix, labels: labels).forest
    #expect(one.trees == many.trees)
    func quality(_ categorical: Bool) throws -> Double {
      let plain = try NumericTable(names: table.names, rows: table.rows, values: table.values)
      let (_, report) = try TableTrainer(options()).train(
        categorical ? table : plain, labels: labels)
      return try #require(report.test.rocAUC)
    }
    let (with, without) = (try quality(true), try quality(false))
    #expect(with > without + 0.05)
  }

  @Test("A column none of whose texts comes often is left out and named")
  func leftOut() throws {
    var random = SeededRandom(seed: 8)
    let rows = 600
    var values: [Float] = []
    var labels: [Float] = []
    for row in 0..<rows {
      let x = Float(random.uniform())
      values += [Float(row), x]
      labels.append(random.chance(Double(x)) ? 1 : 0)
    }
    let table = try NumericTable(
      names: ["id", "x"], rows: rows, values: values,
      categories: [(0..<rows).map { "n\($0)" }, []])
    var options = options()
    options.monotony = [.free, .rising]
    let (model, report) = try TableTrainer(options).train(table, labels: labels)
    #expect(report.leftOut == ["id"])
    #expect(model.features == ["x"] && report.columns == 1)
    #expect((report.test.rocAUC ?? 0) > 0.6)
  }

  @Test("A label that cannot be learned from is named by its row in the table, wherever it stands")
  func badLabel() throws {
    let table = try NumericTable(
      names: ["x"], rows: 500, values: (0..<500).map { Float($0 % 7) })
    for row in [3, 399, 499] {
      var labels = (0..<500).map { Float($0 % 2) }
      labels[row] = 7
      let failure = #expect(throws: Failure.self) {
        var trainer = TableTrainer(options(), validation: 0.2)
        trainer.search = SearchPlan(trials: 2)
        return try trainer.train(table, labels: labels).report
      }
      #expect(failure.map { "\($0)" }?.contains("row \(row + 1) has the label 7") == true)
    }
  }

  @Test("Rare categories and ones that training never saw go the way of missing values")
  func unseen() throws {
    var random = SeededRandom(seed: 3)
    let words = (0..<40).map { "w\($0)" }
    // The last ten come five times each: too seldom to be told apart.
    let values = (0..<3050).map { Float($0 < 3000 ? random.below(30) : 30 + $0 % 10) }
    let table = try NumericTable(names: ["c"], rows: 3050, values: values, categories: [words])
    let chosen = Categories.chosen(from: table, bins: 256)
    let frequent = Set(words.prefix(30))
    #expect(Set(chosen[0]) == frequent)
    #expect(Categories.chosen(from: table, bins: 11)[0].count == 10)
    let coded = table.recoded(to: chosen)
    #expect(coded.values[3000...].allSatisfy { $0.isNaN })
    let labels = values.map { Float(Int($0) % 2) }
    let (model, _) = try TableTrainer(options(), split: 0.9).train(table, labels: labels)
    #expect(frequent.isSuperset(of: model.categories[0]))
    let other = try NumericTable(
      names: ["c"], rows: 3, values: [0, 1, .nan], categories: [["new", "w3"]]
    ).recoded(to: model.categories)
    let margins = model.forest.margins(other, workers: Workers(threads: 1))
    #expect(margins[0] == margins[2])
    #expect(margins[1] > 0)
  }

  @Test("A model with categories comes back from its file, and a changed one is refused")
  func file() throws {
    let (table, labels) = try table(rows: 4000, categories: 20, seed: 4)
    let (model, report) = try TableTrainer(options()).train(table, labels: labels)
    #expect(report.categories == ["first": 20, "second": 4])
    let data = try ModelFile.encode(model)
    let back = try ModelFile.decode(data, name: "m")
    #expect(back.categories == model.categories)
    #expect(back.forest.trees == model.forest.trees)
    #expect(back.digest == model.digest)
    let text = String(decoding: data, as: UTF8.self)
    let word = try #require(model.categories[1].first)
    for (old, new, message) in [
      ("\"\(word)\"", "\"zz\"", "the model's content does not have the digest that it names"),
      ("\"right_categories\":[[", "\"right_categories\":[[-1,", "the category -1"),
      (
        "\"right_categories\":[[", "\"right_categories\":[[99999999999,", "the category 99999999999"
      ),
      ("\"right_categories\":[[", "\"right_categories\":[[],[", "sets of categories for"),
      ("\"category_nodes\":[", "\"category_nodes\":[0,", "splits (the file is damaged"),
    ] {
      #expect(text.contains(old))
      let changed = text.replacingCharacters(in: try #require(text.range(of: old)), with: new)
      let failure = Fixture.failure {
        _ = try ModelFile.decode(Data(changed.utf8), name: "m.json")
      }
      #expect(failure?.contains(message) == true, "\(new): \(failure ?? "read")")
    }
  }

  @Test("A refit keeps splits on categories")
  func refit() throws {
    let (table, labels) = try table(rows: 4000, categories: 20, seed: 5)
    let first = try TableTrainer(options()).train(table, labels: labels).model
    let again = try TableTrainer(options(), start: (first, Continuing(.refit, decay: 0.5)))
      .train(table, labels: labels.map { 1 - $0 }).model
    #expect(again.categories == first.categories)
    #expect(again.forest.categorySets == first.forest.categorySets)
    #expect(again.forest.trees != first.forest.trees)
  }

  // MARK: XGBoost

  private static let prelude = """
    import numpy as np, xgboost as xgb
    kinds = ["c", "c", "q"]
    def rows(name): return np.fromfile(name, np.float32).reshape(-1, 3)

    """

  /// A file of one split on categories, with some text in it replaced.
  private func read(_ old: String, _ new: String) throws -> Model {
    let file = XGBoostFileTests.file
      .replacing(#""split_type":[0,0,0]"#, with: #""split_type":[1,0,0]"#)
      .replacing(
        #""categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[]"#,
        with:
          #""categories":[1,4],"categories_nodes":[0],"categories_segments":[0],"categories_sizes":[2]"#
      )
    #expect(file.contains(old))
    return try ModelFile.decode(Data(file.replacing(old, with: new).utf8), name: "x.json")
  }

  @Test("XGBoost's split on categories sends those listed right and all others left")
  func split() throws {
    let forest = try read("\"a\"", "\"a\"").forest
    for (value, margin) in [
      (Float(1), 2.0), (4, 2), (4.75, 2), (0, -1), (2, -1), (5, -1), (1e9, -1), (-1, -1),
      (.nan, -1),
    ] {
      #expect(forest.margin(of: [0, value]) == margin)
    }
  }

  private static let damaged = "the file is damaged; save the model again"

  @Test(
    "Lists of categories that do not fit are refused",
    arguments: [
      (
        #""categories_sizes":[2]"#, #""categories_sizes":[3]"#,
        "tree 0: 3 categories from place 0 of 2 (\(damaged))"
      ),
      (
        #""categories_segments":[0]"#, #""categories_segments":[-9223372036854775808]"#,
        "tree 0: 2 categories from place -9223372036854775808 of 2 (\(damaged))"
      ),
      (
        #""categories_segments":[0]"#, #""categories_segments":[]"#,
        "tree 0: the lists of its splits on categories differ in length (\(damaged))"
      ),
      (
        #""categories_nodes":[0],"categories_segments":[0],"categories_sizes":[2]"#,
        #""categories_nodes":[0,1],"categories_segments":[0,0],"categories_sizes":[2,2]"#,
        "tree 0: its splits share categories of the list (\(damaged))"
      ),
      (
        #""categories_nodes":[0]"#, #""categories_nodes":[1]"#,
        "tree 0, node 0: the split is of kind 1 without categories (known: 0 (number), 1"
          + " (categories))"
      ),
      (
        #""categories":[1,4]"#, #""categories":[1,16777216]"#,
        "tree 0, node 0: the category 16777216 (categories are whole numbers from 0 to 16777215)"
      ),
    ])
  func hostile(old: String, new: String, message: String) {
    #expect(Fixture.failure { _ = try read(old, new) } == "x.json: \(message)")
  }

  // Needs Python with xgboost.
  @Test(
    "XGBoost's models with categories, one against the rest and parted, score and explain here as there",
    .enabled(if: Python.path != nil), arguments: [1, 100])
  func theirs(mostOneHot: Int) throws {
    let folder = try Python.folder()
    defer { try? FileManager.default.removeItem(at: folder) }  // Left behind at worst.
    let (table, labels) = try table(rows: 10_000, categories: 60, seed: 11)
    try Python.write(table.values, to: folder.appending(path: "x"))
    try Python.write(labels, to: folder.appending(path: "y"))
    // Categories that training never saw, and what is none.
    var asked = table.values
    var random = SeededRandom(seed: 12)
    for index in asked.indices where random.chance(0.05) && index % 3 < 2 {
      asked[index] = [60, 61, 100, 9000][random.below(4)]
    }
    try Python.write(asked, to: folder.appending(path: "asked"))
    _ = try Python.run(
      Self.prelude + """
        data = xgb.DMatrix(rows("x"), np.fromfile("y", np.float32), feature_types=kinds, enable_categorical=True)
        model = xgb.train(dict(max_depth=6, max_cat_to_onehot=\(mostOneHot), objective="binary:logistic", nthread=2), data, 12)
        model.save_model("m.json")
        asked = xgb.DMatrix(rows("asked"), feature_types=kinds, enable_categorical=True)
        model.predict(asked, output_margin=True).astype(np.float32).tofile("margins")
        few = xgb.DMatrix(rows("asked")[:400], feature_types=kinds, enable_categorical=True)
        model.predict(few, pred_contribs=True).astype(np.float32).tofile("shap")
        """, in: folder)
    let model = try ModelFile.load(path: folder.appending(path: "m.json").path)
    #expect(model.forest.categorySets.count > 50)
    let rows = try NumericTable(names: model.features, rows: 10_000, values: asked)
    let margins = model.forest.margins(rows, workers: Workers(threads: 2))
    let theirs = try Python.read(folder.appending(path: "margins"), as: Float.self)
    #expect(theirs.count == margins.count)
    let worst = zip(margins, theirs).map { abs($0 - Double($1)) / max(1, abs($0)) }.max()
    #expect(try #require(worst) < 1e-6)
    let contributions = TableScorer(model).contributions(rows.slice(0..<400))
    let shap = try Python.read(folder.appending(path: "shap"), as: Float.self)
    #expect(shap.count == contributions.count)
    let apart = zip(contributions, shap).map { abs($0 - Double($1)) }.max()
    #expect(try #require(apart) < 1e-4)
  }

  // Needs Python with xgboost.
  @Test(
    "A model with categories written for XGBoost scores there as here, and comes back",
    .enabled(if: Python.path != nil))
  func ours() throws {
    let folder = try Python.folder()
    defer { try? FileManager.default.removeItem(at: folder) }  // Left behind at worst.
    let (table, labels) = try table(rows: 5_000, categories: 60, seed: 13)
    let (model, _) = try TableTrainer(options { $0.depth = 6 }).train(table, labels: labels)
    let path = folder.appending(path: "m.json").path
    try ModelFile.saveForXGBoost(model, path: path)
    let coded = table.recoded(to: model.categories)
    try Python.write(coded.values, to: folder.appending(path: "x"))
    _ = try Python.run(
      Self.prelude + """
        model = xgb.Booster(model_file="m.json")
        data = xgb.DMatrix(rows("x"), feature_names=model.feature_names, feature_types=kinds, enable_categorical=True)
        model.predict(data, output_margin=True).astype(np.float32).tofile("margins")
        """, in: folder)
    let margins = model.forest.margins(coded, workers: Workers(threads: 1))
    let theirs = try Python.read(folder.appending(path: "margins"), as: Float.self)
    #expect(theirs.count == 5_000)
    let worst = zip(margins, theirs).map { abs($0 - Double($1)) / max(1, abs($0)) }.max()
    #expect(try #require(worst) < 2e-6)
    #expect(try ModelFile.load(path: path).forest.trees == model.forest.trees)
  }
}
