import Detection
import Learning
package import Primitives

/// Measures how long the learner takes on a table: cutting its columns into bins, and growing the trees.
///
/// The first 80 % of the rows train, the rest judge the forest, so that a fast fit that learned nothing shows.
package struct FitBenchJob: Sendable {
  private let settings: Settings
  private let table: BenchTable
  private let fitting: FittingOptions
  private let repeats: Int
  private let command: [String]

  package init(
    settings: Settings, table: BenchTable, fitting: FittingOptions, repeats: Int, command: [String]
  ) {
    self.settings = settings
    self.table = table
    self.fitting = fitting
    self.repeats = repeats
    self.command = command
  }

  package func run(progress: some JobProgress) throws(Failure) -> BenchReport {
    progress.begin("read", total: nil)
    let (all, labels) = try table.read()
    progress.end("\(all.rows) rows of \(all.columns) columns")
    var options = fitting.boosting(threads: settings.threads)
    options.rounds = fitting.rounds ?? 200
    var bin = BenchReport.Measure("bin_s", unit: "s")
    var fit = BenchReport.Measure("fit_s", unit: "s")
    var wall = BenchReport.Measure("wall_s", unit: "s")
    var processor = BenchReport.Measure("cpu_s", unit: "s")
    let border = Int(Double(all.rows) * fitting.split)
    let (train, test) = (all.slice(0..<border), all.slice(border..<all.rows))
    var last: TrainedModel?
    progress.begin("fit", total: repeats)
    for repetition in 0..<repeats {
      let clock = BenchClock()
      let trained = try Trainer(options).train(
        train, labels: Array(labels[..<border]),
        featureDigest: Model.featureDigest(ofColumns: all.names))
      processor.samples.append(clock.processorSeconds)
      wall.samples.append(clock.wallSeconds)
      bin.samples.append(trained.binSeconds)
      fit.samples.append(trained.fitSeconds)
      last = trained
      progress.advance(to: repetition + 1)
    }
    progress.end("\(repeats) times")
    var report = BenchReport("fit", command: command, measures: [bin, fit, wall, processor])
    report.settings =
      table.settings + [
        .init("train_rows", .integer(Int64(train.rows))),
        .init("columns", .integer(Int64(all.columns))),
        .init("rounds", .integer(Int64(options.rounds))),
        .init("depth", .integer(Int64(options.depth))),
        .init("bins", .integer(Int64(options.bins))),
        .init("threads", .integer(Int64(settings.threads))),
      ]
    if let model = last?.model {
      report.results = quality(model, test, Array(labels[border...]))
    }
    return report
  }

  private func quality(
    _ model: Model, _ test: NumericTable, _ labels: [Float]
  ) -> [JSONValue.Member] {
    let margins = model.forest.margins(test, workers: Workers(threads: settings.threads))
    let ranking = RankingMetrics(scores: margins, labels: labels.map { $0 == 1 })
    return [
      .init("roc_auc", ranking.rocAUC.map { .number($0) } ?? .null),
      .init("average_precision", ranking.averagePrecision.map { .number($0) } ?? .null),
      .init("trees", .integer(Int64(model.forest.treeCount))),
      .init("leaves", .integer(Int64(model.forest.leafCount))),
      .init("model_digest", .text(model.digest)),
    ]
  }
}
