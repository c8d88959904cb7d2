import Cases
import Detection
import Foundation
import Plugins
import Primitives
import Store
import Testing

@testable import Host

private func rule(
  _ id: String, detect: String? = nil, within: Int = 5, at least: Int = 3, note: String = ""
) -> String {
  """
  --- \(note)
  return rule {
    id = "\(id)", title = "Many logins", severity = "high", on = { kind = "login" }, per = "user",
    features = { logins = count { within = \(within) * minute } },
    when = { logins = at_least(\(least)) },
    \(detect.map { "detect = \($0)," } ?? "")
  }
  """
}

/// A user signs in every 20 seconds, so that a window of 5 minutes holds 15.
private func events(_ count: Int) -> [EventRecord] {
  (0..<count).map { login("e\($0)", at: Int64($0) * 20, user: "ana") }
}

/// A run that is given its batches, and generations between them, by hand.
private struct Driven {
  let bench: Bench
  let plan: RunPlan
  let run: DetectionRun
  let binder: GenerationBinder
  var builder: GenerationBuilder
  let mailbox = GenerationMailbox()
  var output = Capture()

  init(_ settings: Settings, _ folder: Scratch) throws {
    bench = try Bench(settings, plugins: [folder.path])
    plan = try bench.plan()
    run = try DetectionRun(plan, pool: WorkerPool(count: 2))
    binder = GenerationBinder(
      schema: plan.schema, interner: plan.interner, definitions: run.definitions, mailbox: mailbox)
    builder = GenerationBuilder(
      settings: settings, folders: [folder.path], running: bench.installation)
  }

  mutating func send(_ events: some Sequence<EventRecord>, _ bound: BoundGeneration? = nil) throws {
    let batch = EventBatch(schema: plan.schema)
    for event in events { batch.append(event, interner: plan.interner) }
    var read = ReadBatch(events: batch, labels: [], readyAt: 0)
    read.generation = bound
    try run.take(read, output: &output)
  }

  mutating func rebuilt() throws -> BoundGeneration {
    guard case .built(let generation) = builder.build() else { throw Unbuilt() }
    return binder.bind(generation)
  }

  struct Unbuilt: Error {}
}

