import Detection
import Foundation
import Ingest
import Primitives
import Testing

/// A folder of its own for one test, removed with the value's last use.
final class Scratch {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "ingest-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      Issue.record("the scratch folder \(path) could not be removed: \(error)")
    }
  }

  func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let place = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: place))
    return place
  }

  /// A named pipe that another process writes a file to, once.
  func pipe(_ name: String, from file: String) throws -> String {
    let place = path + "/" + name
    #expect(mkfifo(place, 0o600) == 0)
    _ = try Process.run(
      URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", "cat \"$0\" > \"$1\"", file, place])
    return place
  }
}

/// Where the repository stands.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path
let sources = root + "/config/sources"

/// The real data sets, where they are there; `MOONWATCH_TEST_DATA` names another place.
func dataFile(_ name: String) -> String {
  let folder =
    ProcessInfo.processInfo.environment["MOONWATCH_TEST_DATA"] ?? root + "/../shared/data"
  return folder + "/" + name
}

func isThere(_ name: String) -> Bool { FileManager.default.fileExists(atPath: dataFile(name)) }

/// How many times the usual rounds random tests make: `MOONWATCH_TEST_EFFORT=100 swift test --filter IngestTests` reads a
/// million documents as Foundation does and damages 150,000 files.
let effort = max(
  1, ProcessInfo.processInfo.environment["MOONWATCH_TEST_EFFORT"].flatMap { Int($0) } ?? 1)

/// Everything that a reader gives for some inputs.
struct Outcome {
  var records: [EventRecord] = []
  var labels: [Label] = []
  var letters: [DeadLetter] = []
  var statistics = Reader.Statistics()
  var fields: [String] = []
}

func readAll(
  _ inputs: [String], _ mapping: SourceMapping, capacity: Int = 64,
  options: Reader.Options = Reader.Options()
) throws -> Outcome {
  var outcome = Outcome()
  let interner = Interner()
  let letters = Box<[DeadLetter]>([])
  let reader = try Reader(
    inputs: inputs, mapping: mapping, interner: interner, options: options,
    deadLetters: { letters.value.append($0) })
  let batch = EventBatch(schema: reader.schema, capacity: capacity)
  while try reader.next(into: batch) {
    for row in 0..<batch.count { outcome.records.append(batch.record(row, interner: interner)) }
    outcome.labels += reader.drainLabels()
  }
  outcome.letters = letters.value
  outcome.statistics = reader.statistics
  outcome.fields = reader.fields.map(\.name)
  return outcome
}

/// A value that a closure and its maker share.
final class Box<Value> {
  var value: Value
  init(_ value: Value) { self.value = value }
}

func shipped(_ id: String) throws -> SourceMapping {
  try SourceMapping.load(id: id, folder: sources)
}

/// The message of the failure that a body ends with.
func failure(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no failure"
  } catch let failure as Failure {
    return failure.description
  } catch {
    return "\(error)"
  }
}

#if DEBUG
  let isDebugBuild = true
#else
  let isDebugBuild = false
#endif
