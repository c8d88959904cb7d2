import Foundation
import Plugins
import Primitives
import Synchronization
import Testing

@testable import Host

@Suite("Plugin jobs")
struct PluginJobTests {
  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
  }

  @Test("Every suite of the shipped plugins passes on the evaluator of live events")
  func shippedSuites() throws {
    let outcome = try PluginJobs(settings: settings, folders: []).test()
    let failed = outcome.cases.filter { !$0.passed }
    #expect(failed.isEmpty, "\(failed)")
    #expect(outcome.problems.isEmpty)
    #expect(outcome.passed)
    #expect(outcome.cases.count > 20)
  }

  @Test("The shipped plugins are checked and listed without a problem")
  func shippedCheck() throws {
    let check = try PluginJobs(settings: settings, folders: []).check()
    #expect(check.passed && check.problems.isEmpty)
    let list = try PluginJobs(settings: settings, folders: []).list()
    #expect(list.entries.count { $0.kind == "scenario" } == 16)
    #expect(check.plugins == list.entries.count { $0.kind != "suite" })
  }

  @Test("A new plugin of every kind passes its check and its test", arguments: PluginTemplate.kinds)
  func templates(_ kind: String) throws {
    let folder = scratch.path + "/mine"
    let paths = try PluginJobs(settings: settings, folders: []).new(
      kind: kind, name: "team.first-try", into: folder)
    #expect(!paths.isEmpty)
    #expect(paths.allSatisfy { FileManager.default.fileExists(atPath: $0) })
    let jobs = PluginJobs(settings: settings, folders: [folder])
    #expect(try jobs.check().problems.map(\.description) == [])
    let outcome = try jobs.test()
    #expect(outcome.passed, "\(outcome.cases) \(outcome.problems)")
    #expect(
      failure {
        _ = try PluginJobs(settings: settings, folders: []).new(
          kind: kind, name: "team.first-try", into: folder)
      } == "'\(paths[0])' is there already (choose another id)")
  }

  @Test("An unknown kind, a name that is no id and a folder that is not there are refused")
  func refused() throws {
    let jobs = PluginJobs(settings: settings, folders: [])
    #expect(
      failure { _ = try jobs.new(kind: "rul", name: "a.b", into: nil) }
        == "unknown kind of plugin 'rul' (did you mean 'rule'?)")
    #expect(
      failure { _ = try jobs.new(kind: "rule", name: "No Id", into: nil) }
        == "'No Id' is not an id (use lower-case words joined by . and -, such as auth.first-login)"
    )
    #expect(
      failure { _ = try PluginJobs(settings: settings, folders: ["/nowhere"]).check() }
        == "cannot read the plugins in '/nowhere': no such folder (check the path)")
  }

  @Test("A suite whose rule finds otherwise fails with what it expected")
  func failing() throws {
    let folder = try Scratch([
      "a.lua": """
      return rule {
        id = "test.a", title = "A", severity = "low", on = { kind = "login" },
        detect = function(event, f) return "seen" end,
      }
      """,
      "a.test.lua": """
      return suite "test.a" {
        finds_nothing = function(t)
          t:send { kind = "login", user = "ana" }
          t:expect_nothing()
        end,
      }
      """,
    ])
    let outcome = try PluginJobs(settings: settings, folders: [folder.path]).test()
    #expect(!outcome.passed)
    #expect(outcome.cases.map(\.passed) == [false])
  }

  @Test("A rule that fails fails its case, also where nothing was expected of it")
  func failingDetect() throws {
    func message(_ body: String) throws -> String {
      let folder = try Scratch([
        "a.lua": """
        return rule {
          id = "test.a", title = "A", severity = "low", on = { kind = "login" },
          detect = function(event, f)
            \(body)
          end,
        }
        """,
        "a.test.lua": """
        return suite "test.a" {
          silent = function(t)
            t:send { kind = "login", user = "ana" }
            t:expect_nothing()
          end,
        }
        """,
      ])
      let outcome = try PluginJobs(settings: settings, folders: [folder.path]).test()
      let only = try #require(outcome.cases.first)
      #expect(outcome.cases.count == 1 && !only.passed)
      #expect(only.line == 3 && only.course.count == 1)
      return only.message.replacing(folder.path + "/", with: "")
    }
    #expect(
      try message("return event.user + 1")
        == "a.lua:4: test.a failed on event test.a/1: attempt to perform arithmetic on a string value (field 'user')"
    )
    #expect(
      try message("while true do end")
        == "a.lua:4: test.a failed on event test.a/1: took longer than 5 ms")
    #expect(
      try message("return 5")
        == "a.lua: test.a failed on event test.a/1: detect must return a sentence, a table with a message, or nothing, not a number"
    )
  }

  @Test("A configured folder of plugins that is not there fails the check")
  func missingFolder() throws {
    var settings = settings
    settings.plugins.append("nowhere")
    let check = try PluginJobs(settings: settings, folders: []).check()
    #expect(!check.passed)
    #expect(
      check.problems.map(\.description) == [
        "\(repository)/nowhere: there is no such folder of plugins "
          + "(make it, or take it out of 'plugins' in the settings)"
      ])
    let said = Words()
    try Installation(settings).reportPlugins(to: said)
    #expect(said.all == check.problems.map(\.description))
  }
}

