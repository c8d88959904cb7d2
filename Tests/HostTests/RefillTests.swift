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

private let base = """
  return rule {
    id = "test.base", title = "Base", severity = "low", on = { kind = "login" }, per = "user",
    features = { logins = count { within = 5 * minute } }, when = { logins = at_least(6) },
  }
  """

/// Rules whose windows and waits the base has none of, and which say what they hold.
private let added = """
  local many = rule {
    id = "test.many", title = "Many", severity = "low", on = { kind = "login" }, per = "user",
    features = {
      logins = count { within = 20 * minute }, devices = distinct { "device", within = hour },
      machine = new "device", between = since { where = { outcome = "failure" } },
      mean = mean { "amount", within = 30 * minute },
    },
    detect = function(_, f)
      return ("%d %d %d %s %s"):format(f.logins, f.devices, f.machine or 7, f.between, f.mean)
    end,
  }
  local guessed = rule {
    id = "test.guessed", title = "Guessed", severity = "low",
    sequence = {
      { kind = "login", outcome = "failure", times = 3 }, { kind = "login", outcome = "success" },
      within = 20 * minute, by = "user",
    },
    without = { kind = "logoff" },
  }
  local silent = rule {
    id = "test.silent", title = "Silent", severity = "low",
    sequence = { { kind = "login", outcome = "success" }, within = 12 * minute, by = "user" },
    without = { kind = "logoff" },
  }
  return { many, guessed, silent }
  """

/// Windows of an hour at most, so that most of the past is not read.
private let short = """
  return rule {
    id = "test.many", title = "Many", severity = "low", on = { kind = "login" }, per = "user",
    features = {
      logins = count { within = 20 * minute }, devices = distinct { "device", within = hour },
      mean = mean { "amount", within = 30 * minute },
    },
    detect = function(_, f) return ("%d %d %s"):format(f.logins, f.devices, f.mean) end,
  }
  """

/// What was found, by event and rule.
private struct Findings: RunOutput {
  var found: [(event: String, rule: String, message: String)] = []
  var keeper: EventKeeper?
  var events = 0
  /// Events before this number were judged before anything was kept.
  var keptFrom = 0
  private var batch: EventBatch?
  var wantsScores: Bool { false }
  var wantsFindings: Bool { true }

  init(keeper: EventKeeper? = nil) { self.keeper = keeper }

  mutating func batchBegins(_ batch: ReadBatch) { self.batch = batch.events }
  mutating func batchEnded() {
    guard let batch else { return }
    keeper?.keep(
      batch, rows: min(batch.count, max(0, keptFrom - events))..<batch.count, first: events)
    events += batch.count
    self.batch = nil
  }
  mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) {}
  mutating func joined(_ joined: Joined) {}
  mutating func late(_ record: EventRecord, origin: EventOrigin) {}
  mutating func scored(_ batch: EventBatch, row: Int, score: Double?, rules: [String]) {}
  mutating func found(_ evidence: Evidence, mapping: MappingRow?) {
    for finding in evidence.findings where finding.ruleID != "test.base" {
      found.append((evidence.event.id, finding.ruleID, finding.message))
    }
  }

  /// Of the rules that came later, on the events from a number on.
  func lines(after event: Int, of rules: String...) -> [String] {
    found.filter { one in
      (rules.isEmpty || rules.contains(one.rule)) && (Int(one.event.dropFirst()) ?? 0) >= event
    }.map { "\($0.event) \($0.rule) \($0.message)" }
  }
}

/// Remembers what was said.
private final class Told: JobProgress {
  private let warned = Mutex<[String]>([])
  var warnings: [String] { warned.withLock { $0 } }
  func begin(_ stage: String, total: Int?) {}
  func advance(to done: Int) {}
  func end(_ result: String) {}
  func note(_ text: String) {}
  func warn(_ text: String) { warned.withLock { $0.append(text) } }
}

