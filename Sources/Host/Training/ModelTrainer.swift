import Detection
import Learning
import Primitives

/// Splits rows by time, fits on the earliest, chooses on the next and judges on the last.
struct ModelTrainer {
  /// The last part of the training time stops the growth early, calibrates and sets the threshold.
  private static let validationShare = 0.2
  private static let patience = 30

  let fitting: FittingOptions
  let threads: Int
  let falseAlarmsPerDay: Double
  /// What misses and alarms cost; where it is known, it and not the budget sets the threshold.
  var prices: AlarmPrices?
  /// Whether detectors that need no labels are trained beside the model, to say what each finds.
  var comparesDetectors = false
  /// Whether labels play no part but to judge; the model then scores how rare an event is.
  var unsupervised = false
  /// Gets the fits of a search that are done, and all of them.
  var progress: (Int, Int) -> Void = { _, _ in }

  struct Trained {
    var model: Model
    var report: TrainingReport
    /// Of the test rows.
    var curves: QualityCurves
  }

  /// Fits on all rows but the last part of their time, which stops the growth, calibrates and sets the threshold.
  func fit(_ rows: TrainingRows, featureDigest: String) throws(Failure) -> Model {
    try fit(rows, featureDigest: featureDigest, border: .distantFuture).trained.model
  }

  /// Fits on rows before `border` and judges on the rest.
  ///
  /// - Parameter border: the first instant of the test; where nil, what the split share of the rows says.
  /// - Throws: `Failure(.input)` where one part has no rows or no positive to learn from.
  func train(
    _ rows: TrainingRows, featureDigest: String, border: Timestamp?, interner: Interner
  ) throws(Failure) -> Trained {
    let border = border ?? TimeSplit.border(times: rows.times, testShare: 1 - fitting.split)
    let (trained, split, table, search) = try fit(
      rows, featureDigest: featureDigest, border: border)
    guard !split.test.isEmpty else {
      throw Failure(
        .input, "no event lies after \(border), so there is nothing to test on",
        advice: "choose an earlier --until, or a smaller --split")
    }
    let model = trained.model
    let quality = RowQuality(
      model, rows, of: split.test, table: table, interner: interner, threads: threads,
      seed: fitting.seed)
    var report = TrainingReport(
      trained, rows: rows.count, positives: rows.positives,
      split: TrainingReport.Split(
        kind: "time", trainRows: split.train.count, validationRows: split.validation.count,
        testRows: split.test.count),
      test: quality.all, seed: fitting.seed)
    report.search = search
    report.threshold?.judge(
      JudgedRows(
        scores: quality.probabilities, labels: split.test.map { rows.isPositive[$0] },
        incidents: split.test.map { rows.incidents[$0] }), seed: fitting.seed)
    if rows.positives == 0, let told = report.threshold?.test {
      report.threshold?.test = told.unlabelled
    }
    report.perSource = quality.perSource
    report.perScenario = quality.perScenario
    report.perMonth = quality.perMonth
    if !quality.permutationImportance.isEmpty {
      report.permutationImportance = quality.permutationImportance
    }
    if comparesDetectors { report.detectors = compare(model, rows, table: table, split: split) }
    return Trained(model: model, report: report, curves: quality.curves)
  }

  private func compare(
    _ model: Model, _ rows: TrainingRows, table: NumericTable, split: TimeSplit
  ) -> DetectorComparison {
    let workers = Workers(threads: threads)
    func part(_ chosen: [Int]) -> DetectorComparison.Rows {
      let part = table.gather(chosen)
      return DetectorComparison.Rows(
        table: part, labels: chosen.map { rows.isPositive[$0] },
        margins: model.forest.margins(part, workers: workers))
    }
    return DetectorComparison(
      training: table.gather(split.train), validation: part(split.validation),
      test: part(split.test),
      scenarios: split.test.map { rows.labelNames[$0].isEmpty ? nil : rows.labelNames[$0] },
      incidents: split.test.map { rows.incidents[$0] },
      days: days(from: split.testFrom, to: split.end),
      falseAlarmsPerDay: falseAlarmsPerDay, seed: fitting.seed, workers: workers)
  }

