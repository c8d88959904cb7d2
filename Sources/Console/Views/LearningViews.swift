package import Host
package import Learning
import Primitives

/// The figures of a model on rows that it did not learn from, one line each.
private struct QualityLines {
  var quality: QualityReport

  var lines: [String] {
    var lines: [String] = []
    func add(_ name: String, _ value: Double?, _ more: String = "") {
      guard let value else { return }
      let padding = String(repeating: " ", count: 20 - name.count)
      lines.append("  \(name)\(padding)\(Format.decimal(value, 4))\(more)")
    }
    add("ROC-AUC", quality.rocAUC)
    var more = quality.baseRate.map { " (base rate \(Format.decimal($0, 4)))" } ?? ""
    if let range = quality.averagePrecisionInterval, range.count == 2 {
      more += ", 95 % \(Format.decimal(range[0], 4)) – \(Format.decimal(range[1], 4))"
    }
    add("average precision", quality.averagePrecision, more)
    add("Brier score", quality.brier)
    add("calibration error", quality.expectedCalibrationError)
    add("RMSE", quality.rootMeanSquaredError)
    return lines
  }
}

private func scenarioTable(_ scenarios: [String: ScenarioReport], _ screen: Screen) -> String {
  var table = TextTable([
    .init("Scenario"), .init("Incidents", .trailing), .init("Caught", .trailing),
    .init("Recall", .trailing), .init("95 % interval", .trailing),
  ])
  for (name, scenario) in scenarios.sorted(by: { $0.key < $1.key }) {
    table.append([
      .init(name), .init(Format.count(scenario.injected)), .init(Format.count(scenario.caught)),
      .init(scenario.recall.map { Format.decimal($0) } ?? Format.missing),
      .init(scenario.interval.map { Format.decimal($0) }.joined(separator: " – ")),
    ])
  }
  return table.rendered(width: screen.output.width, paint: screen.paint)
}

/// What `train` prints: what was learned, how well it does on later rows, and what it looks at.
package struct TrainView {
  private let report: TrainingReport
  private let model: String

  package init(report: TrainingReport, model: String) {
    self.report = report
    self.model = model
  }

  package func print(to screen: Screen) {
    let split = report.split
    screen.print(
      "Learned \(named(report.trees, "tree")) with \(Format.count(report.leaves)) leaves from"
        + " \(named(split.trainRows, "row")) of \(named(report.columns, "column"))"
        + " in \(Format.decimal(report.binSeconds + report.fitSeconds, 2)) s.")
    let quality = QualityLines(quality: report.test).lines
    if !quality.isEmpty {
      screen.print(
        "On \(named(split.testRows, "row")) kept apart by \(split.kind == "time" ? "time" : "order"):"
      )
    }
    for line in quality { screen.print(line) }
    if let scenarios = report.perScenario, !scenarios.isEmpty {
      screen.print(scenarioTable(scenarios, screen), terminator: "")
    }
    if let search = report.search { print(search, to: screen) }
    if let threshold = report.threshold {
      for line in ThresholdLines(threshold).lines { screen.print(line) }
    }
    if let detectors = report.detectors { print(detectors, to: screen) }
    if report.scoreMeaning == Model.Meaning.rarity.rawValue {
      screen.print(
        "A score says how large a share of other events is less rare; it is no probability of an attack."
      )
    }
    let weightiest = report.featureImportance.prefix(5)
    if !weightiest.isEmpty {
      let names = weightiest.map { "\(safe($0.feature)) \(Format.percent($0.gain, 0))" }
      screen.print("Looks most at \(names.joined(separator: ", "))")
    }
    screen.note("wrote \(safe(model))")
  }

  /// What was tried, and what that was better than.
  private func print(_ search: SearchReport, to screen: Screen) {
    let isError = search.measure == "negative_rmse"
    let measure = isError ? "RMSE" : "average precision"
    func score(_ trial: SearchReport.Trial) -> String {
      trial.rungs.last.map { Format.decimal(isError ? -$0.score : $0.score, 4) } ?? Format.missing
    }
    let found =
      search.chosen == 0
      ? "nothing beat what was asked, \(measure) \(score(search.best))"
      : "\(measure) \(score(search.best)) by number \(search.chosen), \(score(search.trials[0])) by what"
        + " was asked; the best of so many on the rows that chose it flatters, the test does not"
    screen.print(
      "Tried \(named(search.trials.count, "set")) of hyper-parameters on"
        + " \(named(search.folds.count, "block")) of time before the test: \(found).")
    if search.chosen == 0 { return }
    let words = search.best.parameters.sorted { $0.key < $1.key }.map {
      "\($0.key.split(separator: "_").joined(separator: " ")) \(Format.number($0.value))"
    }
    screen.print(
      "  number \(search.chosen): \(search.best.growth), \(words.joined(separator: ", "))")
  }

  /// The recall of each detector on each scenario, all at the same price.
  private func print(_ detectors: DetectorComparison, to screen: Screen) {
    let parts = ["supervised", "isolation_forest", "autoencoder", "unsupervised", "fused"]
      .compactMap { name in detectors.parts[name].map { (name: name, part: $0) } }
    screen.print(
      "At \(Format.number(detectors.falseAlarmsPerDay)) false alarms a day each detector catches:")
    for (name, part) in parts {
      let recalls = part.perScenario.sorted { $0.key < $1.key }.map {
        "\(safe($0.key)) \($0.value.caught) of \($0.value.injected)"
      }
      let weight = part.weight.map { ", weight \(Format.number($0))" } ?? ""
      let precision = part.averagePrecision.map { Format.decimal($0, 3) } ?? Format.missing
      let title = name.split(separator: "_").joined(separator: " ")
      screen.print(
        "  \(title): average precision \(precision)\(weight); \(recalls.joined(separator: ", "))")
    }
  }
}

/// What `evaluate` prints.
package struct EvaluateView {
  private let report: EvaluationReport

  package init(report: EvaluationReport) { self.report = report }

  package func print(to screen: Screen) {
    let quality = report.quality
    let positives = quality.positives.map { ", \(Format.count($0)) of them positive" } ?? ""
    screen.print("\(safe(report.model)) on \(named(quality.rows, "row"))\(positives):")
    for line in QualityLines(quality: quality).lines { screen.print(line) }
    if let until = report.trainedUntil { screen.print("  trained on rows before \(until)") }
    if report.perSource.count > 1 {
      for (source, quality) in report.perSource.sorted(by: { $0.key < $1.key }) {
        screen.print("\(safe(source)), \(named(quality.rows, "row")):")
        for line in QualityLines(quality: quality).lines { screen.print(line) }
      }
    }
    if !report.perScenario.isEmpty {
      screen.print(scenarioTable(report.perScenario, screen), terminator: "")
    }
  }
}

/// What `score` prints.
package struct ScoreView {
  private let report: ScoreReport
  private let out: String

  package init(report: ScoreReport, out: String) {
    self.report = report
    self.out = out
  }

  package func print(to screen: Screen) {
    var parts = ["\(named(report.rows, "row")) scored"]
    if let rate = report.rowsPerSecond { parts.append("\(Format.short(rate)) rows/s") }
    if let single = report.singleRow {
      parts.append("one row by itself \(Format.decimal(single.p50, 1)) µs")
    }
    screen.note("\(parts.joined(separator: " · ")) · wrote \(safe(out))")
  }
}
