import Cases
import Detection
import Foundation
import Ingest
import Primitives
import Response
import Store
import Testing

@testable import Host

@Suite("Acts carried out", .timeLimit(.minutes(20)))
struct ResponderTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch([
      "p/rule.lua": """
      return rule {
        id = "t.login", title = "A login", severity = "critical", on = { kind = "login" },
        per = "user", message = "login by {user}",
      }
      """, "key": "s3cret-\"key\"\n",
    ])
    #expect(chmod(scratch.path + "/key", 0o600) == 0)
  }

  func settings(
    _ plugins: [String: String] = [:], grants: [String: GrantSettings] = [:],
    acts: [String: ActChannel] = [:], users: Int = 1
  ) throws -> Settings {
    for (name, text) in plugins { try scratch.write("p/\(name).lua", text) }
    let lines = (0..<users).map {
      EventWriter.line(login("e\($0)", at: Int64($0), user: "u\($0)"))
    }
    try scratch.write("events.jsonl", lines.joined(separator: "\n") + "\n")
    var settings = try shipped(scratch)
    settings.plugins = [scratch.path + "/p"]
    settings.lists = scratch.path + "/lists"
    settings.grants = grants
    settings.acts = acts
    settings.run.inputs = [
      RunSettings.Input(source: "generic-jsonl", paths: [scratch.path + "/events.jsonl"])
    ]
    return settings
  }

  func grant(
    _ uses: [String], _ settings: [String: String] = [:], hosts: [String] = [],
    isPrivate: Bool = true
  ) -> GrantSettings {
    GrantSettings(
      uses: uses.map { .init(text: $0) }, hosts: hosts.map { .init(text: $0) },
      allowsPrivate: isPrivate, settings: settings.mapValues { .init(text: $0) })
  }

  /// An escalation that posts what it is told to where it is told to.
  func hook(_ extra: String = "", limit: String = "", when: String = "") -> String {
    """
    return escalation {
      id = "hook", when = { rule = "t.login"\(when) }, uses = { "http" }, \(limit)
      settings = { url = setting.url "Where", key = setting.secret { "Key" } },
      run = function(alert, settings)
        act.http.post { url = settings.url, json = { key = settings.key, entity = alert.entity },
          headers = { ["X-Token"] = settings.key }\(extra) }
      end,
    }
    """
  }

  func hookGrant(_ server: WebServer, isPrivate: Bool = true) -> [String: GrantSettings] {
    [
      "hook": grant(
        ["http"], ["url": server.url + "/in", "key": "file:\(scratch.path)/key"],
        isPrivate: isPrivate)
    ]
  }

  func run(_ settings: Settings) throws {
    _ = try RunJob(settings: settings, untilIdle: true).run(progress: NoProgress())
  }

  func responses(_ settings: Settings) throws -> [StoredResponse] {
    try Control(settings: settings, asUser: "ana").responses(limit: 100).reversed()
  }

  func acts(_ settings: Settings, dead: Bool = false) throws -> [StoredAct] {
    try Control(settings: settings, asUser: "ana").acts(of: nil, dead: dead, limit: 100).reversed()
  }

  /// Every byte of the data directory.
  private func everything(_ settings: Settings) throws -> [UInt8] {
    let folder = settings.dataDirectory
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.flatMap { name -> [UInt8] in
      FileManager.default.contents(atPath: folder + "/" + name).map(Array.init) ?? []
    }
  }

  // MARK: http

  @Test("An alert sets off a web hook once, however often the service starts, and no secret stays")
  func webHook() throws {
    let server = WebServer { _, request in
      // An answer that repeats everything, the secret too.
      .init(body: request.body + (request.headers["x-token"] ?? ""))
    }
    let settings = try settings(["hook": hook()], grants: hookGrant(server), users: 2)
    try run(settings)
    try run(settings)
    #expect(server.requests.count == 2)
    let first = try #require(server.requests.first)
    #expect(first.line == "POST /in HTTP/1.1")
    let body = try JSONValue.parse(first.body)
    #expect(body["key"]?.text == "s3cret-\"key\"")
    #expect(first.headers["x-token"] == "s3cret-\"key\"")
    #expect(Set(server.requests.compactMap { $0.headers["idempotency-key"] }).count == 2)
    let acts = try acts(settings)
    #expect(acts.map(\.state) == [.done, .done] && acts.allSatisfy { $0.attempts == 1 })
    #expect(
      Set(acts.map(\.key)) == Set(server.requests.compactMap { $0.headers["idempotency-key"] }))
    #expect(acts[0].arguments.contains("‹secret›"))
    #expect(try responses(settings).map(\.state) == [.done, .done])
    let secret = Array("s3cret".utf8)
    let bytes = try everything(settings)
    #expect(bytes.count > 100_000)
    #expect(!bytes.indices.dropLast(6).contains { bytes[$0...].starts(with: secret) })
    let control = Control(settings: settings)
    #expect(try control.verifyAudit().isWhole)
    let history = try control.history(acts[0].alert).records.map(\.action)
    #expect(history == ["alert.act-begin", "alert.act-done", "alert.response-done"])
  }

  @Test("What fails for a moment is tried again, with the same key")
  func triedAgain() throws {
    let server = WebServer { number, _ in .init(status: number == 0 ? 503 : 200) }
    let settings = try settings(["hook": hook(", retries = 2")], grants: hookGrant(server))
    try run(settings)
    #expect(server.requests.count == 2)
    #expect(Set(server.requests.compactMap { $0.headers["idempotency-key"] }).count == 1)
    let act = try #require(try acts(settings).first)
    #expect(act.state == .done && act.attempts == 2)
  }

  @Test("What is refused for good is dead until a person has it done again")
  func dead() throws {
    let server = WebServer { number, _ in
      .init(status: number == 0 ? 404 : 200, body: "no s3cret-\"key\" here")
    }
    let settings = try settings(["hook": hook(", retries = 2")], grants: hookGrant(server))
    try run(settings)
    let act = try #require(try acts(settings, dead: true).first)
    #expect(act.reason == "the other side answered 404: no ‹secret› here")
    let failed = try #require(try responses(settings).first)
    #expect(failed.state == .failed)
    #expect(
      failed.reason?.replacing(scratch.path, with: "")
        == "/p/hook.lua:5: http.post failed: the other side answered 404: no ‹secret› here")
    try run(settings)
    #expect(server.requests.count == 1)
    let control = Control(settings: settings, asUser: "ana")
    _ = try control.retryAct(String(act.key.prefix(8)), note: "mended")
    try run(settings)
    #expect(server.requests.count == 2)
    #expect(try acts(settings).map(\.state) == [.done])
    #expect(try responses(settings).map(\.state) == [.done])
    #expect(
      failure { _ = try control.dropAct(act.key, note: nil) }
        == "act \(act.key.prefix(10)) is not dead: it is done "
        + "(moonwatch responses acts --dead shows those that are)")
  }

  @Test("A redirect is not followed, a slow answer is not waited for")
  func redirectAndSlow() throws {
    let other = WebServer()
    let server = WebServer { number, _ in
      number == 0
        ? .init(status: 302, headers: ["Location: \(other.url)"], body: "") : .init(delay: 0.6)
    }
    let settings = try settings(
      ["hook": hook(", timeout = 0.2 * second")], grants: hookGrant(server), users: 2)
    try run(settings)
    #expect(other.requests.isEmpty)
    let dead = try acts(settings, dead: true)
    #expect(dead.map(\.state) == [.failed, .unknown])
    #expect(
      dead.first?.reason == "the other side sends elsewhere (302), which is not followed")
    let late = try #require(dead.last?.reason)
    #expect(late.hasPrefix("Operation timed out"))
    #expect(late.hasSuffix(", and whether it was done is not known"))
  }

  @Test("An address of this machine is not connected to unless that is granted, by name either")
  func privateAddress() throws {
    let server = WebServer()
    let named = """
      return escalation {
        id = "named", when = { rule = "t.login" }, uses = { "http" },
        run = function() act.http.get { url = "http://\(try hostName()):\(server.port)/" } end,
      }
      """
    var grants = hookGrant(server, isPrivate: false)
    grants["named"] = grant(
      ["http"], hosts: ["\(try hostName()):\(server.port)"], isPrivate: false)
    let settings = try settings(["hook": hook(), "named": named], grants: grants)
    try run(settings)
    #expect(server.requests.isEmpty)
    let acts = try acts(settings, dead: true)
    #expect(
      acts.first { $0.plugin == "hook" }?.reason
        == "act.http.post is refused: '127.0.0.1' is no host of the public Internet "
        + "(write 'private: true' under grants: hook: in the settings)")
    let reason = try #require(acts.first { $0.plugin == "named" }?.reason)
    #expect(
      reason.hasSuffix(
        "is no public address (write 'private: true' beside its host if it may be reached)"))
  }

  /// A name that stands for this machine and does not look so.
  private func hostName() throws -> String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count)
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      .lowercased()
  }

  // MARK: what is not done

  @Test("detect writes down what would be done and does nothing; run then does it")
  func detectOnlyRecords() throws {
    let server = WebServer()
    let settings = try settings(["hook": hook()], grants: hookGrant(server))
    _ = try DetectJob(
      settings: settings,
      options: DetectOptions(
        inputs: [scratch.path + "/events.jsonl"], source: "generic-jsonl", keepsAlerts: true)
    ).run(progress: NoProgress())
    let withheld = try #require(try responses(settings).first)
    #expect(withheld.state == .withheld)
    #expect(withheld.reason == "detect writes down what would be done")
    #expect(server.requests.isEmpty)
    try run(settings)
    #expect(server.requests.count == 1)
  }

  @Test("What is not granted, not set, claimed or beyond its limit is withheld and says why")
  func withheld() throws {
    let server = WebServer()
    var settings = try settings(["hook": hook()], users: 3)
    try run(settings)
    #expect(
      try responses(settings).map(\.reason) == Array(repeating: "not granted: http", count: 3))
    settings.dataDirectory += "2"
    settings.grants = ["hook": grant(["http"])]
    try run(settings)
    #expect(try responses(settings).first?.reason == "not set: key, url")
    settings.dataDirectory += "3"
    settings.grants = hookGrant(server)
    try scratch.write(
      "p/hook.lua", hook(limit: "limit = { 2, every = 1 * hour, per = { \"rule\" } },"))
    try run(settings)
    #expect(server.requests.count == 2)
    #expect(
      try responses(settings).compactMap(\.reason) == ["its limit of 2 in this time is reached"])
    settings.dataDirectory += "4"
    try scratch.write("p/hook.lua", hook(when: ", unclaimed = at_least(1 * second)"))
    try run(settings)
    #expect(try responses(settings).map(\.state) == [.due, .due, .due])
    let control = Control(settings: settings, asUser: "ana")
    for alert in try control.list(limit: 10).dropFirst() {
      _ = try control.acknowledge(alert.alert.id)
    }
    Thread.sleep(forTimeInterval: 1.1)
    try run(settings)
    #expect(server.requests.count == 3)
    #expect(
      Set(try responses(settings).compactMap(\.reason)) == ["somebody has taken the alert on"])
  }

  @Test("What was under way when the program ended is done by nobody again, and is told")
  func lost() throws {
    let (from, to) = (scratch.path + "/var", scratch.path + "/killed")
    let server = WebServer { _, _ in
      // What a kill at this moment would leave.
      do {
        try FileManager.default.copyItem(atPath: from, toPath: to)
      } catch {
        Issue.record(error)
      }
      return .init()
    }
    var settings = try settings(["hook": hook()], grants: hookGrant(server))
    try run(settings)
    settings.dataDirectory = to
    try run(settings)
    #expect(server.requests.count == 1)
    let act = try #require(try acts(settings, dead: true).first)
    #expect(act.state == .unknown)
    #expect(act.reason == "the program ended while it was done, and whether it was is not known")
    #expect(try responses(settings).first?.state == .failed)
  }

  // MARK: playbooks and the other acts

  private let contain = """
    return playbook {
      id = "contain", when = { rule = "t.login" }, uses = { "directory", "notify", "case" },
      steps = {
        { "lock", run = function(alert) act.directory.lock { user = alert.entity } end,
          undo = function(alert) act.directory.unlock { user = alert.entity } end },
        { "note", run = function(alert) act.case.comment { alert = alert.id, text = "locked" } end },
        { "you?", ask = "Was it {entity}?", choices = { "yes", "no" }, within = 30 * minute,
          otherwise = "no" },
        { "finish", run = function(alert, answers)
            act.notify.send { to = "soc", text = "answered " .. answers["you?"] }
            if answers["you?"] == "yes" then act.directory.unlock { user = alert.entity } end
          end },
      },
    }
    """

  @Test("A playbook waits for an answer over restarts; lists, files and comments are acts too")
  func playbook() throws {
    try scratch.write("lists/locked.txt", "# by hand\nmallory\n")
    let settings = try settings(
      ["contain": contain],
      grants: ["contain": grant(["directory", "notify", "case"], isPrivate: false)],
      acts: ["directory": .list("locked"), "notify": .file(scratch.path + "/notices.jsonl")])
    try run(settings)
    let asking = try #require(try responses(settings).first)
    #expect(asking.state == .asking && asking.question?.text == "Was it u0?")
    #expect(try text(of: scratch.path + "/lists/locked.txt") == "# by hand\nmallory\nu0\n")
    let control = Control(settings: settings, asUser: "ana")
    #expect(try control.history(asking.alert).records.contains { $0.note == "locked" })
    #expect(
      failure { _ = try control.answer(asking.id, "perhaps") }
        == "'perhaps' is no answer to 'Was it u0?' (one of yes, no)")
    _ = try control.answer(asking.id, "yes")
    try run(settings)
    let done = try #require(try responses(settings).first)
    #expect(done.state == .done && done.answers.map(\.by) == ["ana"])
    #expect(
      try acts(settings).map(\.act) == [
        "directory.lock", "case.comment", "notify.send", "directory.unlock",
      ])
    #expect(try text(of: scratch.path + "/lists/locked.txt") == "# by hand\nmallory\n")
    let notice = try JSONValue.parse(try text(of: scratch.path + "/notices.jsonl"))
    #expect(notice["arguments"]?["text"]?.text == "answered yes")
    #expect(notice["act"]?.text == "notify.send" && notice["alert"]?.text == asking.alert)
  }

  @Test("A question that nobody answers in time gets the answer that holds otherwise")
  func nobodyAnswers() throws {
    let settings = try settings(
      ["contain": contain.replacing("30 * minute", with: "0.1 * second")],
      grants: ["contain": grant(["directory", "notify", "case"])],
      acts: ["directory": .list("locked"), "notify": .file(scratch.path + "/notices.jsonl")])
    try run(settings)
    Thread.sleep(forTimeInterval: 0.2)
    try run(settings)
    let done = try #require(try responses(settings).first)
    #expect(done.state == .done && done.answers.map(\.choice) == ["no"])
    #expect(done.answers.map(\.by) == [nil])
    #expect(try text(of: scratch.path + "/lists/locked.txt") == "u0\n")
  }

  @Test("A step that fails has what came before it undone, and says what nobody does here")
  func undone() throws {
    let settings = try settings(
      ["contain": contain], grants: ["contain": grant(["directory", "notify"])],
      acts: ["directory": .list("locked")])
    var granted = settings
    granted.grants["contain"]?.uses.append(.init(text: "case"))
    granted.acts = ["directory": .post(url: "http://127.0.0.1:1/", allowsPrivate: true, token: nil)]
    try run(granted)
    let failed = try #require(try responses(granted).first)
    #expect(failed.state == .failed)
    #expect(failed.reason?.hasPrefix("at 'lock': ") == true)
    let none = try acts(granted, dead: true)
    #expect(none.map(\.act) == ["directory.lock"])
    granted.dataDirectory += "2"
    granted.acts = ["directory": .list("locked")]
    try run(granted)
    let control = Control(settings: granted, asUser: "ana")
    let asking = try #require(try responses(granted).first)
    _ = try control.answer(asking.id, "no")
    try run(granted)
    let notified = try #require(try responses(granted).first)
    #expect(
      notified.reason?.contains("nobody does 'notify' here (say who under acts: in ") == true)
    #expect(
      try acts(granted).last.map { ($0.act, $0.isUndo) }.map { "\($0)" }
        == "(\"directory.unlock\", true)")
    #expect(
      failure {
        _ = try control.retryAct(try #require(try acts(granted, dead: true).first).key, note: nil)
      }
      .contains("belongs to a playbook, which has undone what came before it"))
  }
}
