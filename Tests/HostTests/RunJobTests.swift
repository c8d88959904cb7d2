import Cases
import Detection
import Foundation
import Ingest
import Plugins
import Primitives
import Store
import Synchronization
import Testing

@testable import Host

@Suite("The service", .timeLimit(.minutes(20)))
struct RunJobTests {
  /// Remembers what was said.
  private final class Told: JobProgress {
    private let warned = Mutex<[String]>([])
    private let noted = Mutex<[String]>([])
    var warnings: [String] { warned.withLock { $0 } }
    var notes: [String] { noted.withLock { $0 } }
    func begin(_ stage: String, total: Int?) {}
    func advance(to done: Int) {}
    func end(_ result: String) {}
    func note(_ text: String) { noted.withLock { $0.append(text) } }
    func warn(_ text: String) { warned.withLock { $0.append(text) } }
  }

  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func settings(
    _ inputs: [RunSettings.Input], data: String = "var", every: TimeSpan = .seconds(10)
  ) throws -> Settings {
    var settings = try shipped(scratch)
    settings.dataDirectory = scratch.path + "/" + data
    settings.run.inputs = inputs
    settings.run.checkpointEvery = every
    return settings
  }

  private func input(_ names: String..., follow: Bool = true) -> RunSettings.Input {
    RunSettings.Input(
      source: "generic-jsonl", paths: names.map { scratch.path + "/" + $0 }, follow: follow)
  }

  /// All that the database knows of alerts.
  private func alerts(_ data: String = "var") throws -> [StoredAlert] {
    let database = try Database.open(
      dataDirectory: scratch.path + "/" + data, access: .readOnly)
    return try AlertStore(database).alerts(AlertFilter(limit: nil))
  }

  /// The ids of the events that are kept, in order.
  private func kept(_ data: String = "var") throws -> [String] {
    let database = try Database.open(
      dataDirectory: scratch.path + "/" + data, access: .readOnly)
    let kept = RetainedEvents(AlertStore(database)) { Issue.record("\($0)") }
    let stream = try #require(try kept.streams().first)
    let batch = EventBatch(schema: try kept.schema(of: stream))
    let feed = try kept.feed(stream, schema: batch.schema, interner: Interner())
    var ids: [String] = []
    while case .filled = try feed.fill(batch) {
      ids += (0..<batch.count).map(batch.id)
      batch.removeAll()
    }
    return ids
  }

  @discardableResult
  private func run(_ settings: Settings, _ told: Told = Told()) throws -> RunReport {
    try RunJob(settings: settings, untilIdle: true).run(progress: told)
  }

  @Test("What is stopped and started again finds what an undisturbed run finds")
  func restarts() throws {
    try scratch.append(bursts(0..<2000, users: 7), to: "whole.jsonl")
    let whole = try run(try settings([input("whole.jsonl")], data: "whole"))
    #expect(whole.events == 2000)
    var random = SeededRandom(seed: 1)
    var next = 0
    let told = Told()
    while next < 2000 {
      let end = min(2000, next + 1 + random.below(500))
      try scratch.append(bursts(next..<end, users: 7), to: "grown.jsonl")
      let report = try run(try settings([input("grown.jsonl")]), told)
      #expect(report.events == end - next)
      next = end
    }
    #expect(told.warnings == [])
    #expect(told.notes.first == "generic-jsonl: from the beginning")
    #expect(told.notes.contains { $0.hasPrefix("generic-jsonl: going on after ") })
    let (wanted, got) = (try alerts("whole"), try alerts())
    #expect(!wanted.isEmpty && wanted.contains { $0.joined > 0 })
    #expect(wanted == got)
    #expect(try run(try settings([input("grown.jsonl")])).events == 0)
    #expect(try kept("whole") == (0..<2000).map { "e\($0)" })
    #expect(try kept() == kept("whole"))
  }

  @Test("Killed before its first checkpoint it begins anew, for nothing was judged")
  func killedBeforeTheFirstCheckpoint() throws {
    try scratch.append(bursts(0..<500, users: 7), to: "a.jsonl")
    let whole = try settings([input("a.jsonl")], data: "whole")
    try run(whole)
    let settings = try settings([input("a.jsonl")])
    do {
      let store = AlertStore(try Database.open(dataDirectory: settings.dataDirectory))
      let number = try store.begin(
        RunRecord(command: "run", started: WallClock.now(), input: "generic-jsonl: a.jsonl"))
      try store.write(
        [], joined: [], run: number,
        progress: SourceProgress(
          source: "generic-jsonl", read: 0, events: 0, position: "", updated: WallClock.now()),
        turns: [])
    }
    let told = Told()
    #expect(try run(settings, told).events == 500)
    #expect(told.warnings == [])
    #expect(try alerts() == alerts("whole"))
  }

