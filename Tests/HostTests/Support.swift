import Cases
import Detection
import Foundation
import Ingest
import Learning
import Plugins
import Primitives
import Testing

@testable import Host

/// A folder of its own for one test, removed with the value's last use.
final class Scratch: Sendable {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    path = NSTemporaryDirectory() + "host-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, text) }
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      Issue.record("the scratch folder \(path) could not be removed: \(error)")
    }
  }

  /// Adds to a file of the folder, which is made where it is not there.
  func append(_ text: String, to name: String) throws {
    if !FileManager.default.fileExists(atPath: path + "/" + name) { try write(name, "") }
    let handle = try #require(FileHandle(forWritingAtPath: path + "/" + name))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let place = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: place))
    return place
  }

  var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

/// Where the repository stands.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path

/// The shipped configuration with a data directory of its own.
func shipped(_ scratch: Scratch, threads: Int = 2) throws -> Settings {
  var settings = try Settings.load(path: repository + "/config/moonwatch.yaml", environment: [:])
  settings.dataDirectory = scratch.path + "/var"
  settings.threads = threads
  return settings
}

/// What a failure says, its advice with it, or that there was none.
func failure(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no failure"
  } catch {
    return "\(error)"
  }
}

func text(of path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

/// Everything that a run hands on, in order.
struct Capture: RunOutput {
  var alerts: [Alert] = []
  var frozen: [FrozenEvidence] = []
  var joins: [Joined] = []
  var lateIDs: [String] = []
  var scores: [(id: String, score: Double?, rules: [String])] = []
  var mappings: [(event: String, row: String?)] = []
  var wantsScores = false
  var wantsFindings: Bool { true }

  mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) {
    alerts.append(alert)
    self.frozen.append(frozen)
  }
  mutating func joined(_ joined: Joined) { joins.append(joined) }
  mutating func late(_ record: EventRecord, origin: EventOrigin) { lateIDs.append(record.id) }
  mutating func batchEnded() {}
  mutating func found(_ evidence: Evidence, mapping: MappingRow?) {
    mappings.append((evidence.event.id, mapping?.id))
  }
  mutating func scored(_ batch: EventBatch, row: Int, score: Double?, rules: [String]) {
    scores.append((batch.id(row), score, rules))
  }

  /// The alerts as a file of them holds them.
  var lines: [String] { alerts.map { String(decoding: AlertWriter.line($0), as: UTF8.self) } }
}

/// Events in memory, judged by the rules of an installation, as `detect` judges those of a file.
struct Bench {
  let installation: Installation
  let settings: Settings
  var judgeFrom = Timestamp.distantPast
  var wantsScores = false
  /// The fields that the events carry; those of every shipped source where nil.
  var fields: [(String, FieldType)]?

  init(_ settings: Settings, plugins: [String] = []) throws {
    self.settings = settings
    installation = try Installation(settings, folders: plugins)
  }

  func plan() throws -> RunPlan {
    let schema = try Schema(
      fields ?? installation.vocabulary.fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    )
    let interner = Interner()
    let binding = RuleBinding(schema: schema, interner: interner, lists: installation.lists)
    var plan = RunPlan(
      schema: schema, interner: interner, set: .standard, evidence: .standard,
      rules: binding.applicable(installation.plugins.rules), vocabulary: installation.vocabulary,
      lists: installation.lists, policy: installation.policy, judging: Judge.Settings(),
      model: nil, allowedLateness: settings.allowedLateness)
    plan.judgeFrom = judgeFrom
    return plan
  }

  /// - Parameter cuts: how many events the batches hold, in turn.
  func run(
    _ events: some Sequence<EventRecord>, workers: Int = 1, cuts: [Int] = [4096],
    labels: [Label]? = nil
  ) throws -> (output: Capture, report: DetectReport) {
    let plan = try plan()
    let run = try DetectionRun(plan, pool: WorkerPool(count: workers), labels: labels)
    var output = Capture()
    output.wantsScores = wantsScores
    var batch = EventBatch(schema: plan.schema)
    var turn = 0
    for event in events {
      batch.append(event, interner: plan.interner)
      if batch.count == cuts[turn % cuts.count] {
        try run.take(ReadBatch(events: batch, labels: [], readyAt: 0), output: &output)
        batch = EventBatch(schema: plan.schema)
        turn += 1
      }
    }
    if !batch.isEmpty {
      try run.take(ReadBatch(events: batch, labels: [], readyAt: 0), output: &output)
    }
    return (output, run.finish(expected: installation.plugins.expectedMappings))
  }
}

/// A login of somebody, for streams written by hand.
func login(
  _ id: String, at seconds: Int64, user: String = "ana", device: String = "pc-1",
  outcome: String? = nil, kind: String = "login"
) -> EventRecord {
  var fields: [String: Value] = ["user": .text(user), "device": .text(device)]
  if let outcome { fields["outcome"] = .text(outcome) }
  return EventRecord(
    time: Timestamp(seconds: 1_772_442_000 + seconds), id: id, source: "cert-logon", kind: kind,
    fields: fields, primaryField: "user")
}

/// The features that a model of a source's events looks at.
func features(of source: String, _ settings: Settings) throws -> FeatureSet {
  let mapping = try Installation.source(source, settings)
  return try ModelFeatures.set(for: mapping, schema: try Schema(mapping.fields))
}

/// A model that says 0.953 of every event.
func constantModel(
  _ set: FeatureSet, _ meaning: Model.Meaning = .probability, threshold: Double
) throws -> Model {
  var tree = DecisionTree()
  tree.appendLeaf(value: 3, cover: 1)
  var model = Model(
    features: set.features.map(\.name), featureDigest: set.digest,
    forest: try Forest(featureCount: set.features.count, baseMargin: 0, trees: [tree]),
    calibration: .logistic, alertThreshold: threshold)
  model.meaning = meaning
  return model
}

/// Lines of a burst of twenty logins every half hour, by some users in turn: alerts on one of three lie an hour and a half
/// apart.
func bursts(_ range: Range<Int>, users: Int = 3) -> String {
  range.map { number in
    let burst = number / 20
    return EventWriter.line(
      login(
        "e\(number)", at: Int64(burst * 1800 + number % 20 * 10), user: "u\(burst % users)",
        device: "pc-\(number % 5)"))
  }.joined(separator: "\n") + "\n"
}
