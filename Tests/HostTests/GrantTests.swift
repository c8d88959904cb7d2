import Detection
import Foundation
import Primitives
import Response
import Testing

@testable import Host

private let page = """
  return escalation {
    id = "page", when = { severity = "critical" }, uses = { "http" },
    settings = {
      url = setting.url "Where the pager listens", key = setting.secret "Routing key",
      wait = setting.duration { "How long a call may take", default = 5 * second },
    },
    run = function(alert, settings)
      act.http.post { url = settings.url, json = { key = settings.key, title = alert.title } }
    end,
  }
  """

private let contain = """
  return playbook {
    id = "contain", when = { severity = "high" }, uses = { "directory", "card" },
    steps = { { "lock", run = function(alert) act.directory.lock { user = alert.entity } end } },
  }
  """

@Suite("What the configuration grants")
struct GrantBookTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch(["p/page.lua": page, "p/contain.lua": contain])
  }

  /// The shipped configuration with two plugins and these grants, which begin at line 2.
  private func settings(_ grants: String) throws -> Settings {
    try scratch.write("config/moonwatch.yaml", "plugins: p\n\(grants)\n")
    try scratch.write("config/owners.yaml", try text(of: repository + "/config/owners.yaml"))
    try scratch.write(
      "config/sources/generic-jsonl.yaml",
      try text(of: repository + "/config/sources/generic-jsonl.yaml"))
    var settings = try Settings.load(
      path: scratch.path + "/config/moonwatch.yaml", environment: [:])
    settings.dataDirectory = scratch.path + "/var"
    return settings
  }

  private func said(_ problems: [Diagnostic]) -> [String] {
    problems.map { $0.description.replacing(scratch.path + "/", with: "") }
  }

  private func book(_ grants: String, _ environment: [String: String] = [:]) throws -> GrantBook {
    let settings = try settings(grants)
    return GrantBook(
      settings, try Installation(settings).plugins, environment: environment)
  }

  @Test("Uses, hosts, settings and secrets are read")
  func read() throws {
    let secret = try scratch.write("key", "hunter2\n")
    chmod(secret, 0o600)
    let book = try book(
      """
      grants:
        page:
          uses: [http]
          hosts: ["*.example.org"]
          settings: { url: "https://pager.example/v2", key: file:key, wait: 10 seconds }
        contain: { uses: [directory] }
      """)
    #expect(said(book.problems) == [])
    let grant = book.grant(of: "page")
    #expect(grant.uses == ["http"] && grant.secrets == ["key": "hunter2"])
    #expect(grant.hosts.map(\.text) == ["*.example.org", "pager.example:443"])
    #expect(grant.settings["wait"] == .number(10) && grant.settings["key"] == .text("file:key"))
    #expect(
      book.gaps == [
        .init(plugin: "contain", file: scratch.path + "/p/contain.lua", missing: ["card"])
      ])
    #expect(
      said(book.warnings) == [
        "p/contain.lua: warning: contain asks for 'card', which is not granted "
          + "(write grants: contain: uses: [card] in config/moonwatch.yaml)",
        "config/moonwatch.yaml:7: warning: contain is granted 'directory', and nobody does it here "
          + "(say who under acts: directory:)",
      ])
  }

  @Test("Who does acts is read, and every mistake in it is told with its line")
  func channels() throws {
    let sound = try settings(
      """
      acts:
        card: { list: blocked-cards }
        notify: { file: var/notices.jsonl }
        directory: { post: "https://idp.example/acts", token: env:IDP, private: true }
      """)
    #expect(
      sound.acts == [
        "card": .list("blocked-cards"), "notify": .file("var/notices.jsonl"),
        "directory": .post(url: "https://idp.example/acts", allowsPrivate: true, token: "env:IDP"),
      ])
    let said = failure {
      _ = try settings(
        """
        acts:
          cards: { list: a }
          http: { file: a }
          card: { list: ../a }
          notify: { list: a }
          address: { list: a, file: b }
          device: { post: ftp://a }
          directory: { post: "https://a.example", token: hunter2 }
        """)
    }
    #expect(
      said.replacing(scratch.path + "/", with: "").components(separatedBy: "\nmoonwatch: ") == [
        "config/moonwatch.yaml:3: acts: there is no capability 'cards' that others do "
          + "(did you mean 'card'?)",
        "config/moonwatch.yaml:4: acts: there is no capability 'http' that others do "
          + "(one of directory, card, address, device, notify)",
        "config/moonwatch.yaml:5: acts.card.list is '../a' "
          + "(write the name of a list in lower case, without .txt)",
        "config/moonwatch.yaml:6: acts.notify: a list tells nobody "
          + "(write { file: PATH } or { post: URL })",
        "config/moonwatch.yaml:7: acts.address says several ways (give one of list, file and post)",
        "config/moonwatch.yaml:8: acts.device.post is no address "
          + "(begin it with https:// and leave out names and passwords)",
        "config/moonwatch.yaml:9: acts.directory.token is a secret and stands in the open "
          + "(write env:NAME or file:PATH)",
      ])
    #expect(!said.contains("hunter2"))
  }

  @Test("A secret may stand in the environment")
  func environment() throws {
    let grants = """
      grants:
        page: { uses: [http], settings: { url: "https://a.example", key: env:PAGER_KEY } }
      """
    #expect(try book(grants, ["PAGER_KEY": "k"]).grant(of: "page").secrets == ["key": "k"])
    #expect(
      said(try book(grants).problems) == [
        "config/moonwatch.yaml:3: grants.page.settings: the variable PAGER_KEY that holds a secret "
          + "is not set (set it for this process, or write file:PATH)"
      ])
    #expect(
      said(try book(grants, ["PAGER_KEY": "a\r\nHost: b"]).problems) == [
        "config/moonwatch.yaml:3: grants.page.settings: the secret in env:PAGER_KEY has several "
          + "lines or control characters (write it on one line)"
      ])
  }

  @Test("Every mistake is told at once with its line, and no secret with it")
  func mistakes() throws {
    let open = try scratch.write("open", "hunter2\n")
    chmod(open, 0o644)
    let book = try book(
      """
      grants:
        page:
          uses: [http, card]
          settings:
            url: pager.example
            kye: env:X
            key: hunter2
            wait: 5
        pagee: { uses: [http] }
      """)
    #expect(
      said(book.problems) == [
        "config/moonwatch.yaml:4: grants.page.uses: page does not ask for 'card' (take it out)",
        "config/moonwatch.yaml:6: grants.page.settings: 'url' is no address "
          + "(write one that begins with https://)",
        "config/moonwatch.yaml:7: grants.page.settings: page has no setting 'kye' "
          + "(did you mean 'key'?)",
        "config/moonwatch.yaml:8: grants.page.settings: 'key' is a secret and stands in the open "
          + "(write env:NAME or file:PATH)",
        "config/moonwatch.yaml:9: grants.page.settings: 'wait' is '5' (write such as 5 minutes)",
        "config/moonwatch.yaml:10: grants.pagee: there is no escalation or playbook 'pagee' "
          + "(did you mean 'page'?)",
      ])
    #expect(
      said(
        try self.book(
          "grants:\n  page: { uses: [http], settings: { key: file:open } }"
        ).problems) == [
          "config/moonwatch.yaml:3: grants.page.settings: 'url' is missing: Where the pager listens "
            + "(write url: …)",
          "config/moonwatch.yaml:3: grants.page.settings: cannot read the secret in 'open': "
            + "everybody on this machine can read or write it (chmod 600 open)",
        ])
  }

  @Test(
    "What is wrong with the section itself is told as the settings are read",
    arguments: [
      ("grants: 5", ":2: 'grants' names no plugins (write the id of one and under it 'uses: […]')"),
      ("grants:\n  page: yes", ":3: grants.page grants nothing (write 'uses: [http]' under it)"),
      (
        "grants:\n  page: { use: [http] }",
        ":3: unknown key 'use' in grants.page (did you mean 'uses'?)"
      ),
      (
        "grants:\n  page: { uses: [htp] }",
        ":3: grants.page.uses: there is no capability 'htp' (did you mean 'http'?)"
      ),
      (
        "grants:\n  page: { uses: [[http]] }",
        ":3: grants.page.uses holds something that is not a text (write [one, another])"
      ),
      (
        "grants:\n  page: { hosts: ['https://a.example'] }",
        ":3: grants.page.hosts: 'https://a.example' is no host "
          + "(write example.org, *.example.org or either with a port, without https://)"
      ),
      (
        "grants:\n  page: { private: perhaps }",
        ":3: grants.page.private is not true or false (give one of them)"
      ),
      (
        "grants:\n  page: { settings: [a] }",
        ":3: grants.page.settings holds no settings (write one 'name: value' a line)"
      ),
      (
        "grants:\n  page: { settings: { key: [hunter2] } }",
        ":3: grants.page.settings.key is not one value (give it one)"
      ),
    ])
  func section(_ grants: String, _ message: String) throws {
    let said = failure { _ = try settings(grants) }
    #expect(said.replacing(scratch.path + "/", with: "") == "config/moonwatch.yaml\(message)")
    #expect(!said.contains("hunter2"))
  }

  @Test("The check, the list and the doctor say what is not granted, which fails nothing")
  func told() throws {
    let settings = try settings("grants: { contain: { uses: [directory] } }")
    let jobs = PluginJobs(settings: settings, folders: [])
    let check = try jobs.check()
    #expect(check.passed && check.problems == [] && check.ungranted.count == 3)
    #expect(try jobs.list().entries.map(\.state) == ["not granted", "not granted"])
    let doctor = DoctorJob(config: settings.file, dataDirectory: settings.dataDirectory).run()
    #expect(
      doctor.first { $0.name == "grants" }?.finding
        == "not granted what they ask for: page (http), contain (card)")
    let wrong = try self.settings("grants: { contian: { uses: [directory] } }")
    #expect(try !PluginJobs(settings: wrong, folders: []).check().passed)
    #expect(
      DoctorJob(config: wrong.file, dataDirectory: wrong.dataDirectory).run()
        .first { $0.name == "grants" }?.status == .failed)
  }
}
