import Detection
import Primitives
import Testing

@testable import Plugins

private func runner(_ body: String, keys: String = "") throws -> RuleRunner {
  let source = """
    return rule {
      id = "auth.x", title = "The title", severity = "medium", on = { kind = "login" },
      features = { logins = count { within = hour }, spread = std { "amount", within = hour } },
      \(keys)
      detect = \(body),
    }
    """
  let set = try load(["r.lua": source])
  #expect(set.problems.map(\.message) == [])
  return RuleRunner(rule: try #require(set.rules.first), vocabulary: .test)
}

private func message(_ body: String, _ fields: [String: Value] = ["user": .text("ana")]) throws
  -> String?
{
  let runner = try runner(body)
  do {
    return try runner.detect(event(fields)) { $0 == 0 ? 12 : .nan }?.message
  } catch {
    return "error: \(error.reason)"
  }
}

@Suite("Rules at work")
struct RuleRunnerTests {
  @Test("Whether a rule finds something is known without its sentence, and failures are the same")
  func findsWithoutSentence() throws {
    let bodies = [
      "function() return nil end", "function() return false end", "function() return true end",
      "function() return '{logins} by {user}' end", "function() return {} end",
      "function() return { message = 'm' } end", "function() return { message = 5 } end",
      "function() return { severity = 'odd' } end", "function() return 5 end",
      "function() error('x') end", "function() return ('x'):rep(3000) end",
    ]
    for body in bodies {
      let (told, silent) = (try runner(body), try runner(body))
      func outcome(_ ask: () throws(RuleFailure) -> Bool) -> String {
        do throws(RuleFailure) {
          return try ask() ? "found" : "nothing"
        } catch {
          return error.reason
        }
      }
      for _ in 0..<7 {
        let event = event(["user": .text("ana")])
        let first = outcome { () throws(RuleFailure) in
          try told.detect(event) { $0 == 0 ? 12 : .nan } != nil
        }
        let second = outcome { () throws(RuleFailure) in
          try silent.finds(event) { $0 == 0 ? 12 : .nan }
        }
        #expect(first == second, "\(body)")
        #expect((told.state == .running) == (silent.state == .running), "\(body)")
        #expect(told.failures == silent.failures, "\(body)")
      }
    }
  }

  @Test(
    "What detect returns becomes a verdict",
    arguments: [
      ("function() return nil end", nil),
      ("function() return false end", nil),
      ("function() return true end", "The title"),
      ("function() return '{logins} by {user}' end", "12 by ana"),
      ("function() return '{spread} {device}' end", "(missing) (missing)"),
      (
        "function() return '{kind} {source} {id} {time}' end",
        "login cert-logon e1 2026-03-02T09:00:00Z"
      ),
      ("function() return '{{logins}} {Logins!}' end", "{logins} {Logins!}"),
      (
        "function(e, f) return f.logins .. ' ' .. type(f.spread) .. ' ' .. e.user end", "12 nil ana"
      ),
      ("function(e) return tostring(e.device) .. e.kind end", "nillogin"),
      ("function() return { message = 'm' } end", "m"),
      ("function() return {} end", "The title"),
      (
        "function(_, f) return ('%s %s %s %s'):format(figure(123.4), figure(-4.66), figure(0.01234), figure(f.spread)) end",
        "123 -4.7 0.0123 (missing)"
      ),
      ("function() return figure('x') end", "error: figure needs a number, not a text"),
      (
        "function() return 5 end",
        "error: detect must return a sentence, a table with a message, or nothing, not a number"
      ),
      (
        "function() return { 'm' } end",
        "error: detect must return a sentence, a table with a message, or nothing, not a table"
      ),
      (
        "function() return { mesage = 'm' } end",
        "error: detect returned an unknown key 'mesage', did you mean 'message'?"
      ),
      (
        "function() return { severity = 'huge' } end",
        "error: detect returned a severity that is none of info, low, medium, high, critical"
      ),
      (
        "function() return { message = 5 } end", "error: detect returned a message that is a number"
      ),
      (
        "function() return '{' .. 'logns} {' .. 'logins}' end",
        "{logns} {logins}"
      ),
      ("function(e) return e['usr' .. ''] end", "error: unknown field 'usr', did you mean 'user'?"),
      (
        "function(e) return e['is_fraud' .. ''] end",
        "error: 'is_fraud' holds the truth about an event, and no plugin may use it"
      ),
      (
        "function(e, f) return f['logns' .. ''] end",
        "error: unknown feature 'logns', did you mean 'logins'?: the rule's features are logins, spread"
      ),
      ("function() error('no') end", "error: no"),
      ("function() while true do end end", "error: took longer than 5 ms"),
    ] as [(String, String?)])
  func verdicts(_ body: String, _ wanted: String?) throws {
    #expect(try message(body) == wanted)
  }

  @Test(
    "A rule that now and then never ends is set aside at its fifth such call of the last ten thousand"
  )
  func overruns() throws {
    let runner = try runner(
      "(function() local n = 0 return function() n = n + 1 if n % 400 == 0 then while true do end end end end)()"
    )
    for call in 1...2000 {
      // Each call is of another batch, so that no batch costs too much.
      runner.beginBatch()
      #expect(runner.state == .running, "at call \(call)")
      do { _ = try runner.detect(event([:])) { _ in .nan } } catch {
        #expect(call % 400 == 0 && error.reason.contains("longer than"), "\(error)")
      }
    }
    #expect(runner.state != .running && runner.calls == 2000 && runner.failures == 5)
    // Five in more calls than that are too few.
    var window = OverrunWindow()
    #expect((1...20).allSatisfy { !window.note(call: $0 * 2500) })
  }

  @Test("Severity comes from detect where it says so")
  func severity() throws {
    let runner = try runner("function() return { severity = 'critical' } end")
    #expect(try runner.detect(event()) { _ in 1 }?.severity == .critical)
  }

  @Test("What an event holds is never read as a template and never reaches the terminal")
  func hostileField() throws {
    let text = "{logins}\u{1B}[31m\n\u{202E}" + String(repeating: "x", count: 500)
    let message = try message("function() return '{user}' end", ["user": .text(text)])
    #expect(message?.hasPrefix("{logins}\u{FFFD}[31m\u{FFFD}\u{FFFD}xxx") == true)
    #expect(message?.count == 201)
  }

  @Test("Braces in a text that detect puts into its sentence are shown as they came")
  func bracesOfEvent() throws {
    #expect(
      try message(
        "function(e) return e.user .. ' by {device}' end",
        ["user": .text("{x} {logins} {{"), "device": .text("PC-1")])
        == "{x} {logins} { by PC-1")
    let runner = try runner("function(e) return { message = e.user } end")
    for _ in 0..<10 {
      _ = try runner.detect(event(["user": .text("{x}")])) { _ in 1 }
    }
    #expect(runner.state == .running && runner.failures == 0)
  }

  @Test("A rule without detect says its message, or its title")
  func native() throws {
    let head =
      "return rule { id = \"a\", title = \"T {user}\", severity = \"low\", when = { event_count_1h = at_least(1) }"
    let plain = try #require(try load(["a.lua": head + "}"]).rules.first)
    #expect(plain.features.map(\.name) == ["event_count_1h"])
    #expect(!plain.hasDetect)
    let verdict = try RuleRunner(rule: plain, vocabulary: .test).detect(event()) { _ in 1 }
    #expect(verdict?.message == "T {user}")
    let worded = try #require(
      try load(["a.lua": head + ", message = \"{event_count_1h} by {user}\" }"]).rules.first)
    let second = try RuleRunner(rule: worded, vocabulary: .test).detect(event()) { _ in 3 }
    #expect(second?.message == "3 by ana")
  }

  @Test("Five failures in a hundred calls set a rule aside with its last error in view")
  func setAside() throws {
    let runner = try runner("function(e)\n if e.user == 'bad' then error('no') end\n end")
    let bad = event(["user": .text("bad")], id: "evil")
    for call in 1...500 where call % 25 != 0 { _ = try runner.detect(event()) { _ in 1 } }
    // Four in the window are tolerated for ever.
    for call in 1...1000 {
      if call % 26 == 0 {
        #expect(throws: RuleFailure.self) { try runner.detect(bad) { _ in 1 } }
      } else {
        _ = try runner.detect(event()) { _ in 1 }
      }
    }
    #expect(runner.state == .running)
    var last: RuleFailure?
    while case .running = runner.state {
      do { _ = try runner.detect(bad) { _ in 1 } } catch { last = error }
    }
    let failure = try #require(last)
    #expect(runner.state == .setAside(last: failure, failures: 5, calls: 100))
    #expect(failure.line == 6 && failure.eventID == "evil" && failure.reason == "no")
    #expect(failure.description.hasSuffix("r.lua:6: auth.x failed on event evil: no"))
    let calls = runner.calls
    #expect(try runner.detect(event()) { _ in 1 } == nil)
    #expect(runner.calls == calls)
  }

  @Test("A row of a batch reads as the record it was made from")
  func batchRows() throws {
    let interner = Interner()
    let schema = try Schema([("user", .text), ("amount", .number), ("is_admin", .flag)])
    let batch = EventBatch(schema: schema, capacity: 1)
    let record = event(["user": .text("ana"), "amount": .number(2.5), "is_admin": .flag(true)])
    batch.append(record, interner: interner)
    let row = BatchRow(batch: batch, row: 0, interner: interner)
    for name in ["user", "amount", "is_admin", "device"] {
      #expect(row.value(of: name) == record.value(of: name))
    }
    #expect(row.kind == "login" && row.source == "cert-logon" && row.id == "e1")
  }

  @Test("Lua is given the texts of the event at hand, however many there are and of whichever run")
  func manyTexts() throws {
    let runner = try runner(
      "function(e) return e.user .. ' ' .. tostring(e.device) .. ' ' .. e.user end")
    let schema = try Schema([("user", .text), ("device", .text)])
    var random = SeededRandom(seed: 3)
    for run in 0..<4 {
      // In each run the same numbers stand for other texts.
      let interner = Interner()
      let batch = EventBatch(schema: schema)
      for few in [3, 90, 700, 9000, 9000, 700, 3] {
        batch.removeAll()
        while !batch.isFull {
          let user = "r\(run)-u\(random.below(few))"
          let long = String(repeating: "d", count: 60) + "\(random.below(9))"
          let device: Value = random.below(5) == 0 ? .missing : .text(long)
          batch.append(event(["user": .text(user), "device": device]), interner: interner)
        }
        for row in 0..<batch.count {
          let row = BatchRow(batch: batch, row: row, interner: interner)
          guard case .text(let user) = row.value(of: "user") else { continue }
          var device = "nil"
          if case .text(let text) = row.value(of: "device") { device = text }
          let said = try runner.detect(row) { _ in .nan }?.message
          if said != "\(user) \(device) \(user)" { Issue.record("\(said ?? "nothing")") }
        }
        // An event that is no row between them.
        #expect(
          try runner.detect(event(["user": .text("ana")])) { _ in .nan }?.message == "ana nil ana")
      }
    }
    #expect(runner.failures == 0)
  }

  @Test(
    "Numbers in messages",
    arguments: [
      (12.0, "12"), (-3, "-3"), (0, "0"), (-0.0, "0"), (1.5, "1.5"), (1234.5678, "1234.568"),
      (0.9999, "1"), (0.9995001, "1"), (2.9996, "3"), (0.012345, "0.0123"),
      (0.00012345, "0.000123"),
      (1e-12, "0"), (-1e-12, "0"), (1e18, "1e+18"), (.infinity, "∞"), (.nan, "(missing)"),
      (99999.9999, "100000"),
    ])
  func figures(_ x: Double, _ text: String) {
    #expect(Figures.text(x) == text)
  }

  @Test("Templates: random text without places comes back as it was")
  func templates() {
    var random = SeededRandom(seed: 2)
    let pieces = ["{", "}", "a", "{x}", "{ x}", "{1}", "é", " ", "{{", "}}", "{_a9}"]
    for _ in 0..<500 {
      let text = (0..<random.below(12)).map { _ in pieces[random.below(pieces.count)] }.joined()
      let template = MessageTemplate(text)
      let filled = template.filled { "{\($0)}" }
      #expect(
        filled == text.replacing("{{", with: "{").replacing("}}", with: "}") || text.contains("{{")
          || text.contains("}}"), "\(text) gave \(filled)")
    }
    #expect(MessageTemplate("{a} {b}{a}").names == ["a", "b", "a"])
  }
}
