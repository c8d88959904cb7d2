import Cases
import Detection
import Plugins
import Primitives
import Testing

/// Finds every event of the user eve and remembers when events came.
private struct EveBench: SuiteBench {
  mutating func send(_ events: [EventRecord]) throws -> [SuiteFinding] {
    events.filter { $0.text("user") == "eve" }.map {
      SuiteFinding(
        rule: "auth.x", severity: .high, message: "eve at \($0.time)", mapping: "row",
        eventID: $0.id)
    }
      + events.prefix(1).map {
        SuiteFinding(
          rule: "other", severity: .low, message: "another rule", mapping: nil, eventID: $0.id)
      }
  }

  mutating func advance(to time: Timestamp) -> [SuiteFinding] { [] }
  mutating func tell(score: ModelScore) {}
  mutating func watch(rule: String) {}
  var course: [String] { ["first", "last"] }
  var failures: [RuleFailure] { [] }
}

private func outcome(_ body: String) throws -> SuiteCase {
  let set = try load([
    "a.lua":
      "return rule { id = \"auth.x\", title = \"X\", severity = \"high\", on = { kind = \"login\" } }",
    "a.test.lua": "return suite \"auth.x\" {\n  [\"one\"] = function(t)\n    \(body)\n  end,\n}",
  ])
  #expect(set.problems.map(\.message) == [])
  let suite = try #require(set.suites.first)
  return try #require(
    SuiteRunner(set: set, vocabulary: .test).run(suite) { EveBench() }.first)
}

@Suite("Suites at work")
struct SuiteRunnerTests {
  @Test(
    "Cases that pass",
    arguments: [
      "t:send { kind = 'login', user = 'eve' } t:expect { reason = 'eve at 2026-03-02T09:00:00Z' }",
      "t:wait(1 * hour) t:send { kind = 'login', user = 'eve' } t:expect { reason = 'eve at 2026-03-02T10:00:00Z' }",
      "t:send({ kind = 'login', user = 'eve' }, { times = 3, every = 5 * second }) t:expect { count = 3, reason = nil }",
      "t:send({ kind = 'login', user = 'eve' }, { times = 3, every = 5 * second }) t:expect { reason = 'eve at 2026-03-02T09:00:10Z' }",
      "t:send({ kind = 'login', user = 'eve' }, { at = '2026-03-03T00:00:00Z' }) t:expect { reason = 'eve at 2026-03-03T00:00:00Z' }",
      "t:send { kind = 'login', user = 'eve' } t:expect { mapping = 'row', severity = 'high' } t:send { kind = 'login', user = 'ana' } t:expect_nothing()",
      "t:send({ { kind = 'login', user = 'ana' }, { kind = 'logoff', user = 'eve' } }) t:expect { count = 1, severity = 'high' }",
    ])
  func passes(_ body: String) throws {
    let outcome = try outcome(body)
    #expect(outcome.passed, "\(outcome.message)")
    #expect(outcome.message == "" && outcome.name == "one" && outcome.suite == "auth.x")
    #expect(outcome.line == 2)
  }

