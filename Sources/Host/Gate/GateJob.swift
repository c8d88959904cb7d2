import Cases
import Detection
import Foundation
import Ingest
import Learning
import Plugins
package import Primitives
import Store
import Synthetic

/// What is asked of the gate.
package struct GateOptions: Sendable {
  /// Files of events and their source; missing for those that the data directory keeps, or a made-up month.
  package var events: (inputs: [String], source: String)?
  /// Whether a month is made up even where events are kept.
  package var makesUp = false
  /// Folders of the plugins that run; empty for those that passed last.
  package var against: [String]
  /// A model file, or `none`.
  package var model: String?
  /// Attacks of each scenario.
  package var count: Int
  package var seed: UInt64
  /// False alerts a day that are allowed; missing for what the settings say.
  package var budget: Double?
  package var report: String?
  /// Whether the set is what later ones are held against even where it is refused; not where files have errors.
  package var accepts = false
  /// Events of the made-up month, without those of its bank.
  package var madeEvents = 100_000
  /// Newest kept events that are looked at.
  package var mostKept = 200_000
  /// With fewer of them a month is made up.
  package var fewestKept = 2000

  package init(
    events: (inputs: [String], source: String)? = nil, against: [String] = [],
    model: String? = nil, count: Int = 20, seed: UInt64 = 7, budget: Double? = nil,
    report: String? = nil
  ) {
    self.events = events
    self.against = against
    self.model = model
    self.count = count
    self.seed = seed
    self.budget = budget
    self.report = report
  }
}

/// Holds the plugins as they stand against those that run: both judge the same events with the same attacks planted.
///
/// A set that passes becomes the one that later sets are held against, unless folders were named to compare with. They are held
/// against the best of those that passed, too, so that small losses do not add up.
package struct GateJob: Sendable {
  private let settings: Settings
  private let options: GateOptions

  package init(settings: Settings, options: GateOptions) {
    self.settings = settings
    self.options = options
  }

  package func run(progress: some JobProgress) throws(Failure) -> GateReport {
    try OutputFile.requireDistinct(
      [options.report], notOver: (options.events?.inputs ?? []) + [options.model].compactMap { $0 })
    let reportFile = try JSONReport(options.report)
    let accepted = AcceptedPlugins(settings, .last)
    let bestAccepted = AcceptedPlugins(settings, .best)
    let folders = options.against.isEmpty ? try accepted.folders() : options.against
    let new = try Installation(settings)
    try new.reportPlugins(to: progress)
    let old =
      folders.isEmpty ? nil : try Installation(settings, folders: folders)
    let best = options.against.isEmpty ? try best(bestAccepted, otherThan: old) : nil
    // A scenario that was taken away is planted all the same: what caught it may be gone with it.
    let known = new.plugins.scenarios
    let scenarios =
      known
      + (old?.plugins.scenarios ?? []).filter { before in !known.contains { $0.id == before.id } }
    let ground = try ground()
    func plant(
      _ scenarios: [Plugins.Scenario], _ injector: Injector
    ) throws(Failure) -> GateEvents {
      try GateEvents(
        ground, scenarios: scenarios, installation: new, settings: settings, injector: injector,
        month: options.seed, madeEvents: options.madeEvents, progress: progress)
    }
    let events = try plant(scenarios, Injector(seed: options.seed, count: options.count))
    defer { if case .made = ground {} else { events.remove() } }
    // What could not be planted at all is in the report.
    for shortfall in events.shortfalls where shortfall.planted > 0 {
      progress.warn(shortfall.description)
    }
    let trial = GateTrial(
      settings: settings, events: events, model: try model(), seed: options.seed,
      budget: options.budget ?? settings.gateFalseAlertsPerDay)
    let more = Injector(
      seed: options.seed &+ 1, count: options.count * GateTrial.furtherAttacks)
    var report = try trial.compare(
      old, new, best: best, scenarios: scenarios,
      again: { (unclear) throws(Failure) in try plant(unclear, more) }, progress: progress)
    report.ground = ground.word
    report.isAccepted = options.accepts && !report.passed && report.errors == 0
    try reportFile.write(report.json)
    if (report.passed || report.isAccepted) && options.against.isEmpty {
      let places = settings.plugins.map(settings.resolve)
      try accepted.replace(with: places)
      if report.isBest || report.isAccepted { try bestAccepted.replace(with: places) }
    }
    return report
  }

  /// The best of those that passed, where they are others than those that passed last.
  private func best(
    _ kept: AcceptedPlugins, otherThan old: Installation?
  ) throws(Failure) -> Installation? {
    let folders = try kept.folders()
    guard !folders.isEmpty, let old else { return nil }
    let best = try Installation(settings, folders: folders)
    return best.plugins.digest == old.plugins.digest ? nil : best
  }

  /// Real events say more than made-up ones.
  private func ground() throws(Failure) -> GateEvents.Ground {
    if let events = options.events { return .files(inputs: events.inputs, source: events.source) }
    let path = settings.dataDirectory + "/moonwatch.db"
    guard !options.makesUp, FileManager.default.fileExists(atPath: path) else { return .made }
    let store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory, access: .readOnly))
    let kept = RetainedEvents(store) { _ in }
    guard try kept.streams().reduce(0, { $0 + $1.events }) >= options.fewestKept else {
      return .made
    }
    return .kept(try kept.newest(options.mostKept))
  }

  private func model() throws(Failure) -> (file: Model, name: String)? {
    guard let path = options.model, path != "none" else { return nil }
    return (try ModelFile.load(path: path), path)
  }
}
