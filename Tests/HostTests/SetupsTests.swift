import Cases
import Detection
import Foundation
import Ingest
import Plugins
import Primitives
import Store
import Testing

@testable import Host

/// A service of one rule and two lists that is given its batches and changes by hand.
private final class Service {
  /// What judged an event, as it was written.
  struct Judge: Equatable {
    var rule: String
    var vips: [String]
  }

  let folder: Scratch
  let lists: Scratch
  private(set) var settings: Settings
  private var run: DetectionRun
  private var plan: RunPlan
  private var binder: GenerationBinder
  private var builder: GenerationBuilder
  private let journal: SetupJournal
  private let store: AlertStore
  private let mailbox = GenerationMailbox()
  private var output = Capture()
  /// Time of each event that was told to people, and what judged it.
  private(set) var judged: [(time: Timestamp, by: Judge)] = []
  private var next = 0
  private(set) var standing: Judge
  /// What an undone reload comes back to: no rule that was reloaded here has proved itself, and lists need not.
  private var base: Judge

  static func rule(_ note: String, detect: String? = nil) -> String {
    """
    --- \(note)
    return rule {
      id = "test.many", title = "Many logins", severity = "high", on = { kind = "login" }, per = "user",
      features = { logins = count { within = 5 * minute } },
      when = { logins = at_least(3) },
      \(detect.map { "detect = \($0)," } ?? "")
    }

    """
  }

  init(_ scratch: Scratch, rule: String, vips: [String]) throws {
    folder = try Scratch(["a.lua": rule])
    lists = try Scratch(["vips.txt": vips.map { $0 + "\n" }.joined(), "others.txt": "eve\n"])
    settings = try shipped(scratch)
    settings.plugins = [folder.path]
    settings.lists = lists.path
    base = Judge(rule: rule, vips: vips)
    standing = base
    let database = try Database.open(dataDirectory: settings.dataDirectory)
    store = AlertStore(database)
    journal = try SetupJournal(SetupStore(database)) { Issue.record("\($0)") }
    let bench = try Bench(settings)
    plan = try bench.plan()
    run = try DetectionRun(plan, pool: WorkerPool(count: 2))
    binder = Service.binder(plan, run, mailbox)
    builder = GenerationBuilder(settings: settings, folders: [], running: bench.installation)
    try begin(bench.installation)
  }

  private static func binder(
    _ plan: RunPlan, _ run: DetectionRun, _ mailbox: GenerationMailbox
  ) -> GenerationBinder {
    GenerationBinder(
      schema: plan.schema, interner: plan.interner, definitions: run.definitions, mailbox: mailbox)
  }

  private func begin(_ installation: Installation) throws {
    let number = try store.begin(
      RunRecord(command: "run", started: WallClock.now(), input: "cert-logon"))
    run.write(
      to: journal, judgingBy: installation, stream: .service("cert-logon"), run: number)
  }

  var control: Control { Control(settings: settings) }

  func change(rule: String? = nil, vips: [String]? = nil) throws {
    if let rule { try folder.write("a.lua", rule) }
    if let vips { try lists.write("vips.txt", vips.map { $0 + "\n" }.joined()) }
    standing = Judge(rule: rule ?? standing.rule, vips: vips ?? standing.vips)
  }

  /// Takes up what stands in the folders with the next events.
  func reload(_ count: Int) throws {
    guard case .built(let generation) = builder.build() else {
      Issue.record("nothing was built")
      return
    }
    try send(count, binder.bind(generation))
    if standing.rule == base.rule { base = standing }
  }

  /// Another run over the same directory, which judges some events again that the one before had told.
  func restart(again: Int) throws {
    let bench = try Bench(settings)
    plan = try bench.plan()
    run = try DetectionRun(plan, pool: WorkerPool(count: 1))
    binder = Service.binder(plan, run, mailbox)
    builder = GenerationBuilder(settings: settings, folders: [], running: bench.installation)
    run.begin(at: next - again, quietUntil: next)
    try begin(bench.installation)
    next -= again
    base = standing
    let known = judged
    try send(again)
    judged = known
  }

  func send(_ count: Int, _ bound: BoundGeneration? = nil) throws {
    let batch = EventBatch(schema: plan.schema)
    for number in next..<next + count {
      let event = login("e\(number)", at: Int64(number) * 20)
      batch.append(event, interner: plan.interner)
      judged.append((event.time, standing))
    }
    next += count
    var read = ReadBatch(events: batch, labels: [], readyAt: 0)
    read.generation = bound
    try run.take(read, output: &output)
  }

  /// A rule that fails is taken up, judges, and is undone: from the next event on the base judges again.
  func failedReload() throws {
    try change(rule: Service.rule("broken \(next)", detect: "function() error('no', 0) end"))
    try reload(10)
    #expect(run.report.reloads.last?.undone != nil)
    try change(rule: base.rule, vips: base.vips)
  }

  func settle() { journal.finish() }
}