  @Test(
    "Cases that fail say why",
    arguments: [
      (
        "t:send { kind = 'login', user = 'ana' } t:expect { severity = 'high' }",
        "expected a finding with severity \"high\", but nothing was found"
      ),
      (
        "t:send { kind = 'login', user = 'eve' } t:expect { severity = 'low', reason = 'x' }",
        "expected a finding with reason \"x\", severity \"low\", but found: high \"eve at 2026-03-02T09:00:00Z\" by auth.x, mapping row"
      ),
      (
        "t:send({ kind = 'login', user = 'eve' }, { times = 5 }) t:expect { count = 2 }",
        "expected 2 findings, but there are 5: high \"eve at 2026-03-02T09:00:00Z\" by auth.x, mapping row; high \"eve at 2026-03-02T09:00:01Z\" by auth.x, mapping row; high \"eve at 2026-03-02T09:00:02Z\" by auth.x, mapping row and 2 more"
      ),
      (
        "t:send { kind = 'login', user = 'eve' } t:expect_nothing()",
        "expected nothing, but found: high \"eve at 2026-03-02T09:00:00Z\" by auth.x, mapping row"
      ),
      ("t:send { kind = 'login' }", "expects nothing at all (call t:expect or t:expect_nothing)"),
      ("t:send { user = 'ana' }", "an event needs a kind"),
      ("t:send { kind = 'logn' }", "unknown kind 'logn', did you mean 'login'?"),
      ("t:send { kind = 'login', usr = 'a' }", "unknown field 'usr', did you mean 'user'?"),
      (
        "t:send { kind = 'login', is_fraud = 1 }",
        "'is_fraud' holds the truth about an event, and no plugin may use it"
      ),
      ("t:send({ kind = 'login' }, { time = 3 })", "unknown option 'time', did you mean 'times'?"),
      (
        "t:send({ kind = 'login' }, { times = 0 })",
        "'times' must be a whole number from 1 to 100000"
      ),
      (
        "t:send({ kind = 'login' }, { every = 5 })",
        "'every' must be a duration such as 15 * second"
      ),
      (
        "t:send({ kind = 'login' }, { at = '9:00' })",
        "'at' must be a time such as \"2026-03-02T09:00:00Z\""
      ),
      (
        "t:send({ kind = 'login' }, { at = '2026-03-01T00:00:00Z' })",
        "the clock is at 2026-03-02T09:00:00Z and does not run backwards"
      ),
      ("t:wait(5)", "t:wait needs a duration such as 1 * hour"),
      ("t:expect {}", "t:expect needs a table such as { severity = \"high\" }"),
      ("t:expect { reson = 'x' }", "unknown key 'reson', did you mean 'reason'?"),
      ("t:expect { severity = 'hihg' }", "unknown severity 'hihg', did you mean 'high'?"),
      (
        "t:plant { kind = 'login' }",
        "t:plant works in the suite of a scenario; there is none 'auth.x'"
      ),
      ("error('stop')", "stop"),
    ])
  func fails(_ body: String, _ message: String) throws {
    let outcome = try outcome(body)
    #expect(!outcome.passed)
    #expect(outcome.message == message)
    // What expects nothing at all failed on no event.
    #expect(outcome.course == (message.hasPrefix("expects nothing") ? [] : ["first", "last"]))
  }

  @Test(
    "Templates of every kind are read without a problem and pass", arguments: PluginTemplate.kinds)
  func templates(_ kind: String) throws {
    let files = PluginTemplate.files(kind: kind, name: "team.my-plugin")
    #expect(files.map(\.path) == ["team/my-plugin.lua", "team/my-plugin.test.lua"])
    let set = try load(Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.text) }))
    #expect(set.problems.map(\.description) == [])
    let suite = try #require(set.suites.first)
    let cases = SuiteRunner(set: set, vocabulary: .test).run(suite) {
      try WorkingBenchFactory.make(set)
    }
    #expect(!cases.isEmpty)
    #expect(cases.filter { !$0.passed }.map(\.message) == [])
  }

  @Test(
    "The test of a new mapping fails where one of its rows is broken",
    arguments: [
      ("at_least(100)", "at_least(101)"), ("at_least(100)", "at_least(99)"),
      ("id = \"team.m-large\"", "id = \"team.m-huge\""),
      ("id = \"team.m-other\"", "id = \"team.m-rest\""),
    ])
  func brokenRow(_ written: String, _ broken: String) throws {
    var files = Dictionary(
      uniqueKeysWithValues: PluginTemplate.files(kind: "mapping", name: "team.m").map {
        ($0.path, $0.text)
      })
    let text = try #require(files["team/m.lua"])
    #expect(text.contains(written))
    files["team/m.lua"] = text.replacing(written, with: broken)
    let set = try load(files)
    let suite = try #require(set.suites.first)
    let cases = SuiteRunner(set: set, vocabulary: .test).run(suite) {
      try WorkingBenchFactory.make(set)
    }
    #expect(cases.contains { !$0.passed })
  }

  @Test("A mapping of some rules counts before one of a kind of event, wherever it stands")
  func mappingsOfRules() throws {
    var files = Dictionary(
      uniqueKeysWithValues: PluginTemplate.files(kind: "mapping", name: "team.m").map {
        ($0.path, $0.text)
      })
    files["a.lua"] = """
      return mapping {
        id = "a", on = { kind = "login" },
        rows = { { id = "any", category = "C", risk = "low", cost_usd = 0, per = "incident", action = "A",
                   owner = "security_team" } },
      }
      """
    let set = try load(files)
    #expect(set.problems.map(\.description) == [])
    #expect(set.mappings.map(\.id) == ["team.m", "a"])
    let suite = try #require(set.suites.first)
    let cases = SuiteRunner(set: set, vocabulary: .test).run(suite) {
      try WorkingBenchFactory.make(set)
    }
    #expect(cases.filter { !$0.passed }.map(\.message) == [])
  }

  @Test("A template needs a kind and an id")
  func noTemplate() {
    #expect(PluginTemplate.files(kind: "pack", name: "x").isEmpty)
    #expect(PluginTemplate.files(kind: "rule", name: "../x").isEmpty)
  }
}

private enum WorkingBenchFactory {
  static func make(_ set: PluginSet) throws -> WorkingBench { try WorkingBench(set) }
}
