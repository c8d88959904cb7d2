import Detection
import Plugins
import Primitives
import Testing

/// A rule around some keys; the keys begin on line 5.
private func rule(_ keys: String) -> String {
  """
  return rule {
    id = "auth.x",
    title = "X",
    severity = "high",
    \(keys)
  }
  """
}

/// The outcome of the cases of a suite over one rule.
private func outcomes(_ keys: String, _ cases: String) throws -> [String] {
  let set = try load([
    "x.lua": rule(keys), "x.test.lua": "return suite \"auth.x\" {\n\(cases)\n}",
  ])
  #expect(set.problems.map(\.description) == [])
  return set.suites.flatMap { suite in
    SuiteRunner(set: set, vocabulary: .test).run(suite) { try WorkingBench(set) }
  }.map { $0.passed ? "ok" : $0.message }
}

@Suite("Sequences and silence in rules")
struct PatternTests {
  private let takeover = """
    sequence = {
        { kind = "login", outcome = "failure", times = 3 }, { kind = "login", outcome = "success" },
        within = 10 * minute, by = "user",
      },
      without = { kind = "logoff" },
      message = "{user} got in after 3 failures",
    """

  @Test("Three failures and a success are found, with a logoff in between they are not")
  func sequence() throws {
    let cases = """
      ["in"] = function(t)
        t:send({ kind = "login", user = "ana", outcome = "failure" }, { times = 3, every = 1 * minute })
        t:expect_nothing()
        t:send { kind = "login", user = "bob", outcome = "success" }
        t:expect_nothing()
        t:send { kind = "login", user = "ana", outcome = "success" }
        t:expect { severity = "high", reason = "ana got in after 3 failures" }
      end,
      ["logoff"] = function(t)
        t:send({ kind = "login", user = "ana", outcome = "failure" }, { times = 3, every = 1 * minute })
        t:send { kind = "logoff", user = "ana" }
        t:send { kind = "login", user = "ana", outcome = "success" }
        t:expect_nothing()
      end,
      ["too slow"] = function(t)
        t:send({ kind = "login", user = "ana", outcome = "failure" }, { times = 3, every = 5 * minute })
        t:send { kind = "login", user = "ana", outcome = "success" }
        t:expect_nothing()
      end,
      """
    #expect(try outcomes(takeover, cases) == ["ok", "ok", "ok"])
  }

  @Test("What should follow and does not is found by the clock alone")
  func absence() throws {
    let keys = """
      sequence = { { kind = "connect" }, within = 8 * hour, by = "device" },
        without = { kind = "disconnect" },
        message = "{device} has been connected for 8 hours since {time}",
      """
    let cases = """
      ["left in"] = function(t)
        t:send { kind = "connect", user = "ana", device = "USB-1" }
        t:wait(7 * hour)
        t:expect_nothing()
        t:wait(1 * hour)
        t:expect { reason = "USB-1 has been connected for 8 hours since 2026-03-02T17:00:00Z", count = 1 }
        t:wait(100 * hour)
        t:expect_nothing()
      end,
      ["taken out"] = function(t)
        t:send { kind = "connect", user = "ana", device = "USB-1" }
        t:wait(1 * hour)
        t:send { kind = "disconnect", user = "ana", device = "USB-1" }
        t:wait(100 * hour)
        t:expect_nothing()
      end,
      """
    #expect(try outcomes(keys, cases) == ["ok", "ok"])
  }

  @Test("A series that falls silent is found once somebody else's event has passed the time")
  func flatline() throws {
    let keys = """
      flatline = { { kind = "metric" }, within = 1 * hour, by = "series", after = 3 },
        detect = function(event) return event.series .. " is silent" end,
      """
    let cases = """
      ["silent"] = function(t)
        t:send({ kind = "metric", series = "a", value = 1 }, { times = 3, every = 10 * minute })
        t:send({ kind = "metric", series = "b", value = 1 }, { times = 7, every = 10 * minute })
        t:expect { reason = "a is silent", count = 1 }
      end,
      ["too few to say"] = function(t)
        t:send({ kind = "metric", series = "a", value = 1 }, { times = 2, every = 10 * minute })
        t:wait(2 * hour)
        t:expect_nothing()
      end,
      """
    #expect(try outcomes(keys, cases) == ["ok", "ok"])
  }

