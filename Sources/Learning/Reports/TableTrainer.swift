package import Primitives

/// Trains on any labelled table; its rows are in order of time, so the last part of them is the test.
package struct TableTrainer: Sendable {
  package var options: BoostingOptions
  /// The share of rows before the test.
  package var split: Double
  /// The last share of the training rows, kept out for calibration and early stopping; 0 trains on all of them and
  /// keeps the forest's own probabilities.
  package var validation: Double
  /// A model that is gone on with; its columns are those of the table, in order.
  package var start: (model: Model, way: Continuing)?
  /// What misses and alarms cost, each row an incident by itself; sets the threshold on the validation rows.
  package var prices: AlarmPrices?
  /// Which hyper-parameters are tried first, on the rows before the test.
  package var search: SearchPlan?

  package init(
    _ options: BoostingOptions = BoostingOptions(), split: Double = 0.8, validation: Double = 0,
    start: (model: Model, way: Continuing)? = nil, prices: AlarmPrices? = nil
  ) {
    self.prices = prices
    self.options = options
    self.split = split
    self.validation = validation
    self.start = start
  }

  /// `weights` multiply each row's loss in training; the test counts every row once.
  ///
  /// `progress` gets the fits of the search that are done, and all of them.
  package func train(
    _ table: NumericTable, labels: [Float], weights: [Float]? = nil,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws(Failure) -> (model: Model, report: TrainingReport) {
    try options.validate()
    guard split > 0 && split < 1 else {
      throw Failure(.usage, "split is \(split)", advice: "give a share between 0 and 1")
    }
    guard validation >= 0 && validation < 1 else {
      throw Failure(
        .usage, "validation is \(validation)", advice: "give a share from 0 up, below 1")
    }
    guard labels.count == table.rows else {
      throw Failure(.input, "there are \(labels.count) labels for \(table.rows) rows")
    }
    if validation == 0 && options.earlyStoppingRounds > 0 {
      throw Failure(
        .usage, "early stopping needs validation rows", advice: "give a validation share above 0")
    }
    if prices != nil && (validation == 0 || options.objective != .logistic) {
      throw Failure(
        .usage, "a threshold by cost is chosen on validation rows with labels of 0 and 1",
        advice: "give --validation a share above 0, and the logistic loss")
    }
    let border = Int(Double(table.rows) * split)
    let inner = Int(Double(border) * (1 - validation))
    guard inner > 0 && border < table.rows && (validation == 0 || inner < border) else {
      throw Failure(
        .input, "\(table.rows) rows are too few to split", advice: "give more rows")
    }
    // All at once, so that a row is named by its place in the table.
    try Booster.check(labels, options.objective)
    if let weights, weights.count != table.rows {
      throw Failure(.input, "there are \(weights.count) weights for \(table.rows) rows")
    }
    let named = table.names
    let (table, kept) = try coded(table, training: inner)
    var options = options
    if !options.monotony.isEmpty { options.monotony = kept.map { options.monotony[$0] } }
    var searched: SearchReport?
    if let search {
      guard start == nil else {
        throw Failure(
          .usage, "a model that is gone on with keeps its hyper-parameters",
          advice: "search without a model to go on with")
      }
      let report = try HyperSearch(search, options: options).run(
        table.slice(0..<border), labels: Array(labels[..<border]),
        weights: weights.map { Array($0[..<border]) },
        folds: TimeFolds(rows: border, folds: search.folds), progress: progress)
      options = options.adopting(report)
      searched = report
    }
    let held: (table: NumericTable, labels: [Float], days: Double?)? =
      inner < border ? (table.slice(inner..<border), Array(labels[inner..<border]), nil) : nil
    let fitted = try Trainer(options, prices: prices).train(
      table.slice(0..<inner), labels: Array(labels[..<inner]),
      weights: weights.map { Array($0[..<inner]) }, validation: held, start: start,
      featureDigest: Model.featureDigest(ofColumns: table.names))
    let model = fitted.model
    let margins = model.forest.margins(
      table.slice(border..<table.rows), workers: Workers(threads: options.threads))
    let targets = Array(labels[border...])
    let test =
      options.objective == .logistic
      ? QualityReport(
        margins: margins, probabilities: margins.map { model.score($0) },
        labels: targets.map { $0 == 1 })
      : QualityReport(predictions: margins, targets: targets)
    let positives =
      options.objective == .logistic ? labels.reduce(0) { $0 + ($1 == 1 ? 1 : 0) } : nil
    var report = TrainingReport(
      fitted, rows: table.rows, positives: positives,
      split: TrainingReport.Split(
        kind: "rows", trainRows: inner, validationRows: border - inner,
        testRows: table.rows - border), test: test, seed: options.seed)
    report.search = searched
    let leftOut = Set(named).subtracting(table.names)
    if !leftOut.isEmpty { report.leftOut = named.filter { leftOut.contains($0) } }
    report.threshold?.judge(
      JudgedRows(scores: margins.map { model.score($0) }, labels: targets.map { $0 == 1 }),
      seed: options.seed)
    return (model, report)
  }

  /// Categories as the training rows tell them apart, or as the model that is gone on with does, and the columns that
  /// are left: one of texts none of which comes often enough says nothing.
  private func coded(
    _ table: NumericTable, training: Int
  ) throws(Failure) -> (table: NumericTable, kept: [Int]) {
    guard let known = start?.model.categories else {
      let chosen = Categories.chosen(from: table.slice(0..<training), bins: options.bins)
      let recoded = table.recoded(to: chosen)
      let kept = table.names.indices.filter {
        !table.isCategorical($0) || recoded.isCategorical($0)
      }
      return kept.count == table.columns ? (recoded, kept) : (try recoded.choosing(kept), kept)
    }
    for column in 0..<table.columns {
      let takes = !known.isEmpty && !(known.count > column && known[column].isEmpty)
      if table.isCategorical(column) != takes {
        throw Failure(
          .usage,
          "the model to go on with takes column '\(table.names[column])' as"
            + (takes ? " categories" : " numbers"),
          advice: "give the column as it was when the model was trained")
      }
    }
    return (table.recoded(to: known), Array(table.names.indices))
  }
}
