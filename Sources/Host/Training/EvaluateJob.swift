import Detection
import Foundation
import Ingest
package import Learning
package import Primitives

/// Measures a model on labelled events.
package struct EvaluateJob: Sendable {
  private let settings: Settings
  private let inputs: [String]
  private let source: String
  private let labels: String?
  private let model: String
  private let from: Timestamp?
  private let report: String?

  package init(
    settings: Settings, inputs: [String], source: String, labels: String? = nil, model: String,
    from: Timestamp? = nil, report: String? = nil
  ) {
    self.settings = settings
    self.inputs = inputs
    self.source = source
    self.labels = labels
    self.model = model
    self.from = from
    self.report = report
  }

  package func run(progress: some JobProgress) throws(Failure) -> EvaluationReport {
    try OutputFile.requireDistinct(
      [report], notOver: inputs + [model] + (labels.map { [$0] } ?? []))
    let mapping = try Installation.source(source, settings)
    let model = try ModelFile.load(path: model)
    let known = try labels.map { (path) throws(Failure) in try LabelSource.read(path) } ?? []
    let input = try EventInput(inputs, mapping: mapping, settings: settings, strict: false)
    let reportFile = try JSONReport(report)
    let set = try FeatureSets.matching(model, mapping: mapping, schema: input.schema, settings)
    let rows = try RowCollector(
      set: set, input: input, labels: known, pool: WorkerPool(count: settings.threads),
      allowedLateness: settings.allowedLateness,
      scenarios: try Installation(settings).plugins.scenarioIDs
    ).collect(progress: progress)
    let chosen = rows.times.indices.filter { rows.times[$0] >= from ?? .distantPast }
    guard !chosen.isEmpty else {
      throw Failure(
        .input, "no event lies after \(from ?? .distantPast), so there is nothing to judge",
        advice: "choose an earlier --from")
    }
    let quality = RowQuality(
      model, rows, of: chosen,
      table: try NumericTable(names: rows.names, rows: rows.count, values: rows.values),
      interner: input.interner, threads: settings.threads, seed: 1)
    let evaluation = EvaluationReport(
      model: self.model, modelDigest: model.digest,
      trainedUntil: model.trainedOn?.to?.description,
      quality: quality.all, perSource: quality.perSource, perScenario: quality.perScenario)
    try reportFile.write(evaluation)
    return evaluation
  }
}

/// How a model did on given events. Rows that it was trained on count as any other: `trained_until` says which they are.
package struct EvaluationReport: Sendable, Encodable {
  package var model: String
  package var modelDigest: String
  package var trainedUntil: String?
  package var quality: QualityReport
  package var perSource: [String: QualityReport]
  package var perScenario: [String: ScenarioReport]

  private enum CodingKeys: String, CodingKey {
    case model
    case modelDigest = "model_digest"
    case trainedUntil = "trained_until"
    case perSource = "per_source"
    case perScenario = "per_scenario"
    case test
  }

  package func encode(to encoder: any Encoder) throws {
    try quality.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(modelDigest, forKey: .modelDigest)
    try container.encodeIfPresent(trainedUntil, forKey: .trainedUntil)
    try container.encode(quality, forKey: .test)
    try container.encode(perSource, forKey: .perSource)
    try container.encode(perScenario, forKey: .perScenario)
  }
}
