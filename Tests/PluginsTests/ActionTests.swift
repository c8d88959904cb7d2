import Detection
import Primitives
import Response
import Testing

@testable import Plugins

private let page = """
  return escalation {
    id       = "page-on-call",
    when     = { severity = "critical", unclaimed = at_least(5 * minute) },
    uses     = { "http" },
    settings = {
      url  = setting.url "Where the pager listens",
      key  = setting.secret "Routing key",
      wait = setting.duration { "How long a call may take", default = 5 * second },
    },
    limit    = { 1, every = 30 * minute, per = { "owner", "entity" } },
    run = function(alert, settings)
      act.http.post { url = settings.url, timeout = settings.wait, retries = 3,
        headers = { authorization = "Bearer " .. settings.key },
        json = { dedup_key = alert.id, summary = alert.title, owner = alert.owner } }
    end,
  }
  """

private let contain = """
  return playbook {
    id    = "contain-account",
    when  = { rule = "auth.x", severity = { "high", "critical" } },
    uses  = { "directory", "notify" },
    steps = {
      { "lock sign-in",
        run  = function(alert) act.directory.lock { user = alert.entity } end,
        undo = function(alert) act.directory.unlock { user = alert.entity } end },
      { "was it you?", ask = "Did {entity} sign in just now?", choices = { "yes", "no" },
        within = 30 * minute, otherwise = "no" },
      { "finish", run = function(alert, answers)
          if answers["was it you?"] == "yes" then return act.directory.unlock { user = alert.entity } end
          act.directory.reset_password { user = alert.entity }
        end },
      { "tell", run = function(alert) act.notify.send { to = "soc", text = alert.title } end },
    },
  }
  """

private let rule =
  "return rule { id = \"auth.x\", title = \"X\", severity = \"high\", on = { kind = \"login\" } }"

/// The outcome of the cases of a suite over the two plugins.
private func outcomes(_ subject: String, _ cases: String) throws -> [String] {
  let set = try load([
    "rule.lua": rule, "page.lua": page, "contain.lua": contain,
    "x.test.lua": "return suite \"\(subject)\" {\n\(cases)\n}",
  ])
  #expect(set.problems.map(\.description) == [])
  return set.suites.flatMap { suite in
    SuiteRunner(set: set, vocabulary: .test).run(suite) { try WorkingBench(set) }
  }.map { $0.passed ? "ok" : $0.message }
}

@Suite("Escalations and playbooks")
struct ActionTests {
  @Test("What is read")
  func read() throws {
    let set = try load(["rule.lua": rule, "page.lua": page, "contain.lua": contain])
    #expect(set.problems == [])
    let escalation = try #require(set.escalations.first).escalation
    #expect(escalation.uses == ["http"])
    #expect(escalation.limit == ActLimit(1, every: .minutes(30), per: ["owner", "entity"]))
    #expect(escalation.settings.map(\.name) == ["key", "url", "wait"])
    #expect(escalation.settings.map(\.kind) == [.secret, .url, .duration])
    #expect(escalation.settings.last?.standard == .number(5))
    let playbook = try #require(set.playbooks.first).playbook
    #expect(playbook.steps.map(\.name) == ["lock sign-in", "was it you?", "finish", "tell"])
    #expect(playbook.steps.first?.kind == .run(canUndo: true))
  }

