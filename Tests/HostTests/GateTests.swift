import Foundation
import Primitives
import Testing

@testable import Host

/// Copies of the shipped plugins in a scratch folder, edited and held against what was there before.
@Suite("The gate")
struct GateTests {
  private let scratch: Scratch
  private var settings: Settings

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
    for name in ["plugins", "scenarios"] {
      try FileManager.default.copyItem(
        atPath: settings.resolve(name), toPath: scratch.path + "/" + name)
    }
    settings.plugins = ["plugins", "scenarios"].map { scratch.path + "/" + $0 }
  }

  private func gate(_ change: (inout GateOptions) -> Void = { _ in }) throws -> GateReport {
    var options = GateOptions(count: 8)
    options.madeEvents = 8_000
    change(&options)
    return try GateJob(settings: settings, options: options).run(progress: NoProgress())
  }

  private func edit(_ file: String, _ old: String, _ new: String) throws {
    let path = scratch.path + "/" + file
    let before = try text(of: path)
    try #require(before.contains(old))
    try before.replacingOccurrences(of: old, with: new)
      .write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test("The first set has nothing to be held against; the same set again changes nothing")
  func unchanged() throws {
    let first = try gate()
    #expect(first.passed && first.before == nil)
    #expect(first.scenarios.contains { $0.injected == 8 && $0.after.caught >= 7 })
    let again = try gate()
    #expect(again.passed && again.gained.isEmpty && again.lost.isEmpty)
    #expect(again.scenarios.allSatisfy { $0.change == .init(lost: 0, gained: 0) && !$0.isWorse })
  }

  @Test(
    "Without files it judges on the events that the data directory keeps, and leaves no copy of them"
  )
  func kept() throws {
    _ = try ProduceJob(
      ProduceJob.Options(
        rate: 0.01, seconds: 600_000, out: scratch.path + "/payments.jsonl", labels: nil, users: 60,
        fraudRate: nil, seed: 3, start: "2026-03-01T00:00:00Z")
    ).run(progress: NoProgress())
    _ = try DetectJob(
      settings: settings,
      options: DetectOptions(
        inputs: [scratch.path + "/payments.jsonl"], source: "generic-jsonl")
    ).run(progress: NoProgress())
    let first = try gate { $0.budget = 1e9 }
    #expect(first.ground == "kept" && first.passed, "\(first.refusals)")
    // The payments and what was planted among them; nothing of a made-up month.
    #expect((6000..<9000).contains(first.events), "\(first.events)")
    #expect(first.scenarios.contains { $0.injected > 0 && $0.id.hasPrefix("fraud.") })
    let left = try FileManager.default.contentsOfDirectory(
      atPath: settings.dataDirectory + "/gate")
    #expect(!left.contains { $0.hasSuffix(".jsonl") }, "\(left)")
    #expect(
      try gate {
        $0.makesUp = true
        $0.budget = 1e9
      }.ground == "made_up")
  }

  @Test("A rule of half its strength is refused, the lost scenario is named, and the old set stays")
  func weakened() throws {
    _ = try gate()
    try edit("plugins/metrics/spike.lua", "times < 1.5", "times < 30")
    try edit("plugins/metrics/spike.lua", "or 0) < 5 or", "or 0) < 50 or")
    for _ in 0..<2 {
      let report = try gate()
      #expect(!report.passed)
      #expect(report.refusals.contains { $0.hasPrefix("metrics.spike: ") }, "\(report.refusals)")
      #expect(report.lost.contains { $0.rule == "metrics.spike" })
    }
    // What it is held against is named: the edited set against itself loses nothing.
    #expect(try gate { $0.against = settings.plugins }.passed)
  }

  @Test(
    "Where a loss may be chance more attacks are planted, and half a threshold's strength is refused"
  )
  func doubtful() throws {
    _ = try gate { $0.count = 20 }
    try edit("plugins/auth/login-burst.lua", "at_least(8)", "at_least(16)")
    let report = try gate { $0.count = 20 }
    let lost = try #require(report.scenarios.first { $0.id == "auth.login-burst" })
    #expect(lost.isWorse && report.refusals.contains { $0.hasPrefix("auth.login-burst: ") })
    #expect(lost.injected > 20 || lost.change.lost > 5)
    #expect(report.scenarios.contains { $0.id != lost.id && $0.injected == 20 })
  }

  @Test("Small losses that pass one after the other are refused against the best that passed")
  func steps() throws {
    func change(_ lost: Int, _ gained: Int = 0) -> GateReport.Scenario.Change {
      .init(lost: lost, gained: gained)
    }
    #expect(!change(4).isWorse && change(4).isDoubtful && change(6).isWorse)
    #expect(!change(0).isDoubtful && !change(3, 3).isDoubtful && change(20, 5).isWorse)
    let recall = GateReport.Scenario.Recall(
      caught: 14, interval: WilsonInterval(successes: 14, trials: 20), caughtBy: [:])
    var best = recall
    best.caught = 20
    let worse = GateReport.Scenario(
      id: "s", file: "s.lua", injected: 20, before: recall, after: recall, change: change(1),
      best: (best, change(6)))
    #expect(worse.isWorse && !worse.isBest)
    let better = GateReport.Scenario(
      id: "s", file: "s.lua", injected: 20, before: recall, after: recall, change: change(1),
      best: (best, change(2, 2)))
    #expect(!better.isWorse && better.isBest)
  }

  @Test("What is meant is accepted, and is what later sets are held against")
  func accepted() throws {
    _ = try gate()
    try edit("plugins/metrics/spike.lua", "times < 1.5", "times < 30")
    try edit("plugins/metrics/spike.lua", "or 0) < 5 or", "or 0) < 50 or")
    let taken = try gate { $0.accepts = true }
    #expect(!taken.passed && taken.isAccepted)
    let again = try gate()
    #expect(again.passed && !again.isAccepted && again.gained.isEmpty && again.lost.isEmpty)
    try scratch.write("plugins/x.lua", "return rule {")
    #expect(try !gate { $0.accepts = true }.isAccepted)
  }

  @Test("A scenario that was deleted with its rule is planted all the same")
  func deleted() throws {
    _ = try gate()
    for file in ["plugins/auth/login-burst", "scenarios/auth.login-burst"] {
      try FileManager.default.removeItem(atPath: "\(scratch.path)/\(file).lua")
    }
    let report = try gate()
    let lost = try #require(report.scenarios.first { $0.id == "auth.login-burst" })
    #expect(lost.injected == 8 && lost.isWorse && !report.passed)
    func ids(_ key: String) -> [String] { (report.json[key]?.list ?? []).compactMap(\.text) }
    // Nobody is left who catches it, and the report says so; what made-up months lack is not planted, which is told apart.
    #expect(ids("uncaught").contains("auth.login-burst") == (lost.after.caught == 0))
    #expect(lost.after.caught == 0)
    #expect(ids("not_planted") == ["quality.dead-letters"])
    #expect(!ids("uncaught").contains("quality.dead-letters"))
  }

  @Test("A file with errors, more false alerts than allowed and a rule that fails are refused")
  func refused() throws {
    _ = try gate()
    try scratch.write("plugins/x.lua", "return rule {")
    #expect(try gate().refusals == ["1 file has errors"])
    try scratch.write(
      "plugins/x.lua",
      #"return rule { id = "team.all", title = "All", severity = "low", message = "all", "#
        + #"on = { kind = "logoff" } }"#)
    let loud = try gate { $0.budget = 3 }
    #expect(loud.refusals.contains { $0.hasSuffix("false alerts a day, and 3.0 are allowed") })
    #expect(loud.gained.contains { $0.rule == "team.all" && $0.isFalse })
    try scratch.write(
      "plugins/x.lua",
      #"return rule { id = "team.bad", title = "Bad", severity = "low", "#
        + #"on = { kind = "logoff" }, detect = function(e) return e.amount + 1 end }"#)
    #expect(try gate().refusals == ["team.bad was set aside on these events"])
    // A budget that the set before passes too is not this change's fault.
    try FileManager.default.removeItem(atPath: scratch.path + "/plugins/x.lua")
    #expect(try gate { $0.budget = 0 }.passed)
  }

  @Test("Given events are judged with their own truth kept, and few of them are told to be too few")
  func given() throws {
    let events = try scratch.write(
      "e.jsonl",
      (0..<300).map {
        #"{"id":"e\#($0)","time":"\#(Timestamp(seconds: 1_772_409_600 + Int64($0) * 600))","#
          + #""source":"s","kind":"transaction","card":"c\#($0 % 5)","amount":\#(5 + $0 % 7)}"#
          + "\n"
      }.joined())
    let report = try gate { $0.events = ([events], "generic-jsonl") }
    #expect(report.scenarios.first { $0.id == "fraud.card-testing" }?.injected == 8)
    #expect(report.scenarios.first { $0.id == "auth.login-burst" }?.injected == 0)
    let missing = (report.json["not_planted"]?.list ?? []).compactMap(\.text)
    #expect(missing.contains("auth.login-burst"))
    #expect(report.events > 300 && report.days > 2 && report.days < 3)
  }
}
