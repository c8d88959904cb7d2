import Detection
import Foundation
import Learning
import Primitives
import Testing

@Suite("Training and scoring tables")
struct ReportTests {
  private func options() -> BoostingOptions {
    var options = BoostingOptions()
    options.rounds = 25
    options.depth = 4
    options.threads = 2
    options.seed = 9
    return options
  }

  private func object(_ value: some Encodable) throws -> [String: Any] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let object = try JSONSerialization.jsonObject(with: encoder.encode(value))
    return try #require(object as? [String: Any])
  }

  @Test("The training report names what ran, and its figures are those of the model it shipped")
  func training() throws {
    let (table, labels) = try Fixture.table(rows: 4000, columns: 6, seed: 91)
    let (model, report) = try TableTrainer(options(), split: 0.75).train(table, labels: labels)
    let json = try object(report)
    #expect(
      Set(json.keys) == [
        "rows", "columns", "positives", "bin_s", "fit_s", "rounds", "trees", "leaves", "split",
        "test", "feature_importance", "feature_digest", "model_digest", "threads", "seed",
        "score_meaning",
      ])
    #expect(json["rows"] as? Int == 4000)
    #expect(json["columns"] as? Int == 6)
    #expect(json["positives"] as? Int == labels.count { $0 == 1 })
    #expect(json["trees"] as? Int == 25)
    #expect(json["leaves"] as? Int == model.forest.leafCount)
    #expect(json["model_digest"] as? String == model.digest)
    #expect(json["seed"] as? Int == 9)
    let split = try #require(json["split"] as? [String: Any])
    #expect(split["train_rows"] as? Int == 3000)
    #expect(split["validation_rows"] as? Int == 0)
    #expect(split["test_rows"] as? Int == 1000)
    let test = try #require(json["test"] as? [String: Any])
    let margins = model.forest.margins(
      table.slice(3000..<4000), workers: Workers(threads: 1))
    let ranking = RankingMetrics(scores: margins, labels: labels[3000...].map { $0 == 1 })
    #expect(report.test.rocAUC == ranking.rocAUC)
    #expect(report.test.averagePrecision == ranking.averagePrecision)
    #expect(report.test.baseRate == ranking.baseRate)
    for key in ["roc_auc", "average_precision", "base_rate", "brier", "ece"] {
      #expect(test[key] is Double)
    }
    let gains = report.featureImportance.map(\.gain)
    #expect(zip(gains, gains.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(abs(gains.reduce(0, +) - 1) < 1e-9)
    // Columns 0 and 3 carry the signal.
    #expect(Set(report.featureImportance.prefix(2).map(\.feature)) == ["f0", "f3"])
  }

  @Test("Validation rows calibrate and stop the training, and lie between train and test")
  func validation() throws {
    let (table, labels) = try Fixture.table(rows: 4000, columns: 6, seed: 92)
    var options = options()
    options.rounds = 400
    options.learningRate = 0.3
    options.positiveWeight = 10
    options.earlyStoppingRounds = 5
    let (model, report) = try TableTrainer(options, split: 0.75, validation: 0.2)
      .train(table, labels: labels)
    #expect(report.split.trainRows == 2400)
    #expect(report.split.validationRows == 600)
    #expect(report.trees < report.rounds)
    #expect(report.rounds < 400)
    guard case .isotonic = model.calibration else {
      Issue.record("600 rows with 30 % positives allow a free curve")
      return
    }
    let error = try #require(report.test.expectedCalibrationError)
    let margins = model.forest.margins(table.slice(3000..<4000), workers: Workers(threads: 1))
    let plain = ReliabilityTable(
      probabilities: margins.map { Calibration.logistic.probability($0) },
      labels: labels[3000...].map { $0 == 1 })
    #expect(error < (plain.expectedCalibrationError ?? 0) / 2)
  }

  @Test(
    "The threshold of a trainer keeps to its false alarms a day and does not count what is true")
  func threshold() throws {
    let (table, labels) = try Fixture.table(rows: 3000, columns: 6, seed: 93, positives: 0.05)
    let held = table.slice(2000..<3000)
    let fitted = try Trainer(options(), falseAlarmsPerDay: 4).train(
      table.slice(0..<2000), labels: Array(labels[..<2000]),
      validation: (held, Array(labels[2000...]), 5), featureDigest: "d",
      times: Timestamp(seconds: 1)...Timestamp(seconds: 2))
    let threshold = try #require(fitted.model.alertThreshold)
    let scores = fitted.model.forest.margins(held, workers: Workers(threads: 1))
      .map { fitted.model.score($0) }
    let truth = labels[2000...].map { $0 == 1 }
    #expect(zip(scores, truth).count { $0 >= threshold && !$1 } <= 20)
    #expect(zip(scores, truth).count { $0 >= threshold && $1 } > 0)
    #expect(fitted.model.trainedOn?.rows == 2000)
    #expect(fitted.model.trainedOn?.to == Timestamp(seconds: 2))
    #expect(fitted.model.featureDigest == "d")
  }

  @Test("Numbers can be predicted; their report has the error instead of the ranking")
  func regression() throws {
    var random = SeededRandom(seed: 94)
    let values = (0..<4000).map { _ in Float(random.normal()) }
    let labels = (0..<2000).map { row -> Float in
      let (a, b) = (values[row * 2], values[row * 2 + 1])
      return 3 * a + b
    }
    let table = try NumericTable(names: ["a", "b"], rows: 2000, values: values)
    var options = options()
    options.objective = .squaredError
    options.rounds = 100
    let (_, report) = try TableTrainer(options).train(table, labels: labels)
    let test = try object(report.test)
    #expect(Set(test.keys) == ["rows", "rmse"])
    #expect(try #require(report.test.rootMeanSquaredError) < 0.6)
  }

  @Test("What cannot be split is refused")
  func refused() throws {
    let (table, labels) = try Fixture.table(rows: 10, columns: 2, seed: 95)
    func failure(_ trainer: TableTrainer, _ labels: [Float]) -> String? {
      Fixture.failure { _ = try trainer.train(table, labels: labels) }
    }
    #expect(
      failure(TableTrainer(split: 1), labels) == "split is 1.0 (give a share between 0 and 1)")
    #expect(
      failure(TableTrainer(validation: -1), labels)
        == "validation is -1.0 (give a share from 0 up, below 1)")
    #expect(failure(TableTrainer(), [1]) == "there are 1 labels for 10 rows")
    #expect(
      failure(TableTrainer(split: 0.01), labels)
        == "10 rows are too few to split (give more rows)")
    #expect(
      failure(TableTrainer(), labels.dropLast() + [.nan])
        == "row 10 has the label nan (every row needs a finite label; leave out rows without one)")
    var stopping = BoostingOptions()
    stopping.earlyStoppingRounds = 5
    #expect(
      failure(TableTrainer(stopping), labels)
        == "early stopping needs validation rows (give a validation share above 0)")
    #expect(
      Fixture.failure { _ = try NumericTable(names: ["a", "a"], rows: 0, values: []) }
        == "the table has two columns 'a' (rename one)")
    #expect(
      Fixture.failure { _ = try NumericTable(names: [], rows: 0, values: []) }
        == "the table has no feature columns (give at least one number)")
    #expect(
      Fixture.failure { _ = try NumericTable(names: ["a"], rows: 2, values: [1]) }
        == "the table has 1 cells, not 2 × 1 (give every row a cell for every column)")
  }

  @Test("Scores, contributions and their report agree, for any number of threads")
  func scoring() throws {
    let (table, labels) = try Fixture.table(rows: 3000, columns: 6, seed: 96)
    let (model, _) = try TableTrainer(options()).train(table, labels: labels)
    let (margins, report) = TableScorer(model, threads: 2).score(table)
    let one = TableScorer(model, threads: 1)
    #expect(margins == one.score(table).margins)
    let json = try object(report)
    #expect(
      Set(json.keys) == [
        "rows", "score_s", "rows_per_s", "single_row_us", "shap_rows_per_s", "threads",
      ])
    let single = try #require(json["single_row_us"] as? [String: Any])
    #expect(Set(single.keys) == ["p50", "p99"])
    let contributions = TableScorer(model, threads: 2).contributions(table)
    #expect(contributions == one.contributions(table))
    for row in 0..<table.rows {
      let sum = contributions[(row * 7)..<(row * 7 + 7)].reduce(0, +)
      #expect(abs(sum - margins[row]) < 1e-6)
    }
    let empty = one.score(table.slice(0..<0))
    #expect(empty.margins.isEmpty)
    #expect(empty.report.rowsPerSecond == nil)
  }
}
