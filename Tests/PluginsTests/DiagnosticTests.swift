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

private func row(_ keys: String) -> String {
  """
  { id = "a", category = "C", risk = "low", cost_usd = 0, action = "A", owner = "security_team", \(keys) }
  """
}

private func mapping(_ rows: String...) -> String {
  "return mapping { id = \"m\", rows = {\n\(rows.joined(separator: ",\n"))\n} }"
}

private func scenario(_ keys: String) -> String {
  """
  return scenario {
    id = "s", title = "S", onto = { kind = "login" },
    label = { type = "fraud", name = "n", severity = 1 },
    inject = function() end,
    \(keys)
  }
  """
}

@Suite("Problems in plugins, word for word")
struct DiagnosticTests {
  @Test("The words 'missing' and 'present' mean the same whatever a plugin does to them")
  func constants() throws {
    let body =
      "return rule { id = \"x\", title = \"X\", severity = \"low\", on = { user = missing } }"
    for key in ["@", "body", "x"] {
      #expect(
        try problems(["a.lua": "missing[\"\(key)\"] = \"present\"\n" + body])
          == ["a.lua:1: 'missing' cannot be changed"])
    }
    #expect(
      try load(["a.lua": body]).rules.map(\.on) == [[Predicate("user", .missing)]])
  }

  @Test(
    "A model says how likely an event is bad or how rare it is, never both, and each as a share",
    arguments: [
      ("score = at_least(0.9), rarity = above(0.9)", "never"),
      ("score = present, rarity = at_least(0.5)", "never"),
      (
        "score = at_least(90), rarity = missing",
        "warning: rule: when: 'score' is from 0 to 1, and is compared with 90"
      ), ("score = missing, rarity = at_least(1)", ""),
    ])
  func modelNames(when: String, says: String) throws {
    let never =
      "rule: when: 'score' and 'rarity' are never there at once: a model gives a probability, or says "
      + "how rare an event is (ask for one of them here, and for the other in another place)"
    let found = try problems([
      "r.lua": rule("on = { kind = \"login\" }, when = { \(when) },")
    ])
    #expect(found == (says.isEmpty ? [] : ["r.lua:5: \(says == "never" ? never : says)"]))
    let rows = mapping(row("when = { \(when) }"), row("").replacing("\"a\"", with: "\"b\""))
    #expect(
      try problems(["m.lua": rows])
        == found.map {
          $0.replacing("r.lua:5", with: "m.lua:2").replacing(
            "rule: when", with: "mapping: rows[1].when")
        })
    // A warning keeps nothing out.
    #expect(try load(["m.lua": rows]).mappings.count == (says == "never" ? 0 : 1))
  }

  @Test("The example of the contract")
  func contract() throws {
    let source =
      "return rule {\n  id = \"x\", title = \"X\", severity = \"low\",\n  detct = function() end }"
    #expect(
      try problems(["bad.lua": source])
        == [
          "bad.lua:1: rule: fires on every event (give it 'on', 'when' or 'detect')",
          "bad.lua:3: rule: unknown key 'detct', did you mean 'detect'?",
        ].suffix(1))
  }

  @Test(
    "Rules",
    arguments: [
      ("on = { knid = \"login\" }", "5: rule: on: unknown field 'knid', did you mean 'kind'?"),
      ("on = { kind = \"logn\" }", "5: rule: on: unknown kind 'logn', did you mean 'login'?"),
      (
        "on = { kind = \"log*\" }",
        "5: rule: on: unknown kind 'log*' (write matches \"…\" where * stands for any text)"
      ),
      (
        "on = { source = \"cert-login\" }",
        "5: rule: on: unknown source 'cert-login', did you mean 'cert-logon'?"
      ),
      (
        "on = { is_fraud = 1 }",
        "5: rule: on: 'is_fraud' holds the truth about an event, and no plugin may use it"
      ),
      ("on = 5", "5: rule: 'on' must be a table of conditions, not a number"),
      (
        "on = { \"login\" }",
        "5: rule: on: a condition without a name (write name = value)"
      ),
      (
        "on = { device = at_least(3) }",
        "5: rule: on: 'device' holds a text, which a number cannot test"
      ),
      ("on = { amount = \"x\" }", "5: rule: on: 'amount' holds a number, which a text cannot test"),
      (
        "on = { amount = matches \"x\" }",
        "5: rule: on: 'amount' holds a number, which 'matches' cannot test"
      ),
      (
        "on = { user = true }",
        "5: rule: on: 'user' holds a text, which true or false cannot test"
      ),
      (
        "on = { user = in_list \"vip\" }",
        "5: rule: on: unknown list 'vip', did you mean 'vips'?"
      ),
      ("on = { user = {} }", "5: rule: on: 'user' has an empty list, which no value passes"),
      (
        "on = { amount = between(5, 1) }",
        "5: rule: on: no value is between 5 and 1 (write the lower number first)"
      ),
      ("on = { amount = between(5) }", "5: rule: on: 'between' needs two numbers, not 1"),
      ("on = { amount = at_least(\"x\") }", "5: rule: on: 'at_least' needs a number, not a text"),
      (
        "on = { amount = at_least(nil) }",
        "5: rule: on: 'at_least' needs a number, not true or false"
      ),
      ("on = { user = matches(5) }", "5: rule: on: 'matches' needs a text, not a number"),
      ("on = { user = not_() }", "5: rule: on: 'not_' needs one value, not 0"),
      (
        "on = { amount = count { within = hour } }",
        "5: rule: on: 'count' is not a test (the tests are at_least, at_most, above, below, between, multiple_of, in_list, matches, matches_any_case, not_, missing, present)"
      ),
      (
        "when = { logns = at_least(1) }, features = { logins = count { within = hour } }",
        "5: rule: when: unknown field or feature 'logns', did you mean 'logins'?"
      ),
      (
        "when = { event_count_1 = at_least(1) }",
        "5: rule: when: unknown field or feature 'event_count_1', did you mean 'event_count_1h'?"
      ),
      (
        "features = { f = count { within = 300 } }, on = { kind = \"login\" }",
        "5: rule: features.f: 'within' is a number without a unit (write 300 * second)"
      ),
      (
        "features = { f = count { within = 0 * second } }, on = { kind = \"login\" }",
        "5: rule: features.f: 'within' must be longer than nothing, not 0 seconds"
      ),
      (
        "features = { f = count { within = -5 * minute } }, on = { kind = \"login\" }",
        "5: rule: features.f: 'within' must be longer than nothing, not -5 minutes"
      ),
      (
        "features = { f = count { withn = hour, within = hour } }, on = { kind = \"login\" }",
        "5: rule: features.f: unknown key 'withn', did you mean 'within'?"
      ),
      (
        "features = { f = count {} }, on = { kind = \"login\" }",
        "5: rule: features.f: 'within' is missing (write within = 1 * hour)"
      ),
      (
        "features = { f = ratio { count { within = hour } } }, on = { kind = \"login\" }",
        "5: rule: features.f: 'ratio' needs two features (such as ratio { count { within = 1 * hour }, count { within = 24 * hour } })"
      ),
      (
        "features = { f = difference { count { within = hour }, \"event_cout_1h\" } }, on = { kind = \"login\" }",
        "5: rule: features.f: unknown feature 'event_cout_1h', did you mean 'event_count_1h'?"
      ),
      (
        "features = { f = history { per = { \"user\", \"user\" } } }, on = { kind = \"login\" }",
        "5: rule: features.f: 'per' must name one field, or two different ones (such as { \"card\", \"terminal\" })"
      ),
      (
        "features = { f = label_rate { per = \"terminal\", within = 7 * day } }, on = { kind = \"login\" }",
        "5: rule: features.f: 'known_after' is missing (write known_after = 7 * day)"
      ),
      (
        "features = { f = since_label { known_after = -1 * day } }, on = { kind = \"login\" }",
        "5: rule: features.f: 'known_after' must be nothing or longer, not -1 days"
      ),
      (
        "features = { f = distinct { within = hour } }, on = { kind = \"login\" }",
        "5: rule: features.f: 'distinct' needs a field (such as distinct { \"device\", within = 1 * hour })"
      ),
      (
        "features = { f = distinct { \"devce\", within = hour } }, on = { kind = \"login\" }",
        "5: rule: features.f: unknown field 'devce', did you mean 'device'?"
      ),
      (
        "features = { f = mean { \"device\", within = hour } }, on = { kind = \"login\" }",
        "5: rule: features.f: field 'device' is a text, and a number is needed"
      ),
      (
        "features = { f = new \"amount\" }, on = { kind = \"login\" }",
        "5: rule: features.f: field 'amount' is a number, and a text is needed"
      ),
      (
        "features = { f = feature \"event_count_2h\" }, on = { kind = \"login\" }",
        "5: rule: features.f: unknown feature 'event_count_2h', did you mean 'event_count_1h'?"
      ),
      (
        "features = { f = delta { order = 3 } }, on = { kind = \"login\" }",
        "5: rule: features.f: 'order' must be 1 or 2"
      ),
      (
        "features = { f = 5 }, on = { kind = \"login\" }",
        "5: rule: features: 'f' must be a feature, not a number (such as count { within = 5 * minute })"
      ),
      (
        "features = { Big = history() }, on = { kind = \"login\" }",
        "5: rule: features: 'Big' is not a name (lower case words joined by _)"
      ),
      (
        "features = { user = history() }, on = { kind = \"login\" }",
        "5: rule: features: 'user' is the name of an event field (give the feature another name)"
      ),
      (
        "features = { event_count_1h = history() }, on = { kind = \"login\" }",
        "5: rule: features: 'event_count_1h' is the name of a standard feature that measures something else (give it another name)"
      ),
      (
        "per = \"usr\", on = { kind = \"login\" }",
        "5: rule: unknown field 'usr', did you mean 'user'?"
      ),
      (
        "tags = { \"Attack T1\" }, on = { kind = \"login\" }",
        "5: rule: tags: 'Attack T1' is not a tag (lower case words joined by . and -, such as attack.t1110)"
      ),
      (
        "tags = \"x\", on = { kind = \"login\" }",
        "5: rule: 'tags' must be a list of texts, not a text"
      ),
      (
        "message = \"{logns} by {user}\", when = { logins = at_least(1) }, features = { logins = history() }",
        "5: rule: message: '{logns}' is neither a feature of the rule nor a field, did you mean 'logins'?"
      ),
      (
        "detect = function()\n    return \"by {usr}\"\n  end",
        "6: rule: detect: '{usr}' is neither a feature of the rule nor a field, did you mean 'user'?"
      ),
      ("detect = 5", "5: rule: 'detect' must be a function, not a number"),
      ("", "1: rule: fires on every event (give it 'on', 'when' or 'detect')"),
    ])
  func rules(_ keys: String, _ problem: String) throws {
    #expect(try problems(["r.lua": rule(keys)]) == ["r.lua:\(problem)"])
  }

  @Test("Everything that is wrong is said at once, in order of line")
  func allAtOnce() throws {
    let source = """
      return rule {
        id = "Bad Id",
        title = 5,
        severity = "hihg",
        per = "usr",
        features = {
          f = count { within = 300 },
        },
      }
      """
    #expect(
      try problems(["a.lua": source, "b.lua": "return rule {}"]) == [
        "a.lua:2: rule: 'Bad Id' is not an id (lower case words joined by . and -, such as auth.login-burst)",
        "a.lua:3: rule: 'title' must be a text, not a number",
        "a.lua:4: rule: unknown severity 'hihg', did you mean 'high'? (one of info, low, medium, high, critical)",
        "a.lua:5: rule: unknown field 'usr', did you mean 'user'?",
        "a.lua:7: rule: features.f: 'within' is a number without a unit (write 300 * second)",
        "b.lua:1: rule: 'id' is missing (write id = \"auth.my-rule\")",
        "b.lua:1: rule: 'severity' is missing (write severity = \"high\")",
        "b.lua:1: rule: 'title' is missing (write title = \"What an analyst reads\")",
      ])
  }

  @Test(
    "Mappings",
    arguments: [
      (
        mapping(row("when = { amount = at_least(5) }")),
        "2: mapping: rows: no default row: a finding that passes none of them has no meaning (end with a row without 'when')"
      ),
      (
        mapping(
          row("title = \"T\""), row("when = { amount = 5 }").replacing("\"a\"", with: "\"b\"")),
        "3: mapping: rows: row 'b' can never be chosen: all that it matches goes to 'a' (put it before 'a' or change its conditions)"
      ),
      (
        mapping(
          row("when = { amount = at_least(5) }"),
          row("when = { amount = between(7, 9), user = \"ana\" }").replacing(
            "\"a\"", with: "\"b\""),
          row("").replacing("\"a\"", with: "\"c\"")),
        "3: mapping: rows: row 'b' can never be chosen: all that it matches goes to 'a' (put it before 'a' or change its conditions)"
      ),
      (
        mapping(row("").replacing("\"low\"", with: "\"lwo\"")),
        "2: mapping: rows[1]: unknown risk 'lwo', did you mean 'low'? (one of low, medium, high, critical)"
      ),
      (
        mapping(row("").replacing("security_team", with: "security_tem")),
        "2: mapping: rows[1]: unknown owner 'security_tem', did you mean 'security_team'?"
      ),
      (
        mapping(row("per = \"week\"")),
        "2: mapping: rows[1]: unknown per 'week' (one of incident, minute, day)"
      ),
      (
        mapping(row("").replacing("cost_usd = 0", with: "cost_usd = -1")),
        "2: mapping: rows[1]: 'cost_usd' must not be below 0"
      ),
      (
        mapping(row("sla = 15")),
        "2: mapping: rows[1]: 'sla' is a number without a unit (write 15 * second)"
      ),
      (
        mapping(row("when = { severity = \"hihg\" }")),
        "2: mapping: rows[1].when: unknown severity 'hihg', did you mean 'high'?"
      ),
      (mapping("5"), "2: mapping: rows: item 1 must be a row, which is a table, not a number"),
      ("return mapping { id = \"m\", rows = {} }", "1: mapping: no rows (add a default row)"),
      (
        "return mapping { id = \"m\" }",
        "1: mapping: 'rows' is missing (write rows = { { id = \"…\", … } })"
      ),
    ])
  func mappings(_ source: String, _ problem: String) throws {
    #expect(try problems(["m.lua": source]) == ["m.lua:\(problem)"])
  }

  @Test(
    "Scenarios",
    arguments: [
      (
        "vary = { n = { 5, 1 } }",
        "5: scenario: vary: the range of 'n' ends before it begins (write the lower end first)"
      ),
      (
        "vary = { n = 5 }",
        "5: scenario: vary: 'n' must be a range { low, high } or a list of choices, not a number"
      ),
      (
        "vary = { n = { 5, minute } }",
        "5: scenario: vary: 'n' mixes kinds of values (all numbers, all durations or all texts)"
      ),
      (
        "vary = { uniform = { 1, 2 } }",
        "5: scenario: vary: 'uniform' is a function of draw (give it another name)"
      ),
      (
        "needs = { history = 1.5 }",
        "5: scenario: needs: 'history' must be a whole number from 0 to 256"
      ),
      (
        "needs = { quiet = 5 }",
        "5: scenario: needs: 'quiet' is a number without a unit (write 5 * second)"
      ),
      ("expect = { mapping = 5 }", "5: scenario: expect: 'mapping' must be a text, not a number"),
      ("expect = { mapping = \"nobody\" }", "5: scenario: expect: no mapping has a row 'nobody'"),
      ("injekt = 1", "5: scenario: unknown key 'injekt', did you mean 'inject'?"),
    ])
  func scenarios(_ keys: String, _ problem: String) throws {
    #expect(try problems(["s.lua": scenario(keys)]) == ["s.lua:\(problem)"])
  }

  @Test("A label says what it is of")
  func labels() throws {
    let source = scenario("").replacing(
      "{ type = \"fraud\", name = \"n\", severity = 1 }",
      with: "{ type = \"fruad\", name = \"N N\", severity = 9 }")
    let found = try problems(["s.lua": source])
    #expect(
      found == [
        "s.lua:3: scenario: label: unknown type 'fruad', did you mean 'fraud'? (one of anomaly, fraud)",
        "s.lua:3: scenario: label: 'N N' is not a name (lower case words joined by _)",
        "s.lua:3: scenario: label: 'severity' of a label must be a whole number from 1 (mild) to 5 (severe)",
      ])
    let severity = scenario("").replacing("severity = 1", with: "severity = 9")
    #expect(
      try problems(["s.lua": severity]) == [
        "s.lua:3: scenario: label: 'severity' of a label must be a whole number from 1 (mild) to 5 (severe)"
      ])
  }

  @Test(
    "Files that are no plugin",
    arguments: [
      ("return 5", "x.lua: returns a number, and no plugin (end the file with return rule { … })"),
      ("", "x.lua: returns nothing, and no plugin (end the file with return rule { … })"),
      (
        "return { 5 }",
        "x.lua: item 1 of what it returns is a number (return rule { … }, or a list of such declarations)"
      ),
      ("\nreturn rul {}", "x.lua:2: unknown name 'rul', did you mean 'rule'?"),
      ("x = 5", "x.lua:1: 'x' is not a local variable; write 'local x = ...'"),
      ("return rule {", "x.lua:1: unexpected symbol near <eof>"),
      ("while true do end", "x.lua:1: took longer than 500 ms"),
      (
        "return suite \"a\" { [\"b\"] = function() end }",
        "x.lua:1: a suite outside of a file of tests (move it to a file that ends in .test.lua)"
      ),
    ])
  func notPlugins(_ source: String, _ problem: String) throws {
    #expect(try problems(["x.lua": source]).contains(problem))
  }

  @Test("Two plugins with one id are both named")
  func takenIdentifiers() throws {
    let one = rule("on = { kind = \"login\" }")
    let set = try load(["a.lua": one, "b/c.lua": one])
    #expect(set.rules.count == 1)
    let folderless = try problems(["a.lua": one, "b/c.lua": one]).map {
      $0.replacing(#/[^ ]*moonwatch-plugins-[^/]*/#, with: "")
    }
    #expect(
      folderless == [
        "b/c.lua:2: rule: the id 'auth.x' is taken by a.lua:2 (give one of the two another id)"
      ])
    let rows = try problems([
      "a.lua": mapping(row("")), "b.lua": mapping(row("")).replacing("\"m\"", with: "\"n\""),
    ])
    #expect(
      rows.map { $0.replacing(#/[^ ]*moonwatch-plugins-[^/]*/#, with: "") } == [
        "b.lua:2: mapping: rows[1]: the id 'a' is taken by a.lua:2 (give one of the two another id)"
      ])
  }

  @Test("Suites name a plugin that is there, and hold functions")
  func suites() throws {
    let files = [
      "a.lua": rule("on = { kind = \"login\" }"),
      "a.test.lua": "return suite \"auth.y\" { [\"one\"] = 5 }",
    ]
    #expect(
      try problems(files)
        == [
          "a.test.lua:1: suite: 'one' must be a function(t), not a number",
          "a.test.lua:1: suite: there is no plugin 'auth.y', did you mean 'auth.x'?",
        ].reversed())
    #expect(
      try problems([
        "a.test.lua":
          "return rule { id = \"a\", title = \"A\", severity = \"low\", when = { amount = 1 } }"
      ])
        == ["a.test.lua:1: a file of tests holds a rule (move it out of the .test.lua file)"])
  }

  @Test("What a hostile name holds does not reach the terminal")
  func controlCharacters() throws {
    let source = rule("on = { kind = \"login\" }, [\"\\27[31m\\nx\"] = 1")
    #expect(
      try problems(["r.lua": source]) == ["r.lua:5: rule: unknown key '\u{FFFD}[31m\u{FFFD}x'"])
  }
}