  @Test("An escalation pages once, after five minutes, and not when the alert was claimed")
  func escalation() throws {
    let cases = """
      ["pages"] = function(t)
        t:set { url = "https://pager.example", key = "k" }
        t:alert { severity = "critical", owner = "security_team", entity = "ana", title = "Takeover" }
        t:wait(4 * minute)
        t:expect_no_act()
        t:wait(1 * minute)
        t:expect_act { "http.post", url = "https://pager.example", timeout = 5 * second,
          json = { dedup_key = "alert-1", owner = "security_team" } }
        t:alert { severity = "critical", owner = "security_team", entity = "ana" }
        t:wait(10 * minute)
        t:expect_no_act()
      end,
      ["claimed"] = function(t)
        t:set { url = "https://pager.example", key = "k" }
        t:alert { severity = "critical" }
        t:claim()
        t:wait(1 * hour)
        t:expect_no_act()
      end,
      ["the key is never seen"] = function(t)
        t:set { url = "https://pager.example", key = "hunter2" }
        t:alert { severity = "critical" }
        t:wait(5 * minute)
        t:expect_no_act()
      end,
      ["not set"] = function(t)
        t:alert { severity = "critical" }
        t:wait(5 * minute)
        t:expect_no_act()
      end,
      """
    let said = try outcomes("page-on-call", cases)
    #expect(said.prefix(2) == ["ok", "ok"])
    #expect(
      said[2]
        == "expected no act, but these were done: http.post {\"headers\":{\"authorization\":\"Bearer ‹secret›\"},\"json\":{\"dedup_key\":\"alert-1\",\"summary\":\"Alert\"},\"retries\":3,\"timeout\":5,\"url\":\"https://pager.example\"}"
    )
    #expect(said[3] == "the setting 'key' is not set (call t:set { key = … })")
  }

  @Test("A playbook locks, asks and finishes as it was answered")
  func playbook() throws {
    let cases = """
      ["it was ana"] = function(t)
        t:alert { rule = "auth.x", severity = "high", entity = "ana" }
        t:expect_act { "directory.lock", user = "ana" }
        t:expect_question "Did ana sign in just now?"
        t:answer("was it you?", "yes")
        t:expect_acts { "directory.unlock", "notify.send" }
      end,
      ["nobody answers"] = function(t)
        t:alert { rule = "auth.x", severity = "high", entity = "ana" }
        t:wait(30 * minute)
        t:expect_acts { "directory.lock", "directory.reset_password", "notify.send" }
      end,
      ["another alert"] = function(t)
        t:alert { rule = "auth.x", severity = "low", entity = "ana" }
        t:expect_no_act()
      end,
      ["the directory is down"] = function(t)
        t:fail("directory.reset_password", "timeout")
        t:alert { rule = "auth.x", severity = "high", entity = "ana" }
        t:answer("was it you?", "no")
        t:expect_acts { "directory.lock", "directory.reset_password", "directory.unlock" }
      end,
      ["what failed is said"] = function(t)
        t:fail("directory.lock", "timeout")
        t:alert { rule = "auth.x", severity = "high", entity = "ana" }
        t:expect_act { "notify.send" }
      end,
      ["it fails of itself"] = function(t)
        t:alert { rule = "auth.x", severity = "high" }
        t:expect_no_act()
      end,
      """
    let said = try outcomes("contain-account", cases)
    #expect(said.prefix(4) == ["ok", "ok", "ok", "ok"])
    #expect(
      said[4].hasPrefix(
        "expected the act notify.send, but these were done: directory.lock {\"user\":\"ana\"};"
          + " the playbook failed at 'lock sign-in': "))
    #expect(said[4].contains("directory.lock failed: timeout"))
    #expect(said[5].hasPrefix("the playbook failed at 'lock sign-in': "))
    #expect(said[5].hasSuffix("contain.lua:7: act.directory.lock needs 'user'"))
  }

  private func escalation(_ keys: String) -> String {
    "return escalation {\n  id = \"e\",\n  when = { severity = \"high\" },\n  \(keys)\n}"
  }

  private func playbook(_ steps: String) -> String {
    "return playbook { id = \"p\", when = { severity = \"high\" }, uses = { \"card\" }, steps = {\n\(steps)\n} }"
  }

  @Test("Mistakes, word for word")
  func mistakes() throws {
    let run = "run = function() end"
    let wrong = [
      (
        escalation(""),
        "1: escalation: 'run' is missing (write run = function(alert, settings) … end)"
      ),
      (
        "return escalation { id = \"e\", \(run) }",
        "1: escalation: 'when' is missing: every alert would set it off (write when = { severity = \"critical\" })"
      ),
      (
        escalation("uses = { \"htp\" }, \(run)"),
        "4: escalation: uses: there is no capability 'htp', did you mean 'http'? (one of http, directory, card, address, device, notify, case)"
      ),
      (
        escalation("limit = { every = 5 * minute }, \(run)"),
        "4: escalation: limit: a limit begins with how many are allowed (write { 1, every = 30 * minute })"
      ),
      (
        escalation("limit = { 1, every = 5 * minute, per = { \"ownr\" } }, \(run)"),
        "4: escalation: limit.per: an alert has no 'ownr', did you mean 'owner'?"
      ),
      (
        escalation("settings = { key = setting.secret { \"K\", default = \"x\" } }, \(run)"),
        "4: escalation: settings.key: a secret has no default, or everybody would know it"
      ),
      (
        escalation("settings = { key = setting.text {} }, \(run)"),
        "4: escalation: settings.key: says not what it is for (write setting.text \"What it is for\")"
      ),
      (
        escalation("settings = { key = \"x\" }, \(run)"),
        "4: escalation: settings: 'key' must be a setting such as setting.text \"…\", not a text"
      ),
      (
        escalation("settings = { key = setting.sercet \"x\" }, \(run)"),
        "4: unknown name 'setting.sercet', did you mean 'setting.secret'?"
      ),
      (
        escalation("run = function() act.http.post { url = \"https://x\" } end"),
        "4: act.http.post needs the capability 'http' (write uses = { \"http\" })"
      ),
      (
        escalation("uses = { \"http\" }, run = function() act.http.pots {} end"),
        "4: there is no act 'http.pots', did you mean 'http.post'?"
      ),
      (
        "return rule { id = \"r\", title = \"T\", severity = \"low\",\n  detect = function(e) act.card.block { card = e.card } end }",
        "2: a rule cannot act: act.card.block (do it in an escalation or a playbook)"
      ),
      (
        "return escalation { id = \"e\", when = { severity = \"hihg\" }, \(run) }",
        "1: escalation: when: unknown severity 'hihg', did you mean 'high'?"
      ),
      (
        "return escalation { id = \"e\", when = { amount = 5 }, \(run) }",
        "1: escalation: when: an alert has no 'amount'"
      ),
      (playbook(""), "1: playbook: steps: no steps"),
      (
        playbook("{ run = function() end }"),
        "2: playbook: steps[1]: a step begins with its name (write { \"lock sign-in\", run = … })"
      ),
      (
        playbook("{ \"a\", run = function() end },\n{ \"a\", run = function() end }"),
        "3: playbook: steps[2]: an earlier step is named 'a' too"
      ),
      (
        playbook(
          "{ \"a\", ask = \"{entty}?\", choices = { \"y\", \"n\" }, within = 1 * hour, otherwise = \"n\" }"
        ),
        "2: playbook: steps[1]: an alert has no '{entty}', did you mean 'entity'?"
      ),
      (
        playbook(
          "{ \"a\", ask = \"?\", choices = { \"y\", \"n\" }, within = 1 * hour, otherwise = \"maybe\" }"
        ),
        "2: playbook: steps[1]: 'maybe' is none of the choices (one of y, n)"
      ),
      (
        playbook(
          "{ \"a\", ask = \"?\", choices = { \"y\" }, within = 1 * hour, otherwise = \"y\" }"),
        "2: playbook: steps[1]: a question needs at least two choices (write choices = { \"yes\", \"no\" })"
      ),
      (
        playbook("{ \"a\", run = function() end, within = 1 * hour }"),
        "2: playbook: steps[1]: 'within' belongs to a question, and nothing is asked (write ask = \"…\")"
      ),
    ]
    for (source, message) in wrong {
      let found = try problems(["x.lua": source])
      #expect(found.contains("x.lua:\(message)"), "\(found)")
    }
  }

  @Test("A rule that nobody has is a warning: it may stand in another folder")
  func unknownRule() throws {
    #expect(
      try problems([
        "r.lua": rule,
        "x.lua":
          "return escalation { id = \"e\", when = { rule = \"auth.y\" }, run = function() end }",
      ]) == [
        "x.lua:1: warning: escalation: when: no rule here has the id 'auth.y', did you mean 'auth.x'?"
      ])
  }

  @Test("An act is refused in its own words where it is asked for wrongly")
  func refused() throws {
    func said(_ body: String, _ given: String = "{}") throws -> String {
      let set = try load([
        "x.lua":
          "return escalation { id = \"e\", when = { severity = \"high\" }, uses = { \"http\", \"address\" },\n  run = function(alert, settings) local given = \(given) \(body) end }"
      ])
      #expect(set.problems == [])
      let runner = try EscalationRunner(try #require(set.escalations.first), settings: [:])
      do {
        try runner.run(AlertFacts(time: Timestamp(seconds: 0), values: [:])) { _ in
          ["ok": .flag(true)]
        }
        return "done"
      } catch { return error.message }
    }
    #expect(try said("act.http.post(given)", "{ url = \"https://x\" }") == "done")
    #expect(try said("act.http.post(given)", "{}") == "act.http.post needs 'url'")
    #expect(
      try said("act.http.post(given)", "{ ulr = \"x\" }")
        == "act.http.post knows no 'ulr', did you mean 'url'?")
    #expect(
      try said("act.http.post(given)", "{ url = \"ftp://x\" }")
        == "act.http.post: 'url' must be a url, not a text")
    #expect(
      try said("act.address.block(given)", "{ address = \"1.2.3.4\", duration = 60 }")
        == "act.address.block: 'duration' must be a duration, not a number")
    #expect(
      try said("return alert[\"entty\" .. \"\"]")
        == "an alert has no 'entty', did you mean 'entity'?")
    #expect(try said("return settings[\"url\" .. \"\"]") == "the plugin's settings has no 'url'")
  }

  @Test("The table of acts and the words for editors say the same, both ways")
  func meta() throws {
    let meta = try repositoryText("plugins/meta/moonwatch.lua")
    var documented: Set<String> = []
    for line in meta.split(separator: "\n") {
      if let match = line.firstMatch(of: #/^function act\.([a-z_]+\.[a-z_]+)\(/#) {
        documented.insert(String(match.1))
      }
    }
    #expect(documented == Set(ActWord.allCases.map(\.rawValue)))
    for word in ActWord.allCases { #expect(meta.contains(word.sentence), "\(word)") }
    for kind in SettingDefinition.Kind.allCases {
      #expect(meta.contains("function setting.\(kind.rawValue)("), "\(kind)")
    }
    for word in ActionCase.words + ["score", "rarity"] {
      #expect(meta.contains("function Bench:\(word)("), "\(word)")
    }
    for name in AlertFacts.types.keys { #expect(meta.contains("---@field \(name) "), "\(name)") }
  }
}
