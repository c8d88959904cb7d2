import Detection
import Foundation
import Learning
import Primitives
import Testing

/// Runs scripts with the Python that `MOONWATCH_TEST_PYTHON` names; tests that need it are skipped where it is unset.
enum Python {
  static let path = ProcessInfo.processInfo.environment["MOONWATCH_TEST_PYTHON"]

  static func run(_ script: String, in folder: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }

  static func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  static func write<Number>(_ values: [Number], to url: URL) throws {
    try values.withUnsafeBytes { try Data($0).write(to: url) }
  }

  static func read<Number>(_ url: URL, as type: Number.Type) throws -> [Number] {
    let data = try Data(contentsOf: url)
    return data.withUnsafeBytes { Array($0.bindMemory(to: Number.self)) }
  }
}

@Suite("Beside XGBoost")
struct XGBoostTests {
  private static let prelude = """
    import json, numpy as np, xgboost as xgb
    def rows(name, columns): return np.fromfile(name, np.float32).reshape(-1, columns)

    """

  // Needs Python with xgboost.
  @Test(
    "Its saved models score and explain here as there, on 100,000 rows with missing values",
    .enabled(if: Python.path != nil), arguments: ["binary:logistic", "reg:squarederror"])
  func theirs(objective: String) throws {
    let folder = try Python.folder()
    defer { try? FileManager.default.removeItem(at: folder) }  // Left behind at worst.
    let (table, labels) = try Fixture.table(rows: 100_000, columns: 8, seed: 81)
    try Python.write(table.values, to: folder.appending(path: "x"))
    try Python.write(labels, to: folder.appending(path: "y"))
    _ = try Python.run(
      Self.prelude + """
        x, y = rows("x", 8), np.fromfile("y", np.float32)
        data = xgb.DMatrix(x, y)
        model = xgb.train(dict(objective="\(objective)", max_depth=6, gamma=0.5, nthread=2), data, 30)
        model.save_model("m.json")
        model.predict(data, output_margin=True).astype(np.float32).tofile("margins")
        model.predict(xgb.DMatrix(x[:2000]), pred_contribs=True).astype(np.float32).tofile("shap")
        """, in: folder)
    let model = try ModelFile.load(path: folder.appending(path: "m.json").path)
    #expect(model.objective.rawValue == objective)
    #expect(model.features == (0..<8).map { "f\($0)" })
    let margins = model.forest.margins(table, workers: Workers(threads: 2))
    let theirs = try Python.read(folder.appending(path: "margins"), as: Float.self)
    #expect(theirs.count == 100_000)
    // Theirs are sums of 32-bit floats, ours of 64-bit ones.
    let worst = zip(margins, theirs).map { abs($0 - Double($1)) / max(1, abs($0)) }.max()
    #expect(try #require(worst) < 1e-6)
    let contributions = TableScorer(model).contributions(table.slice(0..<2000))
    let shap = try Python.read(folder.appending(path: "shap"), as: Float.self)
    #expect(shap.count == contributions.count)
    let apart = zip(contributions, shap).map { abs($0 - Double($1)) }.max()
    #expect(try #require(apart) < 1e-4)
  }

  // Needs Python with xgboost.
  @Test(
    "A model written for it scores there as here", .enabled(if: Python.path != nil),
    arguments: Objective.allCases)
  func ours(objective: Objective) throws {
    let folder = try Python.folder()
    defer { try? FileManager.default.removeItem(at: folder) }  // Left behind at worst.
    let (table, labels) = try Fixture.table(rows: 20_000, columns: 6, seed: 82)
    var options = BoostingOptions()
    options.rounds = 30
    options.objective = objective
    let forest = try Booster(options).fit(TrainingMatrix(table), labels: labels).forest
    let model = Model(
      features: table.names, featureDigest: "x", objective: objective, forest: forest,
      calibration: .logistic)
    let path = folder.appending(path: "m.json").path
    try ModelFile.saveForXGBoost(model, path: path)
    try Python.write(table.values, to: folder.appending(path: "x"))
    _ = try Python.run(
      Self.prelude + """
        model = xgb.Booster(model_file="m.json")
        data = xgb.DMatrix(rows("x", 6), feature_names=model.feature_names)
        model.predict(data, output_margin=True).astype(np.float32).tofile("margins")
        """, in: folder)
    let margins = forest.margins(table, workers: Workers(threads: 1))
    let theirs = try Python.read(folder.appending(path: "margins"), as: Float.self)
    #expect(theirs.count == 20_000)
    #expect(zip(margins, theirs).allSatisfy { abs($0 - Double($1)) < 2e-6 * max(1, abs($0)) })
    let back = try ModelFile.load(path: path)
    #expect(back.forest.trees == forest.trees)
    #expect(abs(back.forest.baseMargin - forest.baseMargin) < 1e-6)
  }

