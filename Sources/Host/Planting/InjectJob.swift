import Detection
import Foundation
import Ingest
import Learning
import Plugins
package import Primitives
package import Synthetic

/// Plants attacks among the events of files and labels only what it planted.
package struct InjectJob: Sendable {
  private let settings: Settings
  private let inputs: [String]
  private let source: String
  private let scenarios: [String]
  private let injector: Injector
  private let out: String
  private let labels: String
  private let plugins: [String]
  /// Where what is planted is parted for training and test; missing for one planting over the whole input.
  private var parting: Parting?

  /// The border between training and test: an instant, or the share of the events before it.
  struct Parting {
    var until: Timestamp?
    var share: Double
  }

  package init(
    settings: Settings, inputs: [String], source: String, scenarios: [String] = [],
    count: Int = 5, intensity: Double = 1, seed: UInt64, out: String, labels: String,
    plugins: [String] = []
  ) {
    self.settings = settings
    self.inputs = inputs
    self.source = source
    self.scenarios = scenarios
    injector = Injector(seed: seed, count: count, intensity: intensity)
    self.out = out
    self.labels = labels
    self.plugins = plugins
  }

  package func run(progress: some JobProgress) throws(Failure) -> InjectSummary {
    guard labels != "-" else {
      throw Failure(
        .usage, "labels cannot go to standard output", advice: "name a file: --labels labels.csv")
    }
    let truthPath = InjectJob.truthPath(beside: labels)
    try OutputFile.requireDistinct([out, labels, truthPath], notOver: inputs)
    let installation = try Installation(settings, folders: plugins)
    try installation.reportPlugins(to: progress)
    let chosen = try chosenScenarios(installation)
    let mapping = try installation.source(source)
    let input = try EventInput(inputs, mapping: mapping, settings: settings, strict: false)
    let file = try OutputFile(out)
    let labelFile = try OutputFile(labels)
    progress.begin("read", total: nil)
    let (events, truth) = try input.records(progress: progress)
    progress.end("\(events.count) events")

    progress.begin("plant", total: nil)
    let planted = try ScenarioPlanter.scenarios(
      chosen, vocabulary: installation.vocabulary, lists: installation.lists)
    let planting = try plant(planted, into: events, progress: progress)
    guard !planting.incidents.isEmpty else {
      throw Failure(
        .unmet,
        "nothing could be planted: \(planting.shortfalls.map(\.description).joined(separator: "; "))",
        advice: "choose scenarios that fit source '\(source)', or give more events")
    }
    _ = try PlantedStream(planting.merged(into: events), to: file, progress: progress)
    try labelFile.write(LabelFile.text(planting.labels))
    try file.finish()
    try labelFile.finish()
    if !truth.isEmpty {
      let truthFile = try OutputFile(truthPath)
      try truthFile.write(LabelFile.text(truth))
      try truthFile.finish()
    }
    progress.end("\(planting.incidents.count) attacks")
    return InjectSummary(
      events: events.count, planting: planting, out: out, labels: labels,
      truth: truth.isEmpty ? nil : truthPath)
  }

  /// Where the source's own labels go, which the written events no longer carry: `labels.csv` → `labels-own.csv`.
  static func truthPath(beside labels: String) -> String {
    labels.hasSuffix(".csv") ? labels.dropLast(4) + "-own.csv" : labels + "-own"
  }

  private func chosenScenarios(_ installation: Installation) throws(Failure) -> [Scenario] {
    let all = installation.plugins.scenarios
    if scenarios.isEmpty { return all }
    var chosen: [Scenario] = []
    for id in scenarios {
      guard let scenario = all.first(where: { $0.id == id }) else {
        let ids = all.map(\.id)
        throw Failure(
          .usage, "unknown scenario '\(id)'",
          advice: nearestName(to: id, among: ids).map { "did you mean '\($0)'?" }
            ?? "installed: \(ids.joined(separator: ", "))")
      }
      if !chosen.contains(scenario) { chosen.append(scenario) }
    }
    return chosen
  }

  func parted(_ parting: Parting) -> InjectJob {
    var job = self
    job.parting = parting
    return job
  }

  /// What trains and what tests are planted apart: other seeds, other entities, and all of the first is known before
  /// the second begins.
  private func plant(
    _ scenarios: [PlantedScenario], into events: [EventRecord], progress: some JobProgress
  ) throws(Failure) -> Planting {
    guard let parting, let first = events.map(\.time).min(), let last = events.map(\.time).max()
    else { return try InjectJob.plant(injector, scenarios, into: events) }
    let border =
      parting.until ?? TimeSplit.border(times: events.map(\.time), testShare: 1 - parting.share)
    let known = border - Injector.reportingDelay
    var planting = Planting()
    for (part, period) in [(0, first..<max(first, known)), (1, border..<max(border, last))]
    where !period.isEmpty {
      var half = Injector(
        seed: StableHash.of(injector.seed, UInt64(part) + 1) >> 32, count: injector.count,
        intensity: injector.intensity, period: period,
        share: .part(part, of: 2, seed: injector.seed))
      var made = try InjectJob.plant(half, scenarios, into: events)
      if made.incidents.isEmpty {
        half.share = .all
        made = try InjectJob.plant(half, scenarios, into: events)
        if !made.incidents.isEmpty {
          progress.warn(
            "too few entities to part them: attacks of training and test may share some")
        }
      }
      planting = planting + made
    }
    return planting
  }

  static func plant<Events: RandomAccessCollection<EventRecord>>(
    _ injector: Injector, _ scenarios: [PlantedScenario], into events: Events
  ) throws(Failure) -> Planting where Events.Index == Int {
    try telling { try injector.plant(scenarios, into: events) }
  }

  /// What goes wrong in a scenario's Lua, as a failure that names its file.
  static func telling<Value>(_ plant: () throws -> Value) throws(Failure) -> Value {
    do {
      return try plant()
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.usage, "\(error)", advice: "mend the scenario")
    }
  }
}

/// What was planted.
package struct InjectSummary: Sendable {
  /// Events that were there before.
  package var events: Int
  package var planting: Planting
  package var out: String
  package var labels: String
  /// The file of the source's own labels; missing where it has none.
  package var truth: String?
}

/// An input with the installed scenarios planted into it, as a file of its own in the data directory.
struct PlantedCopy {
  /// Attacks of each scenario: enough to learn from, few beside real events.
  private static let incidents = 20

  let events: String
  let labels: [Label]

  /// Plants on both sides of the split by time: what is tested on are other attacks on other entities.
  init(
    settings: Settings, source: String, inputs: [String], seed: UInt64,
    parting: InjectJob.Parting, progress: some JobProgress
  ) throws(Failure) {
    let folder = settings.dataDirectory + "/train"
    try Folder.make(folder)
    events = folder + "/planted.jsonl"
    let labelPath = folder + "/planted-labels.csv"
    let planted = try InjectJob(
      settings: settings, inputs: inputs, source: source, count: PlantedCopy.incidents,
      seed: seed, out: events, labels: labelPath
    ).parted(parting).run(progress: progress)
    var labels = try LabelFile.read(planted.labels)
    if let truth = planted.truth { labels += try LabelFile.read(truth) }
    self.labels = labels
  }
}
