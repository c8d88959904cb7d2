import Foundation
import Plugins
import Primitives
import Testing

/// A rule whose function is this; the function begins on line 5.
private func detecting(_ body: String) -> String {
  """
  return rule {
    id = "auth.x", title = "X", severity = "high",
    on = { kind = "login" }, features = { logins = count { within = 1 * hour } },
    detect = function(event, f)
      \(body)
    end,
  }
  """
}

private func escalating(_ body: String, settings: String = "") -> String {
  """
  return escalation {
    id = "e", when = { severity = "high" }, uses = { "http", "directory" }, \(settings)
    run = function(alert, settings)
      \(body)
    end,
  }
  """
}

private func planting(_ body: String) -> String {
  """
  return scenario {
    id = "s", title = "S", onto = { kind = "login" }, vary = { logins = { 3, 4 } },
    label = { type = "fraud", name = "n", severity = 1 },
    inject = function(victim, draw, emit)
      \(body)
    end,
  }
  """
}

@Suite("Names inside functions")
struct NameTests {
  @Test(
    "A name that nothing in the world of a rule has is told before it runs",
    arguments: [
      ("return event.amout", "5: rule: detect: unknown field 'amout', did you mean 'amount'?"),
      ("return event[\"amout\"]", "5: rule: detect: unknown field 'amout', did you mean 'amount'?"),
      (
        "return event.is_fraud",
        "5: rule: detect: 'is_fraud' holds the truth about an event, and no plugin may use it"
      ),
      (
        "return f.login > 3",
        "5: rule: detect: unknown feature 'login', did you mean 'logins'?: the rule's features are logins"
      ),
      (
        "return sting.format(\"%s\", event.user)",
        "5: unknown name 'sting', did you mean 'string'?"
      ),
      (
        "return string.fromat(\"%s\", event.user)",
        "5: unknown name 'string.fromat', did you mean 'string.format'?"
      ), ("return tostrng(1)", "5: unknown name 'tostrng', did you mean 'tostring'?"),
      (
        "return table.cncat({})", "5: unknown name 'table.cncat', did you mean 'table.concat'?"
      ), ("return foo(event)", "5: unknown name 'foo'"),
      ("return evnt.user", "5: unknown name 'evnt'"),
      (
        "if event.user then calls = 1 end",
        "5: 'calls' is not a local variable; write 'local calls = ...'"
      ),
      ("string.x = 1", "5: 'string.x' cannot be set: 'string' is sealed"),
      (
        "local e = event local g = function() return e.usr end return g()",
        "5: rule: detect: unknown field 'usr', did you mean 'user'?"
      ),
      (
        "local fmt = string.fromat return fmt(\"x\")",
        "5: unknown name 'string.fromat', did you mean 'string.format'?"
      ),
      (
        "do local logins = 1 end return logins", "5: unknown name 'logins'"
      ),
    ])
  func rules(body: String, says: String) throws {
    #expect(
      try problems(["a.lua": detecting(body)]) == ["a.lua:\(says)"])
  }

  @Test(
    "What may be right is left to the run",
    arguments: [
      "local event = { amout = 1 } return event.amout",
      "event = { amout = 1 } return event.amout",
      "local function look(event) return event.amout end return look({})",
      "local name = \"amout\" return event[name]",
      "for count = 1, 3 do local x = count end",
      "for i, value in ipairs({ 1 }) do if value == i then return \"x\" end end",
      "local foo <const>, bar = 1, 2 return foo > bar",
      "goto done ::done:: return nil",
      "local function again(n) if n > 0 then return again(n - 1) end end again(3)",
      "local s = (\"x\"):rep(3) .. #event.user return s:upper()",
      "repeat local done = true until done",
      "local t = { sned = 1, [event.user] = 2, 3; 4 } return t.sned == t.anything",
      "local x = function(...) return select('#', ...) .. '...' end return x(1, 2) == nil",
      "return string.format(\"%d\", math.floor(f.logins // 2) ~ 1) .. math.pi",
      "return f.score == nil and f.rarity == nil and event.time > event.time - 5 * minute",
      "local a, b = event, f a.user, b = 1, 2",
    ])
  func quiet(body: String) throws {
    #expect(try problems(["a.lua": detecting(body)]) == [])
  }

  @Test(
    "An escalation reads the alert and its own settings, and gives an act what it takes",
    arguments: [
      ("return alert.entty", "4: escalation: run: an alert has no 'entty', did you mean 'entity'?"),
      (
        "return settings.url",
        "4: escalation: run: the plugin's settings has no 'url'"
      ),
      (
        "act.directory.unlock { usr = alert.entity }",
        "4: act.directory.unlock needs 'user' (write user = …)|4: act.directory.unlock knows no 'usr', did you mean 'user'?"
      ),
      (
        "act.http.post { url = \"https://x\", tmeout = 5 * second }",
        "4: act.http.post knows no 'tmeout', did you mean 'timeout'?"
      ),
      (
        "act.http.post { url = \"https://x\", timeout = 5 }",
        "4: act.http.post: 'timeout' is a number without a unit (write 5 * second)"
      ),
      (
        "local act = { http = { pst = print } }",
        "4: unknown name 'print'"
      ), ("act.http.pst { }", "4: there is no act 'http.pst', did you mean 'http.post'?"),
      ("local t = {} t.url = alert.id act.http.post(t)", ""),
    ])
  func escalations(body: String, says: String) throws {
    let found = try problems(["a.lua": escalating(body)])
    #expect(found == (says.isEmpty ? [] : says.split(separator: "|").map { "a.lua:\($0)" }))
  }

  @Test("A setting that is declared may be read")
  func settings() throws {
    let settings = "settings = { url = setting.url \"Where\" },"
    #expect(
      try problems([
        "a.lua": escalating("act.http.post { url = settings.url }", settings: settings)
      ]) == [])
    #expect(
      try problems(["a.lua": escalating("return settings.ulr", settings: settings)])
        == ["a.lua:4: escalation: run: the plugin's settings has no 'ulr', did you mean 'url'?"])
  }

  @Test("A step reads the answers of those that ask, and no others")
  func answers() throws {
    func playbook(_ read: String) -> String {
      """
      return playbook {
        id = "p", when = { severity = "high" }, uses = {},
        steps = {
          { "was it you?", ask = "Well?", choices = { "yes", "no" }, within = 1 * hour, otherwise = "no" },
          { "b", run = function(alert, answers) return \(read) end },
        },
      }
      """
    }
    #expect(try problems(["a.lua": playbook("answers[\"was it you?\"] == \"yes\"")]) == [])
    #expect(
      try problems(["a.lua": playbook("answers[\"b\"]")])
        == ["a.lua:5: playbook: steps[2].run: the playbook has no 'b'"])
  }

  @Test(
    "A scenario reads its victim and its draws, and emits fields",
    arguments: [
      (
        "emit { at = victim.tme }", "5: scenario: inject: unknown field 'tme', did you mean 'time'?"
      ),
      (
        "emit { at = victim.time, usr = \"x\" }",
        "5: scenario: inject: unknown field 'usr', did you mean 'user'?"
      ),
      ("emit { at = victim.time + draw.foo * hour }", "5: scenario: inject: draw has no 'foo'"),
      ("emit { time = victim.time }", "5: scenario: inject: write the time as 'at'"),
      ("victim.mine = 1 emit { at = victim:at_hour(3), user = victim.mine }", ""),
      ("emit { at = victim.time, amount = draw.integer(1, draw.logins), label = false }", ""),
    ])
  func scenarios(body: String, says: String) throws {
    let found = try problems(["a.lua": planting(body)])
    #expect(found == (says.isEmpty ? [] : ["a.lua:\(says)"]))
  }

  @Test(
    "A word that a suite does not have is told with the nearest, and so is one that is computed")
  func suites() throws {
    let rule = detecting("return event.user")
    func suite(_ body: String) -> String {
      "return suite \"auth.x\" { [\"a\"] = function(t) \(body) end }"
    }
    #expect(
      try problems(["a.lua": rule, "a.test.lua": suite("t:sned({ kind = \"login\" })")])
        == ["a.test.lua:1: suite: a: t has no 'sned', did you mean 'send'?"])
    let set = try load(["a.lua": rule, "a.test.lua": suite("t[\"sn\" .. \"ed\"](t)")])
    let cases = SuiteRunner(set: set, vocabulary: .test).run(set.suites[0]) {
      try WorkingBench(set, .test)
    }
    #expect(cases.map(\.message) == ["t has no 'sned', did you mean 'send'?"])
  }

  @Test("A name that is a text of the plugin's becomes no Lua of ours")
  func injected() throws {
    let found = try problems([
      "a.lua": "return string['x\"] = 1 kit.setmetatable(string, {}) --'] or nothng"
    ])
    #expect(found.count == 2 && found.allSatisfy { $0.contains("unknown name") }, "\(found)")
  }

  @Test(
    "Of rules that are made in a loop each has features of its own, and nothing is said of them before they run"
  )
  func loop() throws {
    #expect(
      try problems([
        "a.lua": """
        local rules = {}
        for i, name in ipairs { "one", "two" } do
          rules[i] = rule {
            id = "auth." .. name, title = "X", severity = "low", on = { kind = "login" },
            features = { [name] = count { within = 1 * hour } },
            detect = function(_, f) return name == "one" and f.one > 3 or name == "two" and f.two > 3 end,
          }
        end
        return rules
        """
      ]) == [])
  }

  @Test("The drafts of functions that are no Lua are left to Lua, however deep they go")
  func hostile() throws {
    let deep = String(repeating: "(", count: 30_000)
    #expect(try problems(["a.lua": "return " + deep]).count == 1)
    let tables = String(repeating: "{", count: 150) + String(repeating: "}", count: 150)
    #expect(
      try problems(["a.lua": "local t = \(tables)\n" + detecting("return t.x and nothng")])
        == ["a.lua:6: unknown name 'nothng'"])
  }
}