  // Needs Python with xgboost and scikit-learn.
  @Test(
    "A detector trained here finds as much as one trained there", .enabled(if: Python.path != nil))
  func quality() throws {
    let folder = try Python.folder()
    defer { try? FileManager.default.removeItem(at: folder) }  // Left behind at worst.
    let output = try Python.run(
      Self.prelude + """
        from sklearn.datasets import make_classification
        from sklearn.metrics import average_precision_score, roc_auc_score
        x, y = make_classification(n_samples=40000, n_features=20, n_informative=8, n_redundant=4,
                                   weights=[0.9], flip_y=0.005, class_sep=0.8, random_state=3)
        x = x.astype(np.float32)
        x[np.random.default_rng(3).random(x.shape) < 0.05] = np.nan
        x.tofile("x"); y.astype(np.float32).tofile("y")
        parameters = dict(objective="binary:logistic", max_depth=5, eta=0.1, max_bin=256, nthread=2)
        model = xgb.train(parameters, xgb.QuantileDMatrix(x[:30000], y[:30000]), 60)
        p = model.inplace_predict(x[30000:])
        print(roc_auc_score(y[30000:], p), average_precision_score(y[30000:], p))
        """, in: folder)
    let theirs = output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    #expect(theirs.count == 2)
    let values = try Python.read(folder.appending(path: "x"), as: Float.self)
    let labels = try Python.read(folder.appending(path: "y"), as: Float.self)
    let table = try NumericTable(names: (0..<20).map { "f\($0)" }, rows: 40_000, values: values)
    var options = BoostingOptions()
    options.rounds = 60
    options.depth = 5
    let (_, report) = try TableTrainer(options, split: 0.75).train(table, labels: labels)
    #expect(try #require(report.test.rocAUC) > theirs[0] - 0.005)
    #expect(try #require(report.test.averagePrecision) > theirs[1] - 0.005)
  }

  // Needs Python with scikit-learn.
  @Test("Ranking measures are those of scikit-learn", .enabled(if: Python.path != nil))
  func metrics() throws {
    let folder = try Python.folder()
    defer { try? FileManager.default.removeItem(at: folder) }  // Left behind at worst.
    var random = SeededRandom(seed: 83)
    let labels = (0..<5000).map { _ in random.chance(0.02) }
    let scores = labels.map { random.normal(mean: $0 ? 1 : 0, deviation: 1) }
      .map { ($0 * 20).rounded() / 20 }
    try Python.write(scores, to: folder.appending(path: "s"))
    try Python.write(labels.map { Float($0 ? 1 : 0) }, to: folder.appending(path: "y"))
    let output = try Python.run(
      """
      import numpy as np
      from sklearn.metrics import average_precision_score, roc_auc_score
      s, y = np.fromfile("s", np.float64), np.fromfile("y", np.float32)
      print(roc_auc_score(y, s), average_precision_score(y, s))
      """, in: folder)
    let theirs = output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    let ours = RankingMetrics(scores: scores, labels: labels)
    #expect(theirs.count == 2)
    #expect(abs(try #require(ours.rocAUC) - theirs[0]) < 1e-9)
    #expect(abs(try #require(ours.averagePrecision) - theirs[1]) < 1e-9)
  }
}
