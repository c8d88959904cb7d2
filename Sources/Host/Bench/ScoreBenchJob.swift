import Detection
import Learning
package import Primitives

/// Measures how fast a model scores a table, one row by itself, and explains rows.
package struct ScoreBenchJob: Sendable {
  private let settings: Settings
  private let table: BenchTable
  private let model: String?
  private let fitting: FittingOptions
  private let repeats: Int
  private let command: [String]

  /// Without a model file, one is trained on the table first; that is not timed.
  package init(
    settings: Settings, table: BenchTable, model: String?, fitting: FittingOptions, repeats: Int,
    command: [String]
  ) {
    self.settings = settings
    self.table = table
    self.model = model
    self.fitting = fitting
    self.repeats = repeats
    self.command = command
  }

  package func run(progress: some JobProgress) throws(Failure) -> BenchReport {
    progress.begin("read", total: nil)
    let (all, labels) = try table.read()
    progress.end("\(all.rows) rows of \(all.columns) columns")
    guard all.rows > 0 else {
      throw Failure(.input, "the table has no rows", advice: "give rows to score")
    }
    let model: Model
    if let path = self.model {
      model = try ModelFile.load(path: path)
    } else {
      model = try trained(all, labels, progress)
    }
    let rows = try all.choosing(model)
    var batch = BenchReport.Measure("rows_per_s", unit: "rows/s")
    var middle = BenchReport.Measure("single_row_p50_us", unit: "µs")
    var tail = BenchReport.Measure("single_row_p99_us", unit: "µs")
    var explained = BenchReport.Measure("shap_rows_per_s", unit: "rows/s")
    let scorer = TableScorer(model, threads: settings.threads)
    progress.begin("score", total: repeats)
    for repetition in 0..<repeats {
      let report = scorer.score(rows).report
      if let rate = report.rowsPerSecond { batch.samples.append(rate) }
      if let single = report.singleRow {
        middle.samples.append(single.p50)
        tail.samples.append(single.p99)
      }
      if let rate = report.attributedRowsPerSecond { explained.samples.append(rate) }
      progress.advance(to: repetition + 1)
    }
    progress.end("\(repeats) times")
    var report = BenchReport(
      "score", command: command, measures: [batch, middle, tail, explained])
    report.settings =
      table.settings + [
        .init("rows", .integer(Int64(rows.rows))),
        .init("columns", .integer(Int64(rows.columns))),
        .init("trees", .integer(Int64(model.forest.treeCount))),
        .init("leaves", .integer(Int64(model.forest.leafCount))),
        .init("threads", .integer(Int64(settings.threads))),
      ]
    return report
  }

  private func trained(
    _ table: NumericTable, _ labels: [Float], _ progress: some JobProgress
  ) throws(Failure) -> Model {
    var options = fitting.boosting(threads: settings.threads)
    options.rounds = fitting.rounds ?? 200
    progress.begin("train", total: nil)
    let border = Int(Double(table.rows) * fitting.split)
    let model = try Trainer(options).train(
      table.slice(0..<border), labels: Array(labels[..<border]),
      featureDigest: Model.featureDigest(ofColumns: table.names)
    ).model
    progress.end("\(model.forest.treeCount) trees")
    return model
  }
}