@Suite("All problems of a file at once")
struct WholeFileTests {
  @Test("What is wrong beside names that are not known is told in the same pass")
  func together() throws {
    let found = try problems([
      "a.lua": """
      return rule {
        id = "auth.x", titel = "X",
        severity = "hihg",
        on = { kind = "login" },
        features = {
          logins = cuont { within = 5 * minute },
          devices = distnct { "device", within = 1 * hour },
          old = count { within = 5 },
        },
        when = { lgins = at_least(3), old = atleast() },
        detect = function(event) return event.usr end,
      }
      """
    ])
    #expect(
      found == [
        "a.lua:1: rule: 'title' is missing (write title = \"What an analyst reads\")",
        "a.lua:2: rule: unknown key 'titel', did you mean 'title'?",
        "a.lua:3: rule: unknown severity 'hihg', did you mean 'high'? (one of info, low, medium, high, critical)",
        "a.lua:6: unknown name 'cuont', did you mean 'count'?",
        "a.lua:7: unknown name 'distnct', did you mean 'distinct'?",
        "a.lua:8: rule: features.old: 'within' is a number without a unit (write 5 * second)",
        "a.lua:10: rule: when: unknown field or feature 'lgins', did you mean 'logins'?",
        "a.lua:10: rule: when: 'at_least' needs one number, not 0",
        "a.lua:10: unknown name 'atleast', did you mean 'at_least'?",
        "a.lua:11: rule: detect: unknown field 'usr', did you mean 'user'?",
      ])
  }

  @Test("A name that is near no other is told once, whatever is done with it")
  func unknown() throws {
    #expect(
      try problems([
        "a.lua": """
        local limit = zzyzx.a.b(3) * minute + 5
        return rule {
          id = "auth.x", title = "X", severity = "low",
          on = { kind = "login", user = zzyzx },
          features = { logins = zzyzx { within = limit } },
          when = { logins = at_least(zzyzx) },
        }
        """
      ]) == [
        "a.lua:1: unknown name 'zzyzx'", "a.lua:4: unknown name 'zzyzx'",
        "a.lua:5: unknown name 'zzyzx'", "a.lua:6: unknown name 'zzyzx'",
      ])
  }

  @Test("An error at run time is told beside the names that are not known")
  func runTime() throws {
    #expect(
      try problems(["a.lua": "local x = nil\nlocal y = x.z\nreturn rul { id = foo }"])
        == [
          "a.lua:2: attempt to index a nil value (local 'x')",
          "a.lua:3: unknown name 'rul', did you mean 'rule'?", "a.lua:3: unknown name 'foo'",
        ])
  }

  @Test("A mapping with a mistake in one row is told what is wrong with the others")
  func rows() throws {
    let rest =
      "category = \"C\", risk = \"low\", cost_usd = 0, action = \"A\", owner = \"security_team\""
    let found = try problems([
      "m.lua": """
      return mapping { id = "m", on = { kind = "login" }, rows = {
        { id = "a", when = { score = at_least(0.5) }, \(rest.replacing("low", with: "lwo")) },
        { id = "b", when = { score = at_least(0.7) }, \(rest) },
        { id = "a", when = { user = "x" }, \(rest) },
      } }
      """
    ])
    #expect(
      found == [
        "m.lua:2: mapping: rows[1]: unknown risk 'lwo', did you mean 'low'? (one of low, medium, high, critical)",
        "m.lua:3: mapping: rows: row 'b' can never be chosen: all that it matches goes to 'a' (put it before 'a' or change its conditions)",
        "m.lua:4: mapping: rows: an earlier row has the id 'a' too",
        "m.lua:4: mapping: rows: no default row: a finding that passes none of them has no meaning (end with a row without 'when')",
      ])
  }

  @Test("A sequence beside a flatline hides no mistake of the flatline")
  func patterns() throws {
    let found = try problems([
      "a.lua": """
      return rule { id = "auth.x", title = "X", severity = "low",
        sequence = { { kind = "login" }, { kind = "logoff" }, within = 1 * hour, by = "user" },
        flatline = { { kind = "metric" },
          within = 6,
          by = "seris",
          after = "24" },
      }
      """
    ])
    #expect(found.map { $0.split(separator: ":")[1] } == ["3", "4", "5", "6"], "\(found)")
  }

  @Test("A feature with the name of a field is a mistake of its own file alone")
  func apart() throws {
    let rest =
      "category = \"C\", risk = \"low\", cost_usd = 0, action = \"A\", owner = \"security_team\""
    let found = try problems([
      "bad.lua": """
      return rule { id = "auth.x", title = "X", severity = "low", on = { kind = "login" },
        features = { user = count { within = 1 * hour } } }
      """,
      "good.lua":
        "return mapping { id = \"m\", rows = { { id = \"a\", when = { user = \"x\" }, \(rest) }, { id = \"b\", \(rest) } } }",
    ])
    #expect(
      found == [
        "bad.lua:2: rule: features: 'user' is the name of an event field (give the feature another name)"
      ])
  }
}