/// A run whose events are kept and whose plugins change: its threads are those of the service, its batches the test's.
private final class Service {
  let plan: RunPlan
  let run: DetectionRun
  let store: AlertStore
  let number: Int64
  let desk = RefillDesk()
  let binder: GenerationBinder
  let refiller: Refiller
  var builder: GenerationBuilder
  var output: Findings

  init(_ settings: Settings, _ folder: Scratch) throws {
    let bench = try Bench(settings, plugins: [folder.path])
    plan = try bench.plan()
    run = try DetectionRun(plan, pool: WorkerPool(count: 2))
    run.refills = desk
    store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory), pen: .system("run"))
    number = try store.begin(
      RunRecord(command: "run", started: WallClock.now(), input: "cert-logon"))
    output = Findings(
      keeper: try EventKeeper.make(
        .service("cert-logon"), schema: plan.schema, interner: plan.interner, store: store,
        settings))
    builder = GenerationBuilder(
      settings: settings, folders: [folder.path], running: bench.installation)
    binder = GenerationBinder(
      schema: plan.schema, interner: plan.interner, definitions: run.definitions,
      rules: plan.rules, mailbox: GenerationMailbox(),
      frame: Refill.Frame(
        schema: plan.schema, interner: plan.interner, pool: WorkerPool(count: 2),
        allowedLateness: plan.allowedLateness))
    refiller = Refiller(
      source: "cert-logon", dataDirectory: settings.dataDirectory, schema: plan.schema,
      allowedLateness: plan.allowedLateness, desk: desk, binder: binder
    ) { Issue.record("\($0)") }
  }

  func send(_ events: some Sequence<EventRecord>, _ bound: BoundGeneration? = nil) throws {
    let batch = EventBatch(schema: plan.schema)
    for event in events { batch.append(event, interner: plan.interner) }
    var read = ReadBatch(events: batch, labels: [], readyAt: 0)
    read.generation = bound
    try run.take(read, output: &output)
    if output.events % 3 == 0 { try commit() }
    try serve()
  }

  /// As the service commits now and then, whoever asks.
  private func commit() throws(Failure) {
    let block = try store.write([], kept: try output.keeper?.take(), run: number)
    output.keeper?.wrote(block)
  }

  private func serve() throws {
    try desk.serve(events: output.events, time: run.streamTime) { () throws(Failure) in
      try commit()
    }
  }

  private final class Filled: Sendable {
    let state = Mutex<(isDone: Bool, state: Refill.State?)>((false, nil))
  }

  /// Fills what is new beside the run, which goes on with `between` meanwhile, and binds it.
  func rebuilt(between: () throws -> Void) throws -> BoundGeneration {
    guard case .built(var generation) = builder.build() else { throw Unbuilt() }
    let filled = Filled()
    let (refiller, built) = (refiller, generation)
    let thread = Thread {
      var state: Refill.State?
      do { state = try refiller.fill(built) } catch { Issue.record("\(error)") }
      filled.state.withLock { $0 = (true, state) }
    }
    thread.stackSize = 16 << 20
    thread.start()
    while !filled.state.withLock({ $0.isDone }) {
      try between()
      try serve()
      Thread.sleep(forTimeInterval: 0.0005)
    }
    generation.refill = filled.state.withLock { $0.state }
    return binder.bind(generation)
  }

  struct Unbuilt: Error {}
}

