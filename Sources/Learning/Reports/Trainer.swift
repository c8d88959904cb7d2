package import Detection
package import Primitives

/// A model with what its making took.
package struct TrainedModel: Sendable {
  package var model: Model
  package var binSeconds: Double
  package var fitSeconds: Double
  package var rounds: Int
  package var threads: Int
  /// Why the model alerts from where it does; missing where no threshold was chosen.
  package var threshold: ThresholdReport?
}

/// Makes a model from labelled rows: bins, grows the forest, calibrates it and sets the alert threshold on rows that
/// were not trained on.
package struct Trainer: Sendable {
  package var options: BoostingOptions
  /// False alarms a day that the threshold allows on the validation rows: rows with label 0 at or above it.
  package var falseAlarmsPerDay: Double?
  /// What misses and alarms cost; where it is known, it and not the budget sets the threshold.
  package var prices: AlarmPrices?

  package init(
    _ options: BoostingOptions = BoostingOptions(), falseAlarmsPerDay: Double? = nil,
    prices: AlarmPrices? = nil
  ) {
    self.options = options
    self.falseAlarmsPerDay = falseAlarmsPerDay
    self.prices = prices
  }

  /// Validation rows stop the training early, calibrate and set the threshold; without them the forest's own
  /// probabilities stand and no threshold is chosen. `days` is the time that they span; `incidents` says which incident a
  /// validation row belongs to.
  package func train(
    _ table: NumericTable, labels: [Float], weights: [Float]? = nil,
    validation: (table: NumericTable, labels: [Float], days: Double?)? = nil,
    incidents: [Int?]? = nil,
    start: (model: Model, way: Continuing)? = nil, featureDigest: String,
    times: ClosedRange<Timestamp>? = nil
  ) throws(Failure) -> TrainedModel {
    try options.validate()
    let workers = Workers(threads: options.threads)
    if let start {
      try start.way.validate()
      guard start.model.features == table.names, start.model.objective == options.objective else {
        throw Failure(
          .usage, "the model to go on with has other columns or predicts something else",
          advice: "give it the table's columns and loss, or train anew")
      }
    }
    let clock = ContinuousClock()
    let began = clock.now
    let matrix = TrainingMatrix(table, bins: options.bins, workers: workers)
    let binned = clock.now
    let validationRows = validation.map {
      ValidationRows(
        matrix: TrainingMatrix($0.table, binner: matrix.binner, workers: workers),
        labels: $0.labels)
    }
    let fitStart = clock.now
    let fitted = try fit(
      matrix, table, labels, weights, validationRows, validation?.table, start, workers)
    let fitEnd = clock.now
    var model = Model(
      features: table.names, categories: table.categories, featureDigest: featureDigest,
      objective: options.objective,
      forest: fitted.forest, calibration: .logistic,
      trainedOn: Model.TrainedOn(
        rows: table.rows, positives: labels.reduce(0) { $0 + ($1 == 1 ? 1 : 0) },
        from: times?.lowerBound, to: times?.upperBound, seed: options.seed))
    var threshold: ThresholdReport?
    if let validation, options.objective == .logistic {
      let margins = fitted.forest.margins(validation.table, workers: workers)
      model.calibration = .fit(margins: margins, labels: validation.labels.map { $0 == 1 })
      threshold = choose(
        margins.map { model.score($0) }, labels: validation.labels, incidents: incidents,
        days: validation.days, greatest: model.calibration.greatest)
      model.alertThreshold = threshold?.value
    }
    return TrainedModel(
      model: model, binSeconds: seconds(binned - began), fitSeconds: seconds(fitEnd - fitStart),
      rounds: fitted.rounds, threads: workers.threads, threshold: threshold)
  }
}

extension Trainer {
  /// By cost where prices are known, else by the budget where the time is; missing without either.
  private func choose(
    _ scores: [Double], labels: [Float], incidents: [Int?]?, days: Double?,
    greatest: Double
  ) -> ThresholdReport? {
    let truth = labels.map { $0 == 1 }
    let harmless = zip(scores, truth).filter { !$1 }.map(\.0)
    let budget = falseAlarmsPerDay.flatMap { perDay in
      days.map {
        Threshold.reachable(
          Threshold.forBudget(harmless, days: $0, perDay: perDay), above: harmless,
          greatest: greatest)
      }
    }
    let rows = JudgedRows(scores: scores, labels: truth, incidents: incidents)
    let cheapest = prices.map {
      Threshold.reachable(rows.cheapest($0), above: scores, greatest: greatest)
    }
    guard let value = cheapest ?? budget else { return nil }
    var report = ThresholdReport(
      by: cheapest == nil ? .budget : .cost, value: value, prices: prices,
      falseAlarmsPerDay: falseAlarmsPerDay,
      validation: rows.tally(value, prices, seed: options.seed))
    if cheapest != nil { report.budgetValue = budget }
    return report
  }

  /// A forest from nothing, or one that goes on with a given one.
  private func fit(
    _ matrix: TrainingMatrix, _ table: NumericTable, _ labels: [Float], _ weights: [Float]?,
    _ validation: ValidationRows?, _ validationTable: NumericTable?,
    _ start: (model: Model, way: Continuing)?, _ workers: Workers
  ) throws(Failure) -> FittedForest {
    let booster = Booster(options)
    guard let start else {
      return try booster.fit(matrix, labels: labels, weights: weights, validation: validation)
    }
    switch start.way.way {
    case .refit:
      let forest = try booster.refit(
        start.model.forest, table, labels: labels, weights: weights, decay: start.way.decay)
      return FittedForest(forest: forest, rounds: 0)
    case .add:
      let old = try start.model.forest.scaled(by: start.way.decay)
      var fitted = try booster.fit(
        matrix, labels: labels, weights: weights, validation: validation,
        start: StartMargins(
          training: old.margins(table, workers: workers),
          validation: validationTable.map { old.margins($0, workers: workers) } ?? []))
      fitted.forest = try old.appending(fitted.forest)
      return fitted
    }
  }
}

func seconds(_ duration: Duration) -> Double {
  let (seconds, attoseconds) = duration.components
  return Double(seconds) + Double(attoseconds) / 1e18
}

extension Forest {
  /// The margins of a table whose columns are the forest's features, over threads.
  package func margins(_ table: NumericTable, workers: Workers) -> [Double] {
    precondition(table.columns == featureCount, "the table has the columns of the forest")
    return [Double](unsafeUninitializedCapacity: table.rows) { target, count in
      table.values.withUnsafeBufferPointer { values in
        if let rows = values.baseAddress, let margins = target.baseAddress {
          workers.performChunks(table.rows, of: 1024) { chunk in
            self.margins(
              rows + chunk.lowerBound * featureCount, count: chunk.count, stride: featureCount,
              into: margins + chunk.lowerBound)
          }
        }
      }
      count = table.rows
    }
  }
}
