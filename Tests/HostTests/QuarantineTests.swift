import Cases
import Detection
import Foundation
import Plugins
import Primitives
import Testing

@testable import Host

/// Copies of the hostile rules of `Tests/Hostile`, each under ids of its own.
private func hostileFolder(_ count: Int) throws -> Scratch {
  let place = repository + "/Tests/Hostile"
  let names = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
    .filter { $0.hasSuffix(".lua") }
  let scratch = try Scratch()
  for index in 0..<count {
    let source = try text(of: place + "/" + names[index % names.count])
    try scratch.write(
      "\(index)-\(names[index % names.count])",
      source.replacing("hostile.", with: "hostile.\(index / names.count + 1)-"))
  }
  return scratch
}

private func withoutDigest(_ output: Capture) -> [String] {
  output.alerts.map { alert in
    var alert = alert
    alert.pluginsDigest = nil
    return String(decoding: AlertWriter.line(alert), as: UTF8.self)
  }
}

@Suite("A rule that means harm")
struct QuarantineTests {
  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
  }

  private func logins(_ count: Int) -> [EventRecord] {
    (0..<count).map { n in
      // Now and then one user signs in thirty times within minutes.
      let user = n / 30 % 10 == 0 ? "burst\(n / 300)" : "u\(n % 40)"
      let outcome = n % 9 == 0 ? "failure" : "success"
      return login("e\(n)", at: Int64(n * 7), user: user, device: "pc-\(n % 45)", outcome: outcome)
    }
  }

  @Test(
    "Fifty of them beside the shipped ones are set aside, and the others find what they always find"
  )
  func fifty() throws {
    let hostile = try hostileFolder(50)
    let shippedFolders = [repository + "/plugins", repository + "/scenarios"]
    let events = logins(6000)
    let alone = try Bench(settings, plugins: shippedFolders).run(events, workers: 2)
    let beside = try Bench(settings, plugins: shippedFolders + [hostile.path])
    #expect(
      beside.installation.plugins.rules.count { $0.id.hasPrefix("hostile.") } == 50)
    let among = try beside.run(events, workers: 2)
    #expect(alone.output.alerts.count > 10)
    #expect(among.output.joins == alone.output.joins)
    #expect(withoutDigest(among.output) == withoutDigest(alone.output))
    let hurt = among.report.plugins.filter { $0.id.hasPrefix("hostile.") }
    for rule in hurt { #expect(rule.isSetAside, "\(rule.id)") }
    for rule in among.report.plugins where !rule.id.hasPrefix("hostile.") {
      #expect(!rule.isSetAside && rule.failures == 0, "\(rule.id)")
    }
    func reason(_ id: String) -> String? {
      hurt.first { $0.id == "hostile.1-\(id)" }?.setAside?.reason
    }
    #expect(reason("endless-loop") == "took longer than 5 ms")
    #expect(reason("memory") == "needs more than 4 MiB of memory")
    #expect(reason("gone") == "not here")
    #expect(
      reason("long-message") == "detect returned a message of 60000 bytes, and 2000 are allowed")
    // Looking through 60 KB takes a debug build nearly as long as a call may.
    let marks = try #require(reason("combining-marks"))
    #expect(
      ["text with more than 30 combining marks in a row", "took longer than 5 ms"].contains(marks))
    #expect(reason("marked-error") == String(repeating: "\u{301}\u{316}", count: 15))
    #expect(reason("cycle") == "tables more than 32 deep at t.t.t")
    #expect(reason("error-table") == "the error is a table, not text")
    #expect(reason("just-below")?.hasPrefix("took too long: ") == true)
    let gone = try #require(hurt.first { $0.id == "hostile.1-gone" }?.setAside)
    #expect(gone.eventID == nil)
    #expect(gone.line == 3)
    #expect(gone.description.hasSuffix("gone.lua:3: hostile.1-gone cannot run: not here"))
  }

  @Test(
    "A plugin of any kind that ended the process is left out of the next start",
    arguments: [
      ("test.rule", "rule", "title = 'T', severity = 'low', on = { kind = 'login' }"),
      (
        "test-page", "escalation",
        "when = { severity = 'critical' }, uses = { 'notify' }, run = function() end"
      ),
      (
        "test-contain", "playbook",
        "when = { severity = 'critical' }, uses = { 'notify' }, steps = { { 'a', run = function() end } }"
      ),
    ])
  func overran(id: String, kind: String, rest: String) throws {
    let folder = try Scratch(["a.lua": "return \(kind) { id = '\(id)', \(rest) }\n"])
    let before = try Installation(settings, folders: [folder.path]).plugins
    #expect(before.problems.map(\.description) == [])
    #expect(before.rules.count + before.escalations.count + before.playbooks.count == 1)
    try scratch.write("var/overrun", id)
    let after = try Installation(settings, folders: [folder.path]).plugins
    #expect(after.rules.isEmpty && after.escalations.isEmpty && after.playbooks.isEmpty)
    let problem = try #require(after.problems.first).message
    #expect(problem.hasPrefix("is set aside since "))
    #expect(problem.hasSuffix(": \(id) did not end and took the process with it"))
  }

  @Test("The last run's health is kept, and the list and the costs show it until the file changes")
  func kept() throws {
    let folder = try Scratch([
      "bad.lua": """
      return rule {
        id = "test.bad", title = "Bad", severity = "low", on = { kind = "login" },
        detect = function() error("no", 0) end,
      }
      """
    ])
    let (_, report) = try Bench(settings, plugins: [folder.path]).run(logins(20))
    let jobs = PluginJobs(settings: settings, folders: [folder.path])
    #expect(try jobs.top().plugins == [])
    #expect(try jobs.list().entries.map(\.isSetAside) == [false])
    try Folder.make(settings.dataDirectory)
    try HealthFile(command: "detect", ended: "now", events: 20, plugins: report.plugins).write(
      settings)
    let top = try jobs.top()
    #expect(top.plugins == report.plugins)
    #expect(top.plugins.first?.candidates == 20)
    #expect(top.plugins.first?.calls == 5)
    #expect(top.plugins.first?.failures == 5)
    #expect(top.events == 20 && top.command == "detect")
    let entry = try #require(try jobs.list().entries.first)
    #expect(entry.isSetAside)
    #expect(
      entry.lastError?.replacing(folder.path + "/", with: "")
        == "bad.lua:3: test.bad failed on event e4: no")
    try folder.write("bad.lua", try text(of: folder.path + "/bad.lua") + "-- mended\n")
    #expect(try jobs.list().entries.map(\.isSetAside) == [false])
    let path = settings.dataDirectory + "/plugin-health.json"
    try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
    #expect(
      failure { _ = try jobs.top() }
        == "\(path) is not what a run left there (remove it; the next run writes it)")
  }
}