@Suite("Windows that a reload adds", .timeLimit(.minutes(5)))
struct RefillTests {
  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch()
    var settings = try shipped(scratch)
    // Some of the events come too late.
    settings.allowedLateness = TimeSpan(microseconds: 600_000_000)
    self.settings = settings
  }

  /// Sign-ins of a few people with pauses, some of them out of order and a few far too late.
  private func stream(_ count: Int, seed: UInt64) -> [EventRecord] {
    var random = SeededRandom(seed: seed)
    var time: Int64 = 0
    return (0..<count).map { number in
      time += Int64(random.below(random.below(200) == 0 ? 4000 : 30))
      let back = random.below(10) == 0 ? Int64(random.below(900)) : 0
      let kind = random.below(9) == 0 ? "logoff" : "login"
      var event = login(
        "e\(number)", at: max(0, time - back), user: "u\(random.below(9))",
        device: "pc-\(random.below(40))", outcome: random.below(2) == 0 ? "failure" : "success",
        kind: kind)
      event.fields["amount"] = .number(Double(random.below(1000)) / 4)
      return event
    }
  }

  /// What a run finds that had all rules from the start.
  private func undisturbed(_ events: [EventRecord], _ rules: String) throws -> Findings {
    let folder = try Scratch(["a.lua": base, "b.lua": rules])
    let plan = try Bench(settings, plugins: [folder.path]).plan()
    let run = try DetectionRun(plan, pool: WorkerPool(count: 1))
    var output = Findings()
    for start in stride(from: 0, to: events.count, by: 500) {
      let batch = EventBatch(schema: plan.schema)
      for event in events[start..<min(start + 500, events.count)] {
        batch.append(event, interner: plan.interner)
      }
      try run.take(ReadBatch(events: batch, labels: [], readyAt: 0), output: &output)
    }
    return output
  }

  @Test(
    "They hold what they would hold had they been there from the start, whatever comes meanwhile",
    arguments: 1...5 as ClosedRange<UInt64>, [added, short])
  func asFromTheStart(seed: UInt64, rules: String) throws {
    let events = stream(6000, seed: seed)
    let wanted = try undisturbed(events, rules)
    let folder = try Scratch(["a.lua": base])
    let service = try Service(settings, folder)
    var random = SeededRandom(seed: seed + 100)
    var next = 0
    func send(_ bound: BoundGeneration? = nil) throws {
      let end = min(events.count, next + 1 + random.below(90))
      try service.send(events[next..<end], bound)
      next = end
    }
    while next < 3000 { try send() }
    try folder.write("b.lua", rules)
    var bound = try service.rebuilt { if next < 4500 { try send() } }
    // A few batches were read before it was bound.
    for _ in 0..<3 { try send() }
    let border = next
    #expect(service.run.features.lateEvents > 0)
    try send(bound)
    while next < 5500 { try send() }
    // Another change goes on with them.
    try folder.write("b.lua", "-- again\n" + rules)
    bound = try service.rebuilt {}
    #expect(bound.added.isEmpty && bound.refill == nil)
    try send(bound)
    while next < events.count { try send() }

    let (got, expected) = (service.output.lines(after: border), wanted.lines(after: border))
    #expect(got.count == expected.count)
    for (got, expected) in zip(got, expected) where got != expected {
      Issue.record("\(got) and not \(expected)")
      break
    }
    for rule in ["test.many", "test.guessed", "test.silent"] where rules.contains(rule) {
      #expect(service.output.lines(after: border, of: rule).count > 5, "\(rule)")
    }
    let reloads = service.run.report.reloads
    #expect(reloads.map(\.emptyWindows) == [[], []])
    #expect(reloads.map(\.shortWindows) == [[], []])
    // Short windows pass over blocks of earlier events alone, however many came meanwhile.
    #expect(reloads[0].refilledFrom < border - (rules == added ? 0 : 500))
    #expect(reloads[0].refilledFrom >= 3000 || rules != added)
    #expect(reloads[1].refilledFrom == 0)
  }

  @Test("They say how much of their span they hold where events are kept from a while ago only")
  func tooFewKept() throws {
    let events = (0..<400).map { login("e\($0)", at: Int64($0) * 20, user: "ana") }
    let folder = try Scratch(["a.lua": base])
    let service = try Service(settings, folder)
    // Of two hours the last 40 minutes are kept.
    service.output.keptFrom = 240
    for start in stride(from: 0, to: 360, by: 40) { try service.send(events[start..<start + 40]) }
    try folder.write(
      "b.lua",
      """
      return rule {
        id = "test.many", title = "Many", severity = "low", on = { kind = "login" }, per = "user",
        features = { quarter = count { within = 15 * minute }, two_hours = count { within = 2 * hour } },
        detect = function(_, f) return ("%d %d"):format(f.quarter, f.two_hours) end,
      }
      """)
    try service.send(events[360..<361], try service.rebuilt {})
    #expect(service.output.found.map(\.message) == ["46 121"])
    let reload = try #require(service.run.report.reloads.first)
    #expect(reload.emptyWindows == [] && reload.refilledFrom == 120)
    #expect(
      reload.shortWindows == [
        ReloadReport.ShortWindow(
          name: "two_hours", has: TimeSpan(microseconds: 2_380_000_000), wants: .hours(2))
      ])
  }

  @Test("A rule that waits for the same as before its change goes on waiting")
  func sameWait() throws {
    func rule(_ title: String) -> String {
      """
      return rule {
        id = "test.guessed", title = "\(title)", severity = "low",
        sequence = { { kind = "login", outcome = "failure", times = 3 },
          { kind = "login", outcome = "success" }, within = 20 * minute, by = "user" },
      }
      """
    }
    let folder = try Scratch(["a.lua": rule("One")])
    let service = try Service(settings, folder)
    service.output.keeper = nil
    try service.send((0..<3).map { login("e\($0)", at: Int64($0), outcome: "failure") })
    try folder.write("a.lua", rule("Two"))
    let bound = try service.rebuilt {}
    try service.send([login("e3", at: 9, outcome: "success")], bound)
    #expect(service.output.found.map(\.event) == ["e3"])
    #expect(service.run.report.reloads.map(\.emptyWindows) == [[]])
  }

  @Test("A rule that is saved while the service runs counts the sign-ins of before")
  func whileRunning() throws {
    let folder = try Scratch(["a.lua": base])
    var settings = settings
    settings.plugins = [folder.path]
    settings.run.inputs = [
      RunSettings.Input(
        source: "generic-jsonl", paths: [scratch.path + "/in.jsonl"], follow: true)
    ]
    try scratch.write("in.jsonl", "")
    let file = try #require(FileHandle(forWritingAtPath: scratch.path + "/in.jsonl"))
    var written = 0
    func append(_ user: String, _ count: Int) throws {
      var text = ""
      for _ in 0..<count {
        text += EventWriter.line(login("e\(written)", at: Int64(written), user: user)) + "\n"
        written += 1
      }
      try file.write(contentsOf: Data(text.utf8))
    }
    let told = Told()
    let stop = StopRequest()
    try append("zoe", 9)
    try append("ana", 600)
    var isSaved = false
    var isLast = false
    _ = try RunJob(settings: settings, stop: stop).run(progress: told) { batch in
      do {
        if !isSaved {
          try folder.write(
            "b.lua", added.replacing("20 * minute }, devices", with: "9 * hour }, devices"))
          isSaved = true
        }
        if isLast {
          if batch.id(batch.count - 1) == "e\(written - 1)" { stop.stop() }
        } else if told.warnings.contains(where: { $0.hasPrefix("reload 1: ") }) {
          isLast = true
          try append("zoe", 1)
        } else {
          // Something has to come for a reload to take place.
          try append("bob", 1)
        }
      } catch { Issue.record("\(error)") }
    }
    let said = told.warnings.filter { $0.hasPrefix("reload 1: ") }
    #expect(said.count == 1 && said[0].contains("; new windows were filled with "), "\(said)")
    #expect(!said[0].contains("empty") && !said[0].contains("hold less"))
    let database = try Database.open(dataDirectory: settings.dataDirectory, access: .readOnly)
    let alerts = try AlertStore(database).alerts(AlertFilter(limit: nil)).map(\.alert)
    let zoe = alerts.filter { $0.entity?.value == "zoe" && $0.rule == "test.many" }
    #expect(zoe.map(\.eventID) == ["e\(written - 1)"])
    #expect(zoe.first?.message.hasPrefix("10 1 0 ") ?? false, "\(zoe.map(\.message))")
  }
}