@Suite("An installation")
struct InstallationTests {
  @Test(
    "A list, an owner file or settings that cannot be read hide no problem of a plugin, and make none"
  )
  func tolerant() throws {
    let folder = try Scratch([
      "config/moonwatch.yaml": "plugins: [plugins]\nsourcs: x\n",
      "config/owners.yaml": "a: [",
      "config/sources/mine.yaml": "",
      "plugins/m.lua": """
      return mapping { id = "m", on = { kindd = "x" }, rows = {
        { id = "a", category = "C", risk = "low", cost_usd = 0, action = "A", owner = "anybody" } } }
      """,
    ])
    try Data([0xFF, 0x0A]).write(to: URL(fileURLWithPath: "\(folder.path)/lists.bin"))
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/config/lists", withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: "\(folder.path)/lists.bin", toPath: "\(folder.path)/config/lists/bin.txt")
    let (settings, problems) = try Settings.tolerant(
      path: "\(folder.path)/config/moonwatch.yaml", environment: [:])
    let check = try PluginJobs(settings: settings, folders: [], problems: problems).check()
    let files = check.problems.map { $0.file.replacing("\(folder.path)/", with: "") }
    #expect(
      Set(files) == [
        "config/moonwatch.yaml", "config/owners.yaml", "config/lists/bin.txt",
        "config/sources/mine.yaml", "plugins/m.lua",
      ], "\(check.problems)")
    #expect(files.count { $0 == "plugins/m.lua" } == 1, "\(check.problems)")
    #expect(!check.passed)
  }

  @Test("An unknown source is told with the nearest, or with all")
  func unknownSource() throws {
    let scratch = try Scratch()
    let settings = try shipped(scratch)
    #expect(
      failure { _ = try Installation.source("sshd-aut", settings) }
        == "unknown source 'sshd-aut' (did you mean 'sshd-auth'?)")
    #expect(
      failure { _ = try Installation.source("mainframe", settings) }
        .hasPrefix("unknown source 'mainframe' (known: card-transactions, cert-device, cert-logon"))
  }

  @Test("A plugin with an error is left out with a word, and stops a strict job")
  func problems() throws {
    let scratch = try Scratch(["p/bad.lua": "return rule {", "p/good.lua": "return 5"])
    let installation = try Installation(
      try shipped(scratch), folders: [scratch.path + "/p"])
    let said = Words()
    try installation.reportPlugins(to: said)
    #expect(said.all.count == installation.plugins.problems.count)
    #expect(said.all.allSatisfy { $0.hasSuffix(" – the file is left out") })
    #expect(
      failure { try installation.reportPlugins(to: said, strict: true) }
        .hasSuffix("(mend the plugin, or move it out of the folder)"))
  }
}

/// Remembers warnings.
private final class Words: JobProgress {
  private let state = Mutex<[String]>([])
  var all: [String] { state.withLock { $0 } }
  func begin(_ stage: String, total: Int?) {}
  func advance(to done: Int) {}
  func end(_ result: String) {}
  func warn(_ text: String) { state.withLock { $0.append(text) } }
}
