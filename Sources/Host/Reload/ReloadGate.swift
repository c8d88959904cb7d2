import Detection
import Glibc
import Ingest
import Learning
import Plugins
import Primitives
import Store
import Synthetic

/// Holds a changed set of plugins against the one that runs before it goes live: both judge the newest kept events of a
/// source, with every scenario planted.
///
/// It works on the thread that calls it and on those that this one starts, at the lowest priority: the events that flow
/// meanwhile do not wait for it.
struct ReloadGate: Sendable {
  /// Of each scenario.
  private static let incidents = 20
  private static let seed: UInt64 = 7
  private static let leastPriority: Int32 = 19

  let settings: Settings
  let source: String
  /// A model file; missing for the rules alone.
  var model: String?
  /// Newest events that are looked at.
  var mostEvents = 50_000
  /// With fewer there is nothing to judge by.
  var fewestEvents = 2000

  enum Verdict: Equatable {
    case passed
    /// Nothing can be said, and why.
    case open(String)
    case refused([String])
  }

  func judge(running: Installation, next: Installation) throws(Failure) -> Verdict {
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, ReloadGate.leastPriority)
    let records = try events()
    guard records.count >= fewestEvents else {
      return .open(
        "\(records.count) events of '\(source)' are kept, too few for the gate "
          + "(\(fewestEvents) are enough)")
    }
    let known = next.plugins.scenarios
    // A scenario that was taken away is planted all the same: what caught it may be gone with it.
    let scenarios =
      known
      + running.plugins.scenarios.filter { before in !known.contains { $0.id == before.id } }
    let folder = settings.dataDirectory + "/gate"
    try Folder.make(folder)
    let path = "\(folder)/reload-\(source).jsonl"
    // Events in clear text that no retention would take.
    defer { unlink(path) }
    func plant(
      _ scenarios: [Plugins.Scenario], _ injector: Injector
    ) throws(Failure) -> GateEvents {
      try GateEvents(
        records, truth: [],
        ScenarioPlanter.scenarios(
          scenarios, vocabulary: next.vocabulary, lists: next.lists), injector,
        path: path, progress: NoProgress())
    }
    let planted = try plant(
      scenarios, Injector(seed: ReloadGate.seed, count: ReloadGate.incidents))
    var settings = settings
    settings.threads = 1
    let model = try model.map { (path) throws(Failure) in
      (file: try ModelFile.load(path: settings.resolve(path)), name: path)
    }
    let trial = GateTrial(
      settings: settings, events: planted, model: model, seed: ReloadGate.seed,
      budget: settings.gateFalseAlertsPerDay)
    let more = Injector(
      seed: ReloadGate.seed &+ 1, count: ReloadGate.incidents * GateTrial.furtherAttacks)
    let report = try trial.compare(
      running, next, scenarios: scenarios,
      again: { (unclear) throws(Failure) in try plant(unclear, more) }, progress: NoProgress())
    return report.passed ? .passed : .refused(report.refusals)
  }

  /// The newest kept events of the source. What the service keeps has no input of its own.
  private func events() throws(Failure) -> [EventRecord] {
    let store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory, access: .readOnly))
    return try RetainedEvents(store, warn: { _ in }).newest(mostEvents) {
      $0.source == source && $0.input.isEmpty
    }
  }
}
