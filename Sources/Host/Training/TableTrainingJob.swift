import Detection
import Foundation
import Ingest
package import Learning
package import Primitives

/// The same learner on any table of numbers.
package struct TableTrainingJob: Sendable {
  private let settings: Settings
  private let table: String
  private let label: String
  private let fitting: FittingOptions
  private let extras: Extras
  private let model: String
  private let report: String?

  /// What a table offers beyond its columns and rows.
  package struct Extras: Sendable {
    /// The column with each row's weight, which is not learned from.
    package var weights: String?
    /// Columns whose numbers are names of categories.
    package var categorical: [String] = []
    /// What misses and alarms cost.
    package var prices: AlarmPrices?
    /// Columns that are not learned from.
    package var without: [String] = []
    /// The last share of the training rows, on which calibration and early stopping go by.
    package var validation = 0.0
    /// A model to go on with.
    package var start: (path: String, way: Continuing)?

    package init() {}
  }

  package init(
    settings: Settings, table: String, label: String, fitting: FittingOptions,
    extras: Extras = Extras(), model: String, report: String? = nil
  ) {
    self.settings = settings
    self.table = table
    self.label = label
    self.fitting = fitting
    self.extras = extras
    self.model = model
    self.report = report
  }

  package func run(progress: some JobProgress) throws(Failure) -> TrainingReport {
    let modelFile = try OutputFile(model)
    let reportFile = try JSONReport(report)
    try OutputFile.requireDistinct(
      [model, report], notOver: [table] + [extras.start?.path].compactMap { $0 })
    progress.begin("read", total: nil)
    let input = try TableInput.read(
      table, label: label, categorical: extras.categorical, without: extras.without)
    input.warn(progress)
    let labels = input.labels
    let (columns, weights) = try input.table.parting(weights: extras.weights, path: table)
    progress.end("\(columns.rows) rows of \(columns.columns) columns")
    progress.begin(fitting.search == nil ? "train" : "search", total: nil)
    var options = try fitting.boosting(threads: settings.threads, columns: columns.names)
    for (place, way) in options.monotony.enumerated()
    where way != .free && columns.isCategorical(place) {
      throw Failure(
        .usage, "column '\(columns.names[place])' holds categories, which neither rise nor fall",
        advice: "name a column of numbers")
    }
    options.rounds = fitting.rounds ?? 200
    var start: (model: Model, way: Continuing)?
    if let given = extras.start { start = (try ModelFile.load(path: given.path), given.way) }
    var trainer = TableTrainer(
      options, split: fitting.split, validation: extras.validation, start: start,
      prices: extras.prices)
    trainer.search = fitting.search
    let trained = try trainer.train(columns, labels: labels, weights: weights) { done, all in
      progress.advance(to: done, share: Double(done) / Double(all))
    }
    for name in trained.report.leftOut ?? [] {
      progress.warn(
        "column '\(name)' is left out: none of its texts comes in \(Categories.leastRows) of the rows"
          + " to learn from")
    }
    try modelFile.write(try ModelFile.encode(trained.model))
    try modelFile.finish()
    try reportFile.write(trained.report)
    progress.end("\(trained.report.trees) trees")
    return trained.report
  }
}
