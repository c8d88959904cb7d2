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
    let planted = try GateEvents(
      records, truth: [],
      ScenarioPlanter.scenarios(
        scenarios, vocabulary: next.vocabulary, lists: next.lists),
      Injector(seed: ReloadGate.seed, count: ReloadGate.incidents),
      path: "\(folder)/reload-\(source).jsonl", progress: NoProgress())
    var settings = settings
    settings.threads = 1
    let model = try model.map { (path) throws(Failure) in
      (file: try ModelFile.load(path: settings.resolve(path)), name: path)
    }
    let trial = GateTrial(
      settings: settings, events: planted, model: model, seed: ReloadGate.seed,
      budget: settings.gateFalseAlertsPerDay)
    let report = try trial.compare(running, next, scenarios: scenarios, progress: NoProgress())
    return report.passed ? .passed : .refused(report.refusals)
  }

  /// The newest kept events of the source, in order of arrival.
  private func events() throws(Failure) -> [EventRecord] {
    let store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory, access: .readOnly))
    let kept = RetainedEvents(store, warn: { _ in })
    // What the service keeps has no input of its own.
    guard
      let stream = try kept.streams().first(where: { $0.source == source && $0.input.isEmpty })
    else { return [] }
    let interner = Interner()
    let share = min(1, Double(mostEvents) / Double(max(1, stream.events)))
    let span = (stream.last - stream.first).seconds * share
    let since = stream.last - (TimeSpan(seconds: span) ?? .zero)
    let feed = try kept.feed(
      stream, schema: try kept.schema(of: stream), interner: interner, since: since)
    var records: [EventRecord] = []
    let batch = EventBatch(schema: feed.schema)
    while true {
      batch.removeAll()
      guard case .filled = try feed.fill(batch) else { break }
      for row in 0..<batch.count { records.append(batch.record(row, interner: interner)) }
      if records.count > 2 * mostEvents { records.removeFirst(records.count - mostEvents) }
    }
    records.removeFirst(max(0, records.count - mostEvents))
    // Attacks are planted by time, and what arrived late would stand in the wrong place.
    return records.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    .map(\.element)
  }
}
