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

  struct Trained {
    var model: Model
    var report: TrainingReport
  }

  /// - Parameters:
  ///   - border: the first instant of the test; where nil, what the split share of the rows says.
  ///   - sourceNames: a name for each source symbol, for the report.
  /// - Throws: `Failure(.input)` where one part has no rows or no positive to learn from.
  func train(
    _ rows: TrainingRows, featureDigest: String, border: Timestamp?,
    interner: Interner
  ) throws(Failure) -> Trained {
    guard rows.positives > 0 else {
      throw Failure(
        .input, "none of the \(rows.count) events is labelled, so there is nothing to learn",
        advice: "give --labels, or --inject to plant the installed scenarios")
    }
    let border = border ?? TimeSplit.border(times: rows.times, testShare: 1 - fitting.split)
    let split = TimeSplit(
      times: rows.times, incidents: rows.incidents, border: border,
      validationShare: ModelTrainer.validationShare)
    try check(split, rows, border)
    let table = try NumericTable(names: rows.names, rows: rows.count, values: rows.values)
    func labels(_ chosen: [Int]) -> [Float] { chosen.map { rows.isPositive[$0] ? 1 : 0 } }

    var options = fitting.boosting(threads: threads)
    options.rowSample = 0.9
    options.columnSample = 0.8
    options.earlyStoppingRounds = ModelTrainer.patience
    let validationTimes = split.validation.map { rows.times[$0] }
    let days = (validationTimes.max()! - validationTimes.min()!).seconds / 86_400
    let trained = try Trainer(options, falseAlarmsPerDay: falseAlarmsPerDay).train(
      table.gather(split.train), labels: labels(split.train),
      validation: (table.gather(split.validation), labels(split.validation), max(days, 1.0 / 24)),
      featureDigest: featureDigest,
      times: rows.times[split.train.first!]...rows.times[split.train.last!])

    let model = trained.model
    let margins = model.forest.margins(
      table.gather(split.test), workers: Workers(threads: threads))
    let probabilities = margins.map { model.score($0) }
    let truth = split.test.map { rows.isPositive[$0] }
    var report = TrainingReport(
      trained, rows: rows.count, positives: rows.positives,
      split: TrainingReport.Split(
        kind: "time", trainRows: split.train.count, validationRows: split.validation.count,
        testRows: split.test.count),
      test: QualityReport(
        margins: margins, probabilities: probabilities, labels: truth, seed: fitting.seed),
      seed: fitting.seed)
    report.perSource = QualityReport.perGroup(
      split.test.map { interner.text(of: rows.sources[$0]) }, margins: margins,
      probabilities: probabilities, labels: truth)
    let threshold = model.alertThreshold ?? .infinity
    report.perScenario = ScenarioReport.perScenario(
      scenarios: split.test.map { rows.labelNames[$0].isEmpty ? nil : rows.labelNames[$0] },
      incidents: split.test.map { rows.incidents[$0] },
      caught: probabilities.map { $0 >= threshold })
    return Trained(model: model, report: report)
  }

  private func check(_ split: TimeSplit, _ rows: TrainingRows, _ border: Timestamp) throws(Failure) {
    let parts = [("train", split.train), ("validation", split.validation), ("test", split.test)]
    for (name, part) in parts where part.isEmpty {
      throw Failure(
        .input, "the split at \(border) leaves no rows to \(name)",
        advice: "choose another --until or --split")
    }
    guard split.train.contains(where: { rows.isPositive[$0] }) else {
      throw Failure(
        .input, "no labelled event lies in the training time, before \(border)",
        advice: "choose a later --until, or a larger --split")
    }
  }
}
