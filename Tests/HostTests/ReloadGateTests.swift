import Detection
import Foundation
import Ingest
import Primitives
import Synchronization
import Testing

@testable import Host

/// The service's kept events, and changes of the plugins that are held against what runs.
@Suite("The gate before a reload", .timeLimit(.minutes(20)))
struct ReloadGateTests {
  private let scratch: Scratch
  private var settings: Settings

  /// A rule, its scenario, and a month of sign-ins that the service has read.
  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
    for file in ["plugins/auth/login-burst.lua", "scenarios/auth.login-burst.lua"] {
      // Without the mapping that the scenario expects: it belongs to other rules too.
      let plugin = try text(of: repository + "/" + file)
        .replacing("expect = { mapping = \"account-takeover\" },", with: "")
      try scratch.write(file, plugin)
    }
    settings.plugins = ["plugins", "scenarios"].map { scratch.path + "/" + $0 }
    let events = (0..<2400).map { (number: Int) -> String in
      let seconds: Int = (number / 30) * 28_800 + (number % 30) * 600
      let user = "u\(number % 30)"
      return EventWriter.line(
        login("e\(number)", at: Int64(seconds), user: user, device: "pc-\(user)"))
    }
    try scratch.write("a.jsonl", events.joined(separator: "\n") + "\n")
    settings.run.inputs = [
      RunSettings.Input(
        source: "generic-jsonl", paths: [scratch.path + "/a.jsonl"], follow: false)
    ]
    settings.run.gatesReloads = true
    try RunJob(settings: settings, untilIdle: true).run(progress: NoProgress())
  }

  private func builder(fewest: Int = 2000) throws -> GenerationBuilder {
    var builder = GenerationBuilder(
      settings: settings, folders: [], running: try Installation(settings))
    builder.gate = ReloadGate(settings: settings, source: "generic-jsonl", fewestEvents: fewest)
    return builder
  }

  private func edit(_ old: String, _ new: String) throws {
    let path = "plugins/auth/login-burst.lua"
    let before = try text(of: scratch.path + "/" + path)
    try #require(before.contains(old))
    try scratch.write(path, before.replacing(old, with: new))
  }

  @Test("A change that loses a scenario is refused with its name, and a harmless one goes live")
  func judged() throws {
    var builder = try builder()
    try edit("logins_10m = at_least(8)", "logins_10m = at_least(5000)")
    guard case .refused(let why) = builder.build() else {
      Issue.record("a rule that finds nothing any more went live")
      return
    }
    #expect(why.hasPrefix("the gate refuses the change: auth.login-burst: "))
    #expect(why.hasSuffix(" attacks were caught, now 0"))
    try edit("logins_10m = at_least(5000)", "logins_10m = at_least(7)")
    guard case .built(let generation) = builder.build() else {
      Issue.record("a harmless change was refused")
      return
    }
    #expect(generation.doubt == nil && generation.number == 1)
  }

  @Test("With too few kept events a change goes live and says that it was not judged")
  func tooFew() throws {
    var builder = try builder(fewest: 5000)
    try edit("logins_10m = at_least(8)", "logins_10m = at_least(5000)")
    guard case .built(let generation) = builder.build() else {
      Issue.record("a change was refused that could not be judged")
      return
    }
    #expect(
      generation.doubt
        == "2400 events of 'generic-jsonl' are kept, too few for the gate (5000 are enough)")
  }

  @Test("A running service refuses such a change, goes on, and says so in its report and its list")
  func live() throws {
    var settings = settings
    settings.run.inputs[0].follow = true
    let stop = StopRequest()
    let told = Refusals(stop)
    let place = scratch.path + "/plugins/auth/login-burst.lua"
    let edited = try text(of: place).replacing("at_least(8)", with: "at_least(5000)")
    let job = RunJob(settings: settings, stop: stop) {
      do {
        try Data(edited.utf8).write(to: URL(fileURLWithPath: place))
      } catch {
        Issue.record("\(error)")
        stop.stop()
      }
    }
    let report = try job.run(progress: told)
    #expect(told.all.count == 1)
    #expect(
      told.all.first?.hasPrefix(
        "the plugins stay as they were: the gate refuses the change: auth.login-burst: ") == true)
    #expect(told.all == report.refusedReload.map { ["the plugins stay as they were: \($0)"] })
    #expect(
      try PluginJobs(settings: settings, folders: []).list().refusedReload == report.refusedReload)
  }
}

/// Remembers warnings, and asks for a stop at the first.
private final class Refusals: JobProgress {
  private let stop: StopRequest
  private let state = Mutex<[String]>([])
  init(_ stop: StopRequest) { self.stop = stop }
  var all: [String] { state.withLock { $0 } }
  func begin(_ stage: String, total: Int?) {}
  func advance(to done: Int) {}
  func end(_ result: String) {}
  func warn(_ text: String) {
    state.withLock { $0.append(text) }
    stop.stop()
  }
}
