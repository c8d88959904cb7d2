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
  private let model: String
  private let report: String?

  package init(
    settings: Settings, table: String, label: String, fitting: FittingOptions, model: String,
    report: String? = nil
  ) {
    self.settings = settings
    self.table = table
    self.label = label
    self.fitting = fitting
    self.model = model
    self.report = report
  }

  package func run(progress: some JobProgress) throws(Failure) -> TrainingReport {
    let modelFile = try OutputFile(model)
    let reportFile = try JSONReport(report)
    try OutputFile.requireDistinct([model, report], notOver: [table])
    progress.begin("read", total: nil)
    let (columns, labels) = try TableInput.read(table, label: label)
    progress.end("\(columns.rows) rows of \(columns.columns) columns")
    progress.begin("train", total: nil)
    var options = fitting.boosting(threads: settings.threads)
    options.rounds = fitting.rounds ?? 200
    let trained = try TableTrainer(options, split: fitting.split).train(columns, labels: labels)
    try modelFile.write(try ModelFile.encode(trained.model))
    try modelFile.finish()
    try reportFile.write(trained.report)
    progress.end("\(trained.report.trees) trees")
    return trained.report
  }
}
