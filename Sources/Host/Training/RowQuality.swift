import Learning
import Primitives

/// How a model does on chosen rows: over all, by source, and by what the rows are labelled as.
struct RowQuality {
  let all: QualityReport
  let perSource: [String: QualityReport]
  let perScenario: [String: ScenarioReport]
  let perMonth: [String: QualityReport]
  /// Empty where no row is positive.
  let permutationImportance: [PermutationImportance.Loss]
  let curves: QualityCurves
  /// Of each row.
  let probabilities: [Double]

  init(
    _ model: Model, _ rows: TrainingRows, of chosen: [Int], table: NumericTable,
    interner: Interner, threads: Int, seed: UInt64
  ) {
    let workers = Workers(threads: threads)
    let part = table.gather(chosen)
    let margins = model.forest.margins(part, workers: workers)
    probabilities = margins.map { model.score($0) }
    let truth = chosen.map { rows.isPositive[$0] }
    let threshold = model.alertThreshold ?? .infinity
    curves = QualityCurves(margins: margins, probabilities: probabilities, labels: truth)
    func known(_ report: QualityReport) -> QualityReport {
      report.known(isProbability: model.meaning == .probability, isLabelled: rows.positives > 0)
    }
    all = known(
      QualityReport(margins: margins, probabilities: probabilities, labels: truth, seed: seed))
    perSource = QualityReport.perGroup(
      chosen.map { interner.text(of: rows.sources[$0]) }, margins: margins,
      probabilities: probabilities, labels: truth
    ).mapValues(known)
    perMonth = QualityReport.perGroup(
      chosen.map { String(rows.times[$0].description.prefix(7)) }, margins: margins,
      probabilities: probabilities, labels: truth
    ).mapValues(known)
    permutationImportance = PermutationImportance.losses(
      model.forest, part, labels: truth, seed: seed, workers: workers)
    perScenario = ScenarioReport.perScenario(
      scenarios: chosen.map { rows.labelNames[$0].isEmpty ? nil : rows.labelNames[$0] },
      incidents: chosen.map { rows.incidents[$0] },
      caught: probabilities.map { $0 >= threshold })
  }
}