  @Test("The alerts are those of detect on the same file")
  func asDetect() throws {
    try scratch.append(bursts(0..<1000, users: 7), to: "a.jsonl")
    try run(try settings([input("a.jsonl", follow: false)]))
    var other = try shipped(scratch)
    other.dataDirectory = scratch.path + "/detect"
    _ = try DetectJob(
      settings: other,
      options: DetectOptions(
        inputs: [scratch.path + "/a.jsonl"], source: "generic-jsonl", model: "none")
    ).run(progress: NoProgress())
    #expect(try alerts() == alerts("detect"))
  }

  @Test("Windows records of a guessed password raise the finding about it")
  func windowsLogons() throws {
    let lines = (10...22).map { minute in
      let event =
        minute < 22 ? "4625,\"SubjectUserName\":\"-\"" : "4624,\"SubjectUserName\":\"WS5$\""
      return
        "{\"TimeCreated\":\"2026-03-02T09:\(minute):00Z\",\"Hostname\":\"WS5\",\"EventID\":\(event),"
        + "\"TargetUserName\":\"ana\",\"IpAddress\":\"203.0.113.9\"}\n"
    }
    try scratch.append(lines.joined(), to: "security.jsonl")
    let settings = try shipped(scratch)
    let outcome = try DetectJob(
      settings: settings,
      options: DetectOptions(
        inputs: [scratch.path + "/security.jsonl"], source: "windows-events", model: "none")
    ).run(progress: NoProgress())
    let messages = outcome.alerts.map(\.alert.message)
    #expect(
      messages.contains(
        "ana signed in from 203.0.113.9 after 12 failures from there within an hour"))
  }

  @Test("A damaged checkpoint falls back to the one before, says so, and the alerts are the same")
  func damaged() throws {
    try scratch.append(bursts(0..<1500, users: 7), to: "whole.jsonl")
    try run(try settings([input("whole.jsonl")], data: "whole"))
    let told = Told()
    let settings = try settings([input("grown.jsonl")])
    for end in [500, 900] {
      try scratch.append(bursts((end == 500 ? 0 : 500)..<end, users: 7), to: "grown.jsonl")
      try run(settings, told)
    }
    let folder = try CheckpointFolder(
      dataDirectory: settings.dataDirectory, source: "generic-jsonl")
    let newest = folder.file(try #require(try folder.numbers().last))
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: newest)))
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: newest))
    try scratch.append(bursts(900..<1500, users: 7), to: "grown.jsonl")
    let report = try run(settings, told)
    #expect(
      told.warnings == [
        "the checkpoint \(newest) cannot be used: its checksum does not match "
          + "(going on from the one before it)"
      ])
    // From the one before: 400 events are judged again, in silence.
    #expect(report.events == 1000)
    #expect(try alerts("whole") == alerts())
  }

  @Test("Without a checkpoint the service goes on where its alerts end, and says so")
  func noCheckpoint() throws {
    let settings = try settings([input("a.jsonl")])
    try scratch.append(bursts(0..<500, users: 7), to: "a.jsonl")
    try run(settings)
    let before = try alerts()
    try FileManager.default.removeItem(atPath: settings.dataDirectory + "/run")
    try scratch.append(bursts(500..<540, users: 7), to: "a.jsonl")
    let told = Told()
    let report = try run(settings, told)
    #expect(
      told.warnings == [
        "no checkpoint of 'generic-jsonl' can be used: its windows start anew where its alerts end"
      ])
    #expect(report.events == 40)
    let after = try alerts()
    #expect(after.count > before.count)
    #expect(Set(before.map(\.alert.id)).isSubset(of: Set(after.map(\.alert.id))))
  }

  @Test("A checkpoint that knows more than the database is of another one and left aside")
  func otherDatabase() throws {
    let settings = try settings([input("a.jsonl")])
    try scratch.append(bursts(0..<500, users: 7), to: "a.jsonl")
    try run(settings)
    let wanted = try alerts()
    for name in ["moonwatch.db", "moonwatch.db-wal", "moonwatch.db-shm"] {
      let path = settings.dataDirectory + "/" + name
      if FileManager.default.fileExists(atPath: path) {
        try FileManager.default.removeItem(atPath: path)
      }
    }
    let told = Told()
    #expect(try run(settings, told).events == 500)
    #expect(told.warnings.count == 1)
    #expect(
      told.warnings.first?.hasSuffix(
        " knows more of 'generic-jsonl' than the database (it is left aside)") == true)
    #expect(try alerts() == wanted)
  }

  @Test("Where features were defined otherwise the windows start anew, and it says so")
  func otherFeatures() throws {
    var settings = try settings([input("a.jsonl")])
    try scratch.append(bursts(0..<100, users: 7), to: "a.jsonl")
    try run(settings)
    settings.allowedLateness = .hours(5)
    let told = Told()
    try run(settings, told)
    #expect(
      told.warnings == [
        "source 'generic-jsonl': the windows start anew: the window state cannot be used: it was "
          + "written for other features or another allowed lateness"
      ])
  }

  @Test("A record that cannot be read is set aside once, however often the service restarts")
  func deadLetters() throws {
    let settings = try settings([input("a.jsonl")])
    for part in 0..<4 {
      try scratch.append(
        bursts((part * 50)..<(part * 50 + 50), users: 7) + "not an event \(part)\n", to: "a.jsonl")
      try run(settings)
      if part == 2 {
        // As if the last checkpoint had never been written.
        let folder = try CheckpointFolder(
          dataDirectory: settings.dataDirectory, source: "generic-jsonl")
        try FileManager.default.removeItem(
          atPath: folder.file(try #require(try folder.numbers().last)))
      }
    }
    let letters = try text(of: settings.dataDirectory + "/run/generic-jsonl/dead-letters.jsonl")
    let raw = letters.split(separator: "\n").map { line in
      (try? JSONValue.parse(String(line)))?["raw"]?.text ?? ""
    }
    #expect(raw == (0..<4).map { "not an event \($0)" })
  }

  @Test("Several sources at once find what each finds by itself")
  func several() throws {
    try scratch.append(bursts(0..<800, users: 7), to: "a.jsonl")
    let log = (0..<300).map { number in
      "Mar  1 10:\(number / 60 + 10):\(number % 60 < 10 ? "0" : "")\(number % 60) host "
        + "sshd[\(number)]: Failed password for root from 10.0.0.\(number % 3) port 4\(number) ssh2"
    }.joined(separator: "\n")
    try scratch.write("auth.log", log + "\n")
    let ssh = RunSettings.Input(source: "sshd-auth", paths: [scratch.path + "/auth.log"])
    let both = try run(try settings([input("a.jsonl"), ssh]))
    try run(try settings([input("a.jsonl")], data: "first"))
    try run(try settings([ssh], data: "second"))
    let apart = try alerts("first") + alerts("second")
    for part in ["first", "second"] { #expect(!(try alerts(part)).isEmpty) }
    let ids = try alerts().map(\.alert.id).sorted()
    #expect(ids == apart.map(\.alert.id).sorted())
    #expect(both.sources.map(\.events) == [800, 300])
  }

  @Test("A file that is not what its source says is told, and the others are read to their end")
  func wrongFile() throws {
    try scratch.append(bursts(0..<400, users: 7), to: "a.jsonl")
    try scratch.write("b.csv", "no,such\ncolumns,1\n")
    let told = Told()
    try run(
      try settings([
        input("a.jsonl"),
        RunSettings.Input(source: "nab", paths: [scratch.path + "/b.csv"], follow: false),
      ]), told)
    let events = try AlertStore(
      Database.open(dataDirectory: scratch.path + "/var", access: .readOnly)
    ).progress(of: "generic-jsonl")?.events
    #expect(events == 400)
    #expect(
      told.warnings == [
        "nab: \(scratch.path)/b.csv:1: column 'timestamp' of source 'nab' is missing"
      ])
  }

  @Test("A stop ends the service after the batch at hand with a checkpoint, and it can go on")
  func stops() throws {
    try scratch.append(bursts(0..<3000, users: 7), to: "a.jsonl")
    let settings = try settings([input("a.jsonl")])
    let stop = StopRequest()
    stop.stop()
    let report = try RunJob(settings: settings, stop: stop).run(progress: NoProgress())
    #expect(report.events <= 4096)
    let folder = try CheckpointFolder(
      dataDirectory: settings.dataDirectory, source: "generic-jsonl")
    #expect(try folder.newest().found?.checkpoint.events == report.events)
    let rest = try run(settings)
    #expect(report.events + rest.events == 3000)
  }

  @Test("Checkpoints are written while events flow, and the report says what they cost")
  func checkpoints() throws {
    let settings = try settings(
      [input("a.jsonl")], every: TimeSpan(microseconds: 10_000))
    try scratch.append(bursts(0..<20_000, users: 7), to: "a.jsonl")
    let report = try run(settings)
    let figures = try #require(report.sources.first?.checkpoints)
    #expect(figures.count >= 2)
    #expect(figures.bytes > 1000)
    #expect(report.json["sources"]?.list?.first?["checkpoints"]?["count"]?.integer ?? 0 >= 2)
    #expect(report.json["events"]?.integer == 20_000)
  }

  @Test("How the rules fare is left for the plugin commands while it runs and at its end")
  func health() throws {
    try scratch.append(bursts(0..<9000, users: 7), to: "a.jsonl")
    let settings = try settings([input("a.jsonl")])
    var job = RunJob(settings: settings, untilIdle: true)
    job.secondsBetweenLines = 0
    var meanwhile: [HealthFile] = []
    let report = try job.run(progress: NoProgress()) { _ in
      do {
        if let health = try HealthFile.read(settings) { meanwhile.append(health) }
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(!meanwhile.isEmpty && meanwhile.allSatisfy { $0.command == "run" })
    let last = try #require(try HealthFile.read(settings))
    #expect(last.command == "run" && last.events == 9000)
    #expect(last.plugins == report.plugins)
    #expect(last.plugins.contains { $0.candidates > 0 })
    #expect(report.json["plugins"]?.list?.count == report.plugins.count)
    #expect(try PluginJobs(settings: settings, folders: []).top().command == "run")
  }

  @Test("A rule that several sources ask has one line, and was set aside where one of them did it")
  func together() {
    func one(_ id: String, source: UInt64 = 1, calls: Int, aside: Bool = false) -> PluginHealth {
      PluginHealth(
        id: id, file: "\(id).lua", source: source, candidates: calls, calls: calls, failures: 1,
        seconds: 1, memory: 10,
        lastFailure: aside
          ? RuleFailure(rule: id, file: "\(id).lua", line: 3, eventID: "e", reason: "no") : nil,
        isSetAside: aside)
    }
    let all = PluginHealth.together([
      [one("a", calls: 1), one("b", calls: 2, aside: true)],
      [one("b", calls: 3), one("c", calls: 4), one("a", source: 2, calls: 5)],
    ])
    #expect(all.map(\.id) == ["a", "b", "c", "a"])
    #expect(all.map(\.calls) == [1, 5, 4, 5])
    #expect(all.map(\.failures) == [1, 2, 1, 1])
    #expect(all[1].seconds == 2 && all[1].memory == 20 && all[1].candidates == 5)
    #expect(all.map(\.isSetAside) == [false, true, false, false])
    #expect(all[1].setAside?.reason == "no")
  }

  @Test("The report is not written over a file that is read, in a folder or under a pattern either")
  func reportOverInput() throws {
    try scratch.append(bursts(0..<10, users: 7), to: "logs/a.jsonl")
    let before = try text(of: scratch.path + "/logs/a.jsonl")
    try scratch.write("model.json", "{}")
    for path in ["logs/a.jsonl", "logs", "logs/*.jsonl", "model.json"] {
      let report = scratch.path + (path == "model.json" ? "/model.json" : "/logs/a.jsonl")
      var read = input(path)
      if path == "model.json" {
        read = input("other.jsonl")
        read.model = report
      }
      let settings = try settings([read, RunSettings.Input(source: "nab", paths: ["none-*"])])
      #expect(
        failure {
          try RunJob(settings: settings, untilIdle: true, report: report).run(
            progress: NoProgress())
        } == "'\(report)' is an input and would be overwritten (choose another file to write to)",
        "\(path)")
    }
    #expect(try text(of: scratch.path + "/logs/a.jsonl") == before)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/logs")
    #expect(names == ["a.jsonl"])
  }

  @Test("A service without inputs says where to name them")
  func nothing() throws {
    var settings = try settings([])
    settings.file = "config/moonwatch.yaml"
    #expect(
      failure { try run(settings) }
        == "config/moonwatch.yaml names nothing to read "
        + "(list sources and their files under run.inputs)")
    settings.run.inputs = [RunSettings.Input(source: "sshd-aut", paths: ["x"])]
    #expect(
      failure { try run(settings) } == "unknown source 'sshd-aut' (did you mean 'sshd-auth'?)")
  }
}
