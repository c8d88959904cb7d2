import Detection
import Foundation
import Glibc
import Ingest
import Plugins
import Primitives
import Synthetic

/// The events that a gate judges both sets of plugins on: given ones or a made-up month, with the scenarios planted.
struct GateEvents {
  /// Reads the lines of a file of planted events, whatever their first source was.
  static let source = "generic-jsonl"

  let path: String
  let count: Int
  let days: Double
  let labels: [Label]
  /// Scenario id → incidents planted; 0 where the events have nothing to plant it into.
  let planted: [String: Int]
  let shortfalls: [Shortfall]

  /// What the attacks are planted into.
  enum Ground {
    case files(inputs: [String], source: String)
    /// Events that the data directory keeps, in order of time.
    case kept([EventRecord])
    case made

    var word: String {
      switch self {
      case .files: "files"
      case .kept: "kept"
      case .made: "made_up"
      }
    }
  }

  /// - Parameter month: the seed of a month that is made up.
  init(
    _ ground: Ground, scenarios: [Scenario],
    installation: Installation, settings: Settings, injector: Injector, month: UInt64,
    madeEvents: Int, progress: some JobProgress
  ) throws(Failure) {
    let folder = settings.dataDirectory + "/gate"
    try Folder.make(folder)
    let path = folder + "/planted.jsonl"
    let plantable = try ScenarioPlanter.scenarios(
      scenarios, vocabulary: installation.vocabulary, lists: installation.lists)
    switch ground {
    case .kept(let events):
      try self.init(events, truth: [], plantable, injector, path: path, progress: progress)
    case .files(let inputs, let source):
      progress.begin("read", total: nil)
      let input = try EventInput(
        inputs, mapping: try installation.source(source), settings: settings, strict: false)
      let (events, truth) = try input.records(progress: progress)
      progress.end("\(events.count) events")
      try self.init(
        events, truth: truth, plantable, injector, path: path, progress: progress)
    case .made:
      let plan = DemoPlan(seed: month, events: madeEvents)
      var injector = injector
      // Entities need a life of their own before anything is planted.
      injector.period =
        plan.training.period.map { $0.lowerBound..<plan.end } ?? plan.start..<plan.end
      let month = WholeMonth(
        plan.world(),
        Bank(seed: plan.seed, days: plan.days, events: madeEvents / 5, start: plan.start))
      try self.init(month, truth: [], plantable, injector, path: path, progress: progress)
    }
  }

  /// Takes the planted events away: what came from a data directory or a file of somebody's stands there in clear text.
  func remove() { unlink(path) }

  /// - Parameters:
  ///   - scenarios: what is planted, each as the injector takes it.
  ///   - path: of the file that the planted stream is written to.
  init<Events: RandomAccessCollection<EventRecord>>(
    _ events: Events, truth: [Label], _ scenarios: [PlantedScenario], _ injector: Injector,
    path: String, progress: some JobProgress
  ) throws(Failure) where Events.Index == Int {
    progress.begin("plant", total: nil)
    let planting = try InjectJob.plant(injector, scenarios, into: events)
    let file = try OutputFile(path)
    let stream = try PlantedStream(planting.merged(into: events), to: file, progress: progress)
    try file.finish()
    self.path = path
    count = stream.count
    days = count == 0 ? 0 : max((stream.last - stream.first).seconds / 86_400, 1.0 / 24)
    labels = truth + planting.labels
    planted = Dictionary(
      uniqueKeysWithValues: scenarios.map { scenario in
        (scenario.id, planting.incidents.count { $0.scenario == scenario.id })
      })
    shortfalls = planting.shortfalls
    progress.end("\(planting.incidents.count) attacks in \(count) events")
  }
}