  /// At least an hour: budgets are by the day.
  private func days(from start: Timestamp, to end: Timestamp) -> Double {
    max((end - start).seconds / 86_400, 1.0 / 24)
  }

  private func fit(
    _ rows: TrainingRows, featureDigest: String, border: Timestamp
  ) throws(Failure) -> (
    trained: TrainedModel, split: TimeSplit, table: NumericTable, search: SearchReport?
  ) {
    guard rows.positives > 0 || unsupervised else {
      throw Failure(
        .input, "none of the \(rows.count) events is labelled, so there is nothing to learn",
        advice: "give --labels, or --inject to plant the installed scenarios")
    }
    let split = TimeSplit(
      times: rows.times, keys: rows.keys, incidents: rows.incidents, border: border,
      validationShare: ModelTrainer.validationShare)
    for (name, part) in [("train", split.train), ("validate", split.validation)]
    where part.isEmpty {
      throw Failure(
        .input, "the split leaves no events to \(name) on",
        advice: "choose a later --until, or give more events")
    }
    let table = try NumericTable(names: rows.names, rows: rows.count, values: rows.values)
    let times = rows.times[split.train[0]]...rows.times[split.train[split.train.count - 1]]
    if unsupervised {
      let trained = try RarityTrainer(
        seed: fitting.seed, threads: threads, alarmsPerDay: falseAlarmsPerDay
      ).train(
        table.gather(split.train), held: table.gather(split.validation),
        days: days(from: split.validationFrom, to: split.testFrom), featureDigest: featureDigest,
        times: times)
      return (trained, split, table, nil)
    }
    guard split.train.contains(where: { rows.isPositive[$0] }) else {
      throw Failure(
        .input,
        "no labelled event lies in the training time, before \(rows.times[split.validation[0]])",
        advice: "choose a later --until, or a larger --split")
    }
    func labels(_ chosen: [Int]) -> [Float] { chosen.map { rows.isPositive[$0] ? 1 : 0 } }
    var options = fitting.boosting(threads: threads, .events)
    options.earlyStoppingRounds = ModelTrainer.patience
    let search = try fitting.search.map { (plan) throws(Failure) in
      try self.search(plan, options, rows, split, table)
    }
    if let search { options = options.adopting(search) }
    let trained = try Trainer(
      options, falseAlarmsPerDay: falseAlarmsPerDay, prices: prices
    ).train(
      table.gather(split.train), labels: labels(split.train),
      validation: (
        table.gather(split.validation), labels(split.validation),
        days(from: split.validationFrom, to: split.testFrom)
      ), incidents: split.validation.map { rows.incidents[$0] },
      featureDigest: featureDigest,
      times: times)
    return (trained, split, table, search)
  }

  /// Distinct entities from which on some can be held out.
  private static let leastEntities = 30

  /// On the rows before the test alone, in order of time; the gap is a day, or a tenth of a block where that is less.
  private func search(
    _ plan: SearchPlan, _ options: BoostingOptions, _ rows: TrainingRows, _ split: TimeSplit,
    _ table: NumericTable
  ) throws(Failure) -> SearchReport {
    let known = (split.train + split.validation).sorted {
      (rows.times[$0], rows.keys[$0], $0) < (rows.times[$1], rows.keys[$1], $1)
    }
    let times = known.map { rows.times[$0] }
    let block = (times[times.count - 1] - times[0]).seconds / Double(plan.folds + 1)
    let entities = known.map { rows.keys[$0] }
    let folds = TimeFolds(
      rows: known.count, folds: plan.folds,
      times: (times, .seconds(Int64(min(86_400, block / 10)))),
      entities: Set(entities).count >= ModelTrainer.leastEntities ? entities : nil,
      incidents: known.map { rows.incidents[$0] })
    return try HyperSearch(plan, options: options).run(
      table.gather(known), labels: known.map { rows.isPositive[$0] ? 1 : 0 }, folds: folds,
      progress: progress)
  }
}