@Suite("What judged then")
struct SetupsTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Runs a body while a folder is there.
  private func within<Result>(
    _ files: [String: String], _ body: (Scratch) throws -> Result
  ) throws -> Result {
    let folder = try Scratch(files)
    return try withExtendedLifetime(folder) { try body(folder) }
  }

  private func judge(_ control: Control, at time: Timestamp) throws -> Service.Judge {
    Service.Judge(
      rule: try control.rule("test.many", at: time).text, vips: try control.list("vips", at: time))
  }

  @Test(
    "Whatever was changed, reloaded, undone and restarted: of each event's time it is known what judged it",
    arguments: [1, 2, 3] as [UInt64])
  func always(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let service = try Service(scratch, rule: Service.rule("first"), vips: ["ana"])
    try service.send(5)
    for step in 0..<14 {
      switch random.below(5) {
      case 0: try service.change(rule: Service.rule("\(seed) \(step)"))
      case 1:
        try service.change(vips: (0..<random.below(4)).map { "v\(step)-\($0)" } + ["w\(step)"])
      case 2:
        try service.failedReload()
        try service.send(3)
        continue
      case 3:
        // Back to what has been before: its contents are there already.
        try service.change(rule: Service.rule("first"), vips: ["ana", "s\(step)"])
      default:
        try service.change(rule: Service.rule("restart \(step)"))
        try service.restart(again: 3)
        try service.send(4)
        continue
      }
      try service.reload(1 + random.below(6))
      try service.send(2)
    }
    service.settle()
    for (time, expected) in service.judged {
      #expect(try judge(service.control, at: time) == expected, "\(seed) at \(time)")
    }
    let first = try #require(service.judged.first).time
    #expect(
      failure { _ = try judge(service.control, at: first - .seconds(1)) }.hasPrefix(
        "which rules, lists and model judged at \(first - .seconds(1)) was not kept: it is known from \(first) on (written 2"
      ))
  }

  @Test("What differs from now is named, with the lines of a rule that are otherwise")
  func since() throws {
    let service = try Service(scratch, rule: Service.rule("first"), vips: ["ana"])
    try service.send(5)
    service.settle()
    let time = try #require(service.judged.last).time
    let same = try #require(try service.control.setup(at: time).setup)
    #expect(same.hasSamePlugins && same.rules.map(\.since) == [.same])
    #expect(
      same.lists.map(\.name) == ["others", "vips"] && same.lists.allSatisfy { $0.since == .same })
    #expect(same.model == nil && same.newRules == [] && same.others == [])
    // Files that are saved and not taken up yet are those of now.
    try service.change(
      rule: Service.rule("second").replacing("at_least(3)", with: "at_least(4)"),
      vips: ["ana", "bob"])
    try service.folder.write("b.lua", Service.rule("b").replacing("test.many", with: "test.new"))
    try FileManager.default.removeItem(atPath: service.lists.path + "/others.txt")
    let other = try #require(try service.control.setup(at: time).setup)
    #expect(!other.hasSamePlugins && other.rules.map(\.since) == [.changed])
    #expect(other.newRules == ["test.new"])
    #expect(other.lists.map(\.since) == [.gone, .changed])
    #expect(other.lists.map(\.entriesNow) == [nil, 2])
    let rule = try service.control.rule("test.many", at: time)
    #expect(
      rule.changes == [
        "@@ line 1", "- --- first", "+ --- second", "@@ line 5",
        "-   when = { logins = at_least(3) },", "+   when = { logins = at_least(4) },",
      ])
    #expect(rule.rule.digest == same.rules[0].digest)
    #expect(
      failure { _ = try service.control.rule("test.mny", at: time) }
        == "there was no rule 'test.mny' at \(time) (did you mean 'test.many'?)")
    #expect(
      failure { _ = try service.control.rule("test.new", at: time) }
        == "there was no rule 'test.new' at \(time) (at(…).rules shows those of then)")
    #expect(
      failure { _ = try service.control.list("absent", at: time) }
        == "there was no list 'absent' at \(time) (at(…).lists shows those of then)")
    #expect(
      failure { _ = try service.control.modelFile(at: time) }
        == "no model judged at \(time) (rules alone did)")
    try FileManager.default.removeItem(atPath: service.folder.path + "/a.lua")
    let gone = try service.control.rule("test.many", at: time)
    #expect(gone.rule.since == .gone && gone.changes == [] && gone.text == Service.rule("first"))
  }

  @Test("A list that is too large is left out, with its number and digest, and says so")
  func large() throws {
    let service = try Service(scratch, rule: Service.rule("first"), vips: ["ana"])
    let big = (0..<9000).map { "\($0)-" + String(repeating: "x", count: 500) }
    try service.lists.write("big.txt", big.joined(separator: "\n"))
    try service.send(1)
    try service.reload(1)
    service.settle()
    let time = try #require(service.judged.last).time
    let setup = try #require(try service.control.setup(at: time).setup)
    let found = setup.lists.first { $0.name == "big" }
    let list = try #require(found)
    #expect(list.entries == 9000 && !list.isKept && list.since == .same && list.bytes > 4 << 20)
    #expect(
      failure { _ = try service.control.list("big", at: time) }
        == "the list 'big' at \(time) was not kept: its 9,000 entries took \(Format.bytes(list.bytes)) "
        + "(lists are kept up to \(Format.bytes(4 << 20)); its digest is \(list.digest.prefix(12)))"
    )
    #expect(try service.control.list("vips", at: time) == ["ana"])
    // It took no room either.
    let store = SetupStore(
      try Database.open(dataDirectory: service.settings.dataDirectory, access: .readOnly))
    #expect(try #require(try store.sizes()).bytes < 100_000)
  }

  @Test("One setup has room for so much: files come first, and the largest lists are left out")
  func room() throws {
    var random = SeededRandom(seed: 3)
    var lists: [String: String] = [:]
    for number in 1...4 {
      // Digits in no order: they pack to half at best.
      lists["l\(number).txt"] = (0..<100 * number).map { _ in
        "\(random.next())\(random.next())\n"
      }.joined()
    }
    let (setup, contents) = try within(lists) { lists in
      try within(["a.lua": Service.rule("first")]) { plugins in
        var settings = try shipped(scratch)
        settings.lists = lists.path
        settings.plugins = [plugins.path]
        let description = SetupDescription(try Installation(settings))
        return (
          description.setup,
          try description.contents(
            description.setup.parts.map(\.digest), try ZstdPacker(), room: 8_000)
        )
      }
    }
    #expect(contents.values.reduce(0) { $0 + ($1.body?.count ?? 0) } <= 8_000)
    let kept = setup.parts.filter { contents[$0.digest]?.body != nil && $0.kind != .rule }
    #expect(kept.map(\.kind) == [.file, .list, .list])
    #expect(kept.dropFirst().map(\.name) == ["l1", "l2"])
    #expect(contents.values.allSatisfy { $0.bytes > 0 } && contents.count == 5)
  }

  @Test("Nothing of the settings is written down, secrets least of all")
  func secrets() throws {
    let secret = "s3cr3t-\(UUID().uuidString)"
    let service = try Service(scratch, rule: Service.rule("first"), vips: ["ana"])
    var settings = service.settings
    settings.acts = [
      "page": .post(
        url: "https://pager.example/\(secret)", allowsPrivate: false, token: "env:\(secret)")
    ]
    let description = SetupDescription(try Installation(settings))
    let contents = try description.contents(
      description.setup.parts.map(\.digest), try ZstdPacker())
    let told =
      "\(description.setup)"
      + contents.values.map { content in
        String(
          decoding: content.body.flatMap { ZstdPacker.unpack($0, limit: 1 << 30) } ?? [],
          as: UTF8.self)
      }.joined()
    #expect(told.contains("Many logins") && told.contains("ana"))
    #expect(!told.contains(secret))
  }

  @Test(
    "A data directory of before knows nothing, and a directory of files what judged each of them")
  func files() throws {
    let settings = try shipped(scratch)
    _ = try Database.open(dataDirectory: settings.dataDirectory)
    let control = Control(settings: settings)
    let start = Timestamp(seconds: 1_772_442_000)
    #expect(
      failure { _ = try control.list("vips", at: start) }
        == "which rules, lists and model judged was not kept here: it is from the next run on (ask about a later time)"
    )
    func detect(_ name: String, from: Int64, rule: String) throws {
      let events = (0..<20).map { EventWriter.line(login("\(name)\($0)", at: from + Int64($0))) }
      let file = try scratch.write("\(name).jsonl", events.joined(separator: "\n") + "\n")
      _ = try within(["a.lua": Service.rule(rule)]) { plugins in
        try DetectJob(
          settings: settings,
          options: DetectOptions(
            inputs: [file], source: "generic-jsonl", model: "none", plugins: [plugins.path])
        ).run(progress: NoProgress())
      }
    }
    func note(at seconds: Int64) throws -> String? {
      try control.rule("test.many", at: start + .seconds(seconds)).text.split(separator: "\n").first
        .map(String.init)
    }
    try detect("a", from: 0, rule: "one")
    try detect("b", from: 1000, rule: "two")
    #expect(try note(at: 10) == "--- one" && note(at: 1010) == "--- two")
    // Between the files and after them the one that began last counts.
    #expect(try note(at: 500) == "--- one" && note(at: 9999) == "--- two")
    // Judged again by others: those count.
    try detect("a", from: 0, rule: "three")
    #expect(try note(at: 10) == "--- three" && note(at: 1010) == "--- two")
    try detect("c", from: 0, rule: "four")
    let both = try #require(try control.setup(at: start + .seconds(10)).setup)
    #expect(both.others.count == 1)
    #expect(try control.setup(at: start, source: "nab").setup == nil)
  }
}