  @Test("What is read")
  func read() throws {
    let rule = try #require(try load(["x.lua": rule(takeover)]).rules.first)
    #expect(rule.per == .field("user"))
    #expect(rule.kinds == ["login", "logoff"])
    guard case .sequence(let sequence)? = rule.pattern else {
      Issue.record("no sequence")
      return
    }
    #expect(sequence.steps.map(\.times) == [3, 1])
    #expect(sequence.within == .minutes(10))
    #expect(sequence.without == [Predicate("kind", .equals(.text("logoff")))])
  }

  @Test("The model's score is known to conditions, to detect and to sentences")
  func score() throws {
    let keys = """
      when = { score = at_least(0.8) },
        detect = function(_, f) if f.score < 0.9 then return nil end return "scored {score}" end,
      """
    let set = try load(["x.lua": rule(keys)])
    #expect(set.problems == [])
    let runner = RuleRunner(rule: try #require(set.rules.first), vocabulary: .test)
    func message(_ score: ModelScore) throws -> String? {
      try runner.detect(event(), score: score) { _ in .nan }?.message
    }
    #expect(try message(ModelScore(probability: 0.95)) == "scored 0.95")
    #expect(try message(ModelScore(probability: 0.85)) == nil)
    #expect(throws: RuleFailure.self) { try runner.detect(event()) { _ in .nan } }
    #expect(throws: RuleFailure.self) { try message(ModelScore(rarity: 0.95)) }
  }

  @Test("How rare an event is has a name of its own, and is no score")
  func rarity() throws {
    let keys = """
      when = { rarity = at_least(0.8) },
        detect = function(_, f) return tostring(f.score) .. " {score} {rarity}" end,
      """
    let set = try load(["x.lua": rule(keys)])
    #expect(set.problems == [])
    let found = try #require(set.rules.first)
    #expect(found.asksModel)
    let schema = try Schema([("user", .text)])
    let interner = Interner()
    let batch = EventBatch(schema: schema, capacity: 1)
    batch.append(event(["user": .text("ana")]), interner: interner)
    let when = try CompiledCondition(found.when, schema: schema, interner: interner)
    #expect(when.readsScore)
    #expect(when.holds(batch, 0, score: ModelScore(rarity: 0.9)))
    #expect(!when.holds(batch, 0, score: ModelScore(rarity: 0.7)))
    #expect(!when.holds(batch, 0, score: ModelScore(probability: 0.9)))
    #expect(!when.holds(batch, 0))
    let runner = RuleRunner(rule: found, vocabulary: .test)
    #expect(
      try runner.detect(event(), score: ModelScore(rarity: 0.9)) { _ in .nan }?.message
        == "nil (missing) 0.9")
  }