@Suite("A reload")
struct ReloadTests {
  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
  }

  private func withoutDigest(_ output: Capture) -> [String] {
    output.alerts.map { alert in
      var alert = alert
      alert.pluginsDigest = nil
      return String(decoding: AlertWriter.line(alert), as: UTF8.self)
    }
  }

  @Test("A thousand reloads of what does not matter lose and double nothing")
  func thousand() throws {
    let folder = try Scratch([
      "a.lua": rule("test.many"),
      "b.lua": rule(
        "test.kept",
        detect:
          "(function() local n = 0 return function() n = n + 1 if n % 50 == 0 then return 'call ' .. n end end end)()"
      ),
    ])
    let stream = (0..<8000).map { n in
      login("e\(n)", at: Int64(n) * 20, user: "u\(n / 40 % 9)", device: "pc-\(n % 11)")
    }
    let wanted = try Bench(settings, plugins: [folder.path]).run(stream, cuts: [8]).output
    var driven = try Driven(settings, folder)
    for (index, start) in stride(from: 0, to: stream.count, by: 8).enumerated() {
      // A rule that never fires comes, changes its window and goes.
      let never = rule("test.never", within: 5 + index % 3, at: 1_000_000, note: "\(index)")
      if index % 4 == 3 {
        try FileManager.default.removeItem(atPath: folder.path + "/c.lua")
      } else {
        try folder.write("c.lua", never)
      }
      let bound = try driven.rebuilt()
      #expect(bound.added.count == (index < 3 && index > 0 ? 1 : 0))
      try driven.send(stream[start..<start + 8], bound)
    }
    #expect(driven.run.report.reloads.count == 1000)
    #expect(driven.run.report.reloads.allSatisfy { $0.undone == nil })
    #expect(wanted.alerts.count > 20)
    #expect(withoutDigest(driven.output) == withoutDigest(wanted))
    #expect(driven.output.joins == wanted.joins)
    #expect(driven.output.frozen.count == wanted.frozen.count)
  }

  @Test(
    "Windows go on where their definition is the same and begin empty, and say so, where it is another"
  )
  func windows() throws {
    let folder = try Scratch(["a.lua": rule("test.many", at: 1000)])
    var driven = try Driven(settings, folder)
    try driven.send(events(12))
    #expect(driven.output.alerts.isEmpty)
    // The threshold is another, the window the same: it holds 12 events already.
    try folder.write("a.lua", rule("test.many", at: 12))
    let same = try driven.rebuilt()
    #expect(same.added.isEmpty && same.emptyWindows.isEmpty)
    try driven.send(events(13).suffix(1), same)
    #expect(driven.output.alerts.map(\.eventID) == ["e12"])
    // Another window: it has seen nothing yet.
    try folder.write("a.lua", rule("test.many", within: 6, at: 3))
    let other = try driven.rebuilt()
    #expect(other.emptyWindows == ["logins"])
    try driven.send(events(16).suffix(3), other)
    #expect(driven.output.alerts.count == 1)
    #expect(driven.run.report.reloads.map(\.emptyWindows) == [[], ["logins"]])
    #expect(driven.run.report.reloads.map(\.atEvent) == [12, 13])
    #expect(driven.run.report.reloads.map(\.changed) == [["test.many"], ["test.many"]])
    // Its third event is the first that it fires on; the alert of the rule is still open.
    #expect(driven.output.joins.map(\.eventID) == ["e15"])
  }

  @Test(
    "A new generation that fails in its first 10,000 events is undone, and the one before goes on")
  func undone() throws {
    let folder = try Scratch(["a.lua": rule("test.many", at: 3)])
    var driven = try Driven(settings, folder)
    try driven.send(events(10))
    try folder.write(
      "a.lua", rule("test.many", detect: "function() error('broken', 0) end", at: 3))
    try driven.send(events(20).suffix(10), try driven.rebuilt())
    let reload = try #require(driven.run.report.reloads.first)
    #expect(
      reload.undone?.replacing(folder.path + "/", with: "")
        == "a.lua:6: test.many failed on event e14: broken")
    #expect(reload.undoneAtEvent == 20)
    try driven.send(events(30).suffix(10))
    #expect(driven.output.joins.suffix(10).map(\.eventID) == (20..<30).map { "e\($0)" })
    #expect(driven.run.finish(expected: [:]).setAside.isEmpty)
  }

  @Test("An escalation that came or went with an undone reload is as it was before it")
  func undoneEscalations() throws {
    func escalation(_ id: String) -> String {
      """
      return escalation { id = "\(id)", when = { rule = "test.many" }, uses = { "notify" },
        run = function(alert) act.notify.send { to = "soc", text = alert.id } end }
      """
    }
    let folder = try Scratch(["a.lua": rule("test.many", at: 3), "old.lua": escalation("old")])
    var driven = try Driven(settings, folder)
    let book = ResponseBook(driven.bench.installation)
    driven.run.book = book
    func owed() throws -> [String] {
      book.owed(try #require(driven.output.alerts.first), at: .distantPast).map(\.plugin)
    }
    try driven.send(events(10))
    #expect(try owed() == ["old"])
    try FileManager.default.removeItem(atPath: folder.path + "/old.lua")
    try folder.write("new.lua", escalation("new"))
    try folder.write(
      "a.lua", rule("test.many", detect: "function() error('broken', 0) end", at: 3))
    let bound = try driven.rebuilt()
    // It is bound where events are read, and taken up where they are judged.
    #expect(try owed() == ["old"])
    try driven.send(events(13).suffix(3), bound)
    #expect(try owed() == ["new"])
    try driven.send(events(20).suffix(7))
    #expect(driven.run.report.reloads.map { $0.undone != nil } == [true])
    #expect(try owed() == ["old"])
  }

  @Test("A plugin that is saved on probation clears no other: what was built upon it goes with it")
  func undoneTogether() throws {
    let folder = try Scratch(["a.lua": rule("test.many", at: 3)])
    var driven = try Driven(settings, folder)
    try driven.send(events(10))
    try folder.write(
      "a.lua", rule("test.many", detect: "function() error('broken', 0) end", at: 3))
    // Three failures: too few to set it aside.
    try driven.send(events(13).suffix(3), try driven.rebuilt())
    #expect(driven.run.report.reloads.map(\.undone) == [nil])
    try folder.write("b.lua", rule("test.other", at: 1000))
    try driven.send(events(20).suffix(7), try driven.rebuilt())
    let reloads = driven.run.report.reloads
    #expect(reloads.map(\.changed) == [["test.many"], ["test.other"]])
    let reason = "a.lua:6: test.many failed on event e14: broken"
    #expect(
      reloads.map { $0.undone?.replacing(folder.path + "/", with: "") }
        == [reason, "undone with another: \(reason)"])
    #expect(reloads.map(\.undoneAtEvent) == [20, 20])
    try driven.send(events(30).suffix(10))
    #expect(driven.output.joins.suffix(10).map(\.eventID) == (20..<30).map { "e\($0)" })
    #expect(driven.run.health.map(\.id) == ["test.many"])
  }

  @Test("A plugin that is mended on probation is proven by itself")
  func mended() throws {
    let folder = try Scratch(["a.lua": rule("test.many", at: 3)])
    var driven = try Driven(settings, folder)
    try driven.send(events(10))
    try folder.write(
      "a.lua", rule("test.many", detect: "function() error('broken', 0) end", at: 3))
    try driven.send(events(13).suffix(3), try driven.rebuilt())
    try folder.write("a.lua", rule("test.many", at: 3))
    try driven.send(events(20).suffix(7), try driven.rebuilt())
    #expect(driven.run.report.reloads.map(\.undone) == [nil, nil])
    #expect(driven.output.joins.suffix(7).map(\.eventID) == (13..<20).map { "e\($0)" })
  }

  @Test("After an undo the lists are those of the generation that came back, in functions too")
  func undoneLists() throws {
    let lists = try Scratch(["watched.txt": "ana\n"])
    var settings = settings
    settings.lists = lists.path
    let watching = rule(
      "test.watched", detect: "function(e) return list.has('watched', e.user) end", at: 1)
    let folder = try Scratch(["a.lua": watching])
    var driven = try Driven(settings, folder)
    try driven.send(events(4))
    #expect(driven.output.alerts.count == 1 && driven.output.joins.count == 3)
    try lists.write("watched.txt", "bob\n")
    try folder.write("b.lua", rule("test.bad", detect: "function() error('no', 0) end", at: 1))
    try driven.send(events(12).suffix(8), try driven.rebuilt())
    #expect(driven.run.report.reloads.map { $0.undone != nil } == [true])
    #expect(driven.output.joins.count == 3)
    try driven.send(events(14).suffix(2))
    #expect(driven.output.joins.suffix(2).map(\.eventID) == ["e12", "e13"])
    let health = try #require(driven.run.health.first)
    #expect(health.candidates == 14 && health.calls == 14)
  }

  @Test("What was saved before a generation that fails goes on, and is proven by itself")
  func undoneAlone() throws {
    let folder = try Scratch(["a.lua": rule("test.many", at: 3)])
    var driven = try Driven(settings, folder)
    try driven.send(events(10))
    try folder.write("b.lua", rule("test.other", at: 1))
    try driven.send(events(12).suffix(2), try driven.rebuilt())
    try folder.write("c.lua", rule("test.bad", detect: "function() error('no', 0) end", at: 1))
    try driven.send(events(20).suffix(8), try driven.rebuilt())
    let reloads = driven.run.report.reloads
    #expect(reloads.map { $0.undone == nil } == [true, false])
    #expect(reloads[1].undone?.contains("test.bad failed on event") == true)
    try driven.send(events(24).suffix(4))
    #expect(driven.run.health.map(\.id) == ["test.many", "test.other"])
    #expect(driven.run.health.last?.calls == 14)
    // It is on probation still: what fails of it later is undone by itself.
    try folder.write("c.lua", rule("test.bad", at: 5000))
    try driven.send(events(26).suffix(2), try driven.rebuilt())
    #expect(driven.run.report.reloads.count == 3)
    #expect(driven.run.report.reloads.last?.undone == nil)
  }

  @Test(
    "Generations whose rules take too long are undone, the newest first, and no more than it takes")
  func slow() throws {
    func health(_ seconds: [String: Double]) -> [PluginHealth] {
      seconds.sorted { $0.key < $1.key }.map { id, seconds in
        PluginHealth(
          id: id, file: "f.lua", source: 1, candidates: 0, calls: 1, failures: 0,
          seconds: seconds, memory: 0, lastFailure: nil, isSetAside: id == "b")
      }
    }
    var probation = Probation()
    #expect(probation.add(1, new: ["a"]) == 0)
    #expect(probation.judge(health(["a": 0.5, "b": 100]), events: 999) == .goesOn)
    #expect(probation.judge(health(["a": 0.02, "b": 100]), events: 1) == .goesOn)
    var other = probation
    #expect(
      other.judge(health(["a": 0.1]), events: 1000)
        == .failed(0, rule: nil, "its new rules take 50 µs an event"))
    #expect(probation.judge(health(["a": 0.19]), events: 9000) == .passed(1))
    #expect(probation.isEmpty)
    // Others are saved meanwhile: what this one has shown is neither forgotten nor thinned.
    #expect(other.add(2, new: ["c"]) == 1 && other.add(3, new: ["d"]) == 2)
    #expect(other.judge(health(["a": 0.1]), events: 7999) == .goesOn)
    var dear = other
    #expect(
      dear.judge(health(["a": 0.1, "c": 0.2, "d": 0.01]), events: 1)
        == .failed(1, rule: nil, "its new rules take 36 µs an event"))
    #expect(
      other.judge(health(["a": 0.1, "c": 0.01, "d": 0.2]), events: 1)
        == .failed(2, rule: nil, "its new rules take 36 µs an event"))
    // What is changed again while it is on probation stands with what was before.
    #expect(other.add(4, new: ["c"]) == 1)
    #expect(other.number(1) == 2)
    for number in 5..<40 {
      _ = other.add(number, new: ["r\(number)"])
      _ = other.joinsOldest()
    }
    #expect(other.number(0) == 1 && other.number(Probation.most - 1) == 39)
  }

  @Test("A folder with an error keeps the running generation and says why")
  func refused() throws {
    let folder = try Scratch(["a.lua": rule("test.many")])
    var driven = try Driven(settings, folder)
    #expect(throws: Driven.Unbuilt.self) { try driven.rebuilt() }
    try folder.write("b.lua", "return rule { id = 5 }\n")
    guard case .refused(let why) = driven.builder.build() else {
      Issue.record("it was not refused")
      return
    }
    #expect(why.hasPrefix(folder.path + "/b.lua:1: "))
    #expect(why.hasSuffix(": moonwatch plugins check)"))
    try folder.write("b.lua", rule("test.second"))
    guard case .built(let generation) = driven.builder.build() else {
      Issue.record("it was not built")
      return
    }
    #expect(generation.number == 1)
    #expect(generation.prepared.runners.map(\.rule.id) == ["test.second"])
    #expect(generation.installation.plugins.rules.map(\.id) == ["test.many", "test.second"])
  }

  @Test(
    "Saving, adding, renaming over, moving and deleting are seen, and an editor's own files are not"
  )
  func watching() throws {
    let folder = try Scratch(["a.lua": "1"])
    let watcher = try FolderWatcher([folder.path])
    let files = FileManager.default
    func changed() -> Bool { watcher.waitForChange(quietFor: 0.02) }
    try folder.write("b.lua", "2")
    #expect(changed())
    try folder.write("sub/c.lua", "3")
    #expect(changed())
    // The folder is new, and what is saved in it from now on is seen too.
    try folder.write("sub/c.lua", "4")
    #expect(changed())
    try folder.write(".a.lua.swp", "5")
    try folder.write(".new", "6")
    #expect(rename(folder.path + "/.new", folder.path + "/a.lua") == 0)
    #expect(changed())
    try files.moveItem(atPath: folder.path + "/sub/c.lua", toPath: folder.path + "/d.lua")
    #expect(changed())
    try files.removeItem(atPath: folder.path + "/d.lua")
    #expect(changed())
    try folder.write(".hidden", "7")
    watcher.stop()
    #expect(!changed())
  }

  @Test("A saved plugin judges from the next batch on, without anything else being done")
  func endToEnd() throws {
    let folder = try Scratch(["a.lua": rule("test.many", at: 1000)])
    let installation = try Installation(settings, folders: [folder.path])
    let mailbox = GenerationMailbox()
    let watcher = try GenerationWatcher(
      settings: settings, folders: [folder.path], running: installation, mailbox: mailbox,
      progress: NoProgress())
    defer { watcher.stop() }
    try folder.write(".a.lua.new", rule("test.many", at: 2))
    #expect(rename(folder.path + "/.a.lua.new", folder.path + "/a.lua") == 0)
    var generation: Generation?
    for _ in 0..<3000 where generation == nil {
      generation = mailbox.take()
      Thread.sleep(forTimeInterval: 0.01)
    }
    #expect(generation?.number == 1)
    #expect(generation?.installation.plugins.rules.count == 1)
  }
}