@Suite("Rows that no finding reaches")
struct ReachTests {
  private func mapping(_ on: String, _ whens: String...) -> String {
    let rows = whens.enumerated().map { place, when in
      "{ id = \"r\(place + 1)\", \(when.isEmpty ? "" : "when = { \(when) },") category = \"C\", risk = \"low\", "
        + "cost_usd = 0, action = \"A\", owner = \"security_team\" }"
    }
    return "return mapping { id = \"m\", \(on) rows = {\n\(rows.joined(separator: ",\n"))\n} }"
  }

  @Test("A row that 'on' or an earlier row leaves nothing to is told with what takes it")
  func dead() throws {
    let advice = "change its conditions, or leave it out"
    func found(_ on: String, _ whens: String...) throws -> [String] {
      try problems([
        "m.lua": on.isEmpty
          ? mapping("", whens[0], whens[1], whens[2]) : mapping(on, whens[0], whens[1])
      ])
    }
    #expect(
      try found("on = { kind = \"login\" },", "kind = \"logoff\"", "") == [
        "m.lua:2: mapping: rows: row 'r1' can never be chosen: what passes 'on' never passes its 'kind' (\(advice))"
      ])
    #expect(
      try found("", "user = present", "user = missing", "") == [
        "m.lua:4: mapping: rows: row 'r3' can never be chosen: all that it matches goes to 'r1' and 'r2' (put it before 'r1' and 'r2' or change its conditions)"
      ])
    #expect(
      try found("", "user = matches \"ab*\"", "user = matches \"abc*\", device = \"x\"", "") == [
        "m.lua:3: mapping: rows: row 'r2' can never be chosen: all that it matches goes to 'r1' (put it before 'r1' or change its conditions)"
      ])
    #expect(
      try found("", "hour_of_day = between(25, 30)", "event_count_1h = below(0)", "") == [
        "m.lua:2: mapping: rows[1].when: 'hour_of_day' is from 0 to 23, and never passes this (change the condition, or leave it out)",
        "m.lua:3: mapping: rows[2].when: 'event_count_1h' is 0 or more, and never passes this (change the condition, or leave it out)",
      ])
  }

  @Test("Rows that together take everything need no default row")
  func whole() throws {
    #expect(try problems(["m.lua": mapping("", "user = present", "user = missing")]) == [])
    #expect(
      try problems([
        "m.lua": mapping(
          "", "amount = below(10)", "amount = at_least(10)", "amount = missing")
      ]) == [])
    #expect(
      try problems([
        "m.lua": mapping("", "amount = below(10)", "amount = above(10)", "amount = missing")
      ])
      .count == 1)
  }

  @Test(
    "An escalation names what there is, and waits with a unit",
    arguments: [
      ("owner = \"nobody_team\"", "unknown owner 'nobody_team'", false),
      (
        "owner = { \"sre_team\", \"sre_taem\" }",
        "unknown owner 'sre_taem', did you mean 'sre_team'?", false
      ),
      ("mapping = \"no-such-row\"", "no mapping here has a row 'no-such-row'", true),
      (
        "response = \"imediate_block\"", "no mapping here gives the response 'imediate_block'", true
      ),
      ("rule = \"auth.none\"", "no rule here has the id 'auth.none'", true),
      (
        "unclaimed = at_least(5)",
        "'unclaimed' is a length of time, and 5 has no unit (write 5 * second or 5 * minute)", false
      ),
      (
        "unclaimed = 300",
        "'unclaimed' is a length of time, and 300 has no unit (write 300 * second or 300 * minute)",
        false
      ),
    ])
  func escalations(when: String, says: String, isWarning: Bool) throws {
    let found = try problems([
      "e.lua": "return escalation { id = \"e\", when = { \(when) }, run = function() end }"
    ])
    #expect(found.count == 1)
    let place = "e.lua:1: \(isWarning ? "warning: " : "")escalation: when"
    #expect(found[0].hasPrefix(place) && found[0].hasSuffix(": \(says)"), "\(found)")
  }

  @Test("A mapping for a rule that is not here is told")
  func rule() throws {
    #expect(
      try problems(["m.lua": mapping("on = { rule = \"auth.login-brust\" },", "")])
        == ["m.lua:1: warning: mapping: on: no rule here has the id 'auth.login-brust'"])
  }
}

@Suite("Places for values")
struct PlaceTests {
  @Test("A place that nothing closes is told, a brace that is meant is not")
  func unclosed() throws {
    func said(_ message: String) throws -> [String] {
      try problems([
        "a.lua": """
        return rule { id = "auth.x", title = "X", severity = "low", on = { kind = "login" }, message = "\(message)" }
        """
      ])
    }
    #expect(
      try said("by {user") == [
        "a.lua:1: warning: rule: message: '{user' is not closed (write {user}, or {{ for a brace)"
      ])
    #expect(try said("by {user} {{ { 3 } }}") == [])
  }
}
