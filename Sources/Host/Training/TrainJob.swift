import Detection
import Foundation
import Ingest
package import Learning
import Plugins
package import Primitives
import Store

/// Learns a model from the labelled events of a source.
package struct TrainJob: Sendable {
  private let settings: Settings
  private let inputs: [String]
  private let source: String
  private let labels: String?
  private let inject: Bool
  private let until: Timestamp?
  private let features: String?
  private let fitting: FittingOptions
  private let model: String
  private let report: String?
  private let comparesDetectors: Bool
  private let charts: String?
  private let unsupervised: Bool

  package init(
    settings: Settings, inputs: [String], source: String, labels: String? = nil,
    inject: Bool = false, until: Timestamp? = nil, features: String? = nil,
    fitting: FittingOptions, model: String, report: String? = nil,
    comparesDetectors: Bool = false, charts: String? = nil, unsupervised: Bool = false
  ) {
    self.settings = settings
    self.inputs = inputs
    self.source = source
    self.labels = labels
    self.inject = inject
    self.until = until
    self.features = features
    self.fitting = fitting
    self.model = model
    self.report = report
    self.comparesDetectors = comparesDetectors
    self.charts = charts
    self.unsupervised = unsupervised
  }

  package func run(progress: some JobProgress) throws(Failure) -> TrainingReport {
    let mapping = try Installation.source(source, settings)
    try OutputFile.requireDistinct(
      [model, report, charts], notOver: inputs + [labels].compactMap { $0 })
    let database = try Database.open(dataDirectory: settings.dataDirectory)
    let modelFile = try OutputFile(model)
    let reportFile = try JSONReport(report)
    let chartFile = try charts.map { (path) throws(Failure) in try OutputFile(path) }
    var paths = inputs
    var known: [Label] = []
    if let labels { known += try LabelSource.read(labels) }
    if inject {
      let planted = try PlantedCopy(
        settings: settings, source: source, inputs: inputs, seed: fitting.seed,
        parting: InjectJob.Parting(until: until, share: fitting.split), progress: progress)
      paths = [planted.events]
      known += planted.labels
    }
    let input = try EventInput(paths, mapping: mapping, settings: settings, strict: false)
    let set = try FeatureSets.named(features, mapping: mapping, schema: input.schema, settings)
    let pool = WorkerPool(count: settings.threads)
    let rows = try RowCollector(
      set: set, input: input, labels: known, pool: pool, allowedLateness: settings.allowedLateness,
      scenarios: try Installation(settings).plugins.scenarioIDs
    ).collect(progress: progress)

    let isUnlabelled = unsupervised || rows.positives == 0
    if isUnlabelled && !unsupervised {
      progress.warn(
        "none of the \(rows.count) events is labelled: the model learns what is rare, not what is wrong,"
          + " and options for trees and costs play no part"
      )
    }
    if isUnlabelled && (fitting.search != nil || comparesDetectors) {
      throw Failure(
        .usage, "without labels there is nothing to compare or to search by",
        advice: "give --labels, or leave out --compare and --search")
    }
    progress.begin(fitting.search == nil ? "train" : "search", total: nil)
    let trained = try ModelTrainer(
      fitting: fitting, threads: settings.threads,
      falseAlarmsPerDay: settings.modelFalseAlarmsPerDay, prices: try settings.alarmPrices(),
      comparesDetectors: comparesDetectors, unsupervised: isUnlabelled,
      progress: { progress.advance(to: $0, share: Double($0) / Double($1)) }
    ).train(rows, featureDigest: set.digest, border: until, interner: input.interner)
    try modelFile.write(try ModelFile.encode(trained.model))
    try modelFile.finish()
    let json = try JSON.encode(trained.report)
    try reportFile.write(trained.report)
    let page = QualityPage(
      title: "\(source), rows kept apart by time", curves: trained.curves)
    try chartFile?.write(page.html.utf8)
    try chartFile?.finish()
    try ModelStore(database, pen: .system("train")).record(
      ModelRecord(
        name: URL(fileURLWithPath: model).deletingPathExtension().lastPathComponent, path: model,
        digest: trained.model.digest, created: WallClock.now(),
        report: String(decoding: json, as: UTF8.self)))
    progress.end("\(trained.report.trees) trees from \(trained.report.split.trainRows) events")
    return trained.report
  }
}