  @Test("A plugin asks a list in Lua, and a misspelt one is found before it runs")
  func lists() throws {
    let keys = "detect = function(event) return list.has(\"vips\", event.user) and \"vip\" end,"
    let set = try load(["x.lua": rule(keys)])
    #expect(set.problems == [])
    let runner = RuleRunner(
      rule: try #require(set.rules.first), vocabulary: .test, lists: ["vips": ["ana"]])
    #expect(try runner.detect(event()) { _ in .nan }?.message == "vip")
    #expect(try runner.detect(event(["user": .text("bo")])) { _ in .nan } == nil)
    #expect(try runner.detect(event([:])) { _ in .nan } == nil)
    #expect(
      try problems(["x.lua": rule("detect = function(e) return list.has(\"vip\", e.user) end")])
        == [
          "x.lua:5: unknown list 'vip', did you mean 'vips'? (lists are files in config/lists)"
        ])
    #expect(
      try problems(["x.lua": "local known = list.has(\"vips\", \"ana\")\nreturn rule {}"])
        == ["x.lua:1: list.has is asked inside a function of the plugin"])
  }

  @Test(
    "Mistakes, word for word",
    arguments: [
      (
        "sequence = { { kind = \"login\" }, within = 1 * hour, by = \"user\" }",
        "5: rule: sequence: one event is no sequence (add a step, or say with 'without' what must"
          + " follow it and does not)"
      ),
      (
        "sequence = { { kind = \"login\" }, { kind = \"logoff\" }, within = 60, by = \"user\" }",
        "5: rule: sequence: 'within' is a number without a unit (write 60 * second)"
      ),
      (
        "sequence = { { kind = \"login\" }, { kind = \"logoff\" }, by = \"user\" }",
        "5: rule: sequence: 'within' is missing (write within = 1 * hour)"
      ),
      (
        "sequence = { { kind = \"login\" }, { kind = \"logoff\" }, within = 1 * hour }",
        "5: rule: sequence: 'by' is missing: whose events are they? (write by = \"user\")"
      ),
      (
        "sequence = { { kind = \"login\" }, { kind = \"logoff\" }, within = 1 * hour, by = \"usr\" }",
        "5: rule: sequence: unknown field 'usr', did you mean 'user'?"
      ),
      (
        "per = \"card\", sequence = { { kind = \"login\", times = 2 }, within = 1 * hour, by = \"user\" }",
        "5: rule: sequence: goes by 'user', and the rule is per 'card' (name one of them)"
      ),
      (
        "sequence = { {}, { kind = \"logoff\" }, within = 1 * hour, by = \"user\" }",
        "5: rule: sequence: step 1 has no conditions (write { kind = \"login\" })"
      ),
      (
        "sequence = { { kind = \"login\", times = 0 }, within = 1 * hour, by = \"user\" }",
        "5: rule: sequence[1]: 'times' must be a whole number from 1 to 64"
      ),
      (
        "sequence = { { kind = \"login\", times = 60 }, { kind = \"logoff\", times = 5 },"
          + " within = 1 * hour, by = \"user\" }",
        "5: rule: sequence: 65 events, and 64 are allowed (count them with a feature:"
          + " count { within = … })"
      ),
      (
        "sequence = { { logins = at_least(3), kind = \"login\" }, { kind = \"logoff\" },"
          + " within = 1 * hour, by = \"user\" }",
        "5: rule: sequence[1]: unknown field 'logins'"
      ),
      (
        "sequence = { \"login\", { kind = \"logoff\" }, within = 1 * hour, by = \"user\" }",
        "5: rule: sequence: item 1 must be a step, which is a table of conditions, not a text"
      ),
      (
        "sequence = { within = 1 * hour, by = \"user\" }",
        "5: rule: sequence: no steps (write { kind = \"login\" })"
      ),
      (
        "on = { kind = \"login\" }, without = { kind = \"logoff\" }",
        "5: rule: 'without' belongs to a 'sequence', and there is none (write sequence = { … })"
      ),
      (
        "sequence = { { kind = \"login\" }, within = 1 * hour, by = \"user\" }, without = {}",
        "5: rule: 'without' has no conditions (write without = { kind = \"logoff\" })"
      ),
      (
        "flatline = { { kind = \"metric\" }, within = 1 * hour, by = \"series\", after = 0.5 }",
        "5: rule: flatline: 'after' must be a whole number from 1 to 1000000"
      ),
      (
        "flatline = { { kind = \"metric\" }, within = 1 * hour, by = \"series\" },"
          + " when = { event_count_1h = at_least(1) }",
        "5: rule: 'when' looks at an event, and what does not come is none (say it in the step"
          + " that begins the wait)"
      ),
      (
        "flatline = { { kind = \"metric\" }, within = 1 * hour, by = \"series\" },"
          + " message = \"{value} was the last\"",
        "5: rule: message: '{value}' is a field, and of what does not come no field is known but 'series'"
      ),
      (
        "features = { score = count { within = 1 * hour } }, when = { score = at_least(1) }",
        "5: rule: features: 'score' is what the model says of the event (give the feature another"
          + " name)"
      ),
    ])
  func mistakes(keys: String, message: String) throws {
    #expect(try problems(["x.lua": rule(keys)]).contains("x.lua:\(message)"))
  }
}
