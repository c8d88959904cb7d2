import Detection
import Plugins
import Primitives
import Testing

private func runner(_ inject: String, vary: String = "{}") throws -> ScenarioRunner {
  let source = """
    return scenario {
      id = "s.x", title = "S", onto = { kind = "login" }, vary = \(vary),
      label = { type = "anomaly", name = "n", severity = 1 },
      inject = \(inject),
    }
    """
  let set = try load(["s.lua": source])
  #expect(set.problems.map(\.message) == [])
  return try ScenarioRunner(scenario: try #require(set.scenarios.first), vocabulary: .test)
}

private func inject(
  _ body: String, vary: String = "{}", seed: UInt64 = 1, victim: EventRecord = event()
) throws -> [EmittedEvent] {
  var random = SeededRandom(seed: seed)
  return try runner(body, vary: vary).inject(victim: victim, random: &random)
}

private func refusal(_ body: String) throws -> String {
  do {
    _ = try inject(body)
    return "nothing"
  } catch let error as Diagnostic {
    return "\(error.line ?? 0): \(error.message)"
  }
}

@Suite("Scenarios at work")
struct ScenarioRunnerTests {
  @Test("Emitted events are the victim's with what was changed, in order of time")
  func emitted() throws {
    let events = try inject(
      """
      function(victim, draw, emit)
        emit { at = victim.time + 2 * minute, user = "eve", device = missing }
        emit { at = victim.time - 1 * minute, kind = "logoff", label = false }
      end
      """)
    #expect(events.map(\.record.kind) == ["logoff", "login"])
    #expect(events.map(\.isLabelled) == [false, true])
    #expect(events[1].record.fields == ["user": .text("eve")])
    #expect(events[1].changes == ["user": .text("eve"), "device": .missing])
    #expect(events[1].record.time == event().time + .minutes(2))
    #expect(events[0].record.fields == event().fields && events[0].changes.isEmpty)
    #expect(events[0].record.id.hasPrefix("s.x/") && events[0].record.id.hasSuffix("/2"))
  }

  @Test("Parameters stay in their ranges, whole where they are written whole, over many seeds")
  func parameters() throws {
    let runner = try runner(
      """
      function(victim, draw, emit)
        assert(math.type(draw.n) == "integer" and draw.n >= 3 and draw.n <= 6)
        assert(math.type(draw.x) == "float" and draw.x >= 0.5 and draw.x < 1.5)
        assert(draw.t >= 2 * minute and draw.t <= 3 * minute)
        assert(draw.c == 1 or draw.c == 5 or draw.c == 9)
        assert(draw.w == "a" or draw.w == "b")
        assert(draw.one == 7)
        local k = draw.integer(-2, 2)
        assert(k >= -2 and k <= 2)
        local u = draw.uniform(1 * minute, 2 * minute)
        assert(u >= 1 * minute and u <= 2 * minute)
        assert(draw.exponential(1) >= 0)
        local c = draw.choice { "p", "q" }
        assert(c == "p" or c == "q")
        emit { at = victim.time, amount = draw.n, value = draw.normal(0, 1) }
      end
      """,
      vary:
        "{ n = { 3, 6 }, x = { 0.5, 1.5 }, t = { 2 * minute, 3 * minute }, c = { 1, 5, 9 }, w = { \"a\", \"b\" }, one = { 7, 7 } }"
    )
    var seen: Set<Double> = []
    for seed in 0..<200 {
      var random = SeededRandom(seed: UInt64(seed))
      let events = try runner.inject(victim: event(), random: &random)
      seen.insert(try #require(events[0].record.number("amount")))
    }
    #expect(seen == [3, 4, 5, 6])
  }

  @Test("One seed gives one attack, another seed another; ids never repeat")
  func determinism() throws {
    let body =
      "function(v, draw, emit) for _ = 1, 5 do emit { at = v.time + draw.uniform(0 * hour, 1 * hour) } end end"
    let first = try inject(body, seed: 1)
    #expect(try inject(body, seed: 1) == first)
    let second = try inject(body, seed: 2)
    #expect(second != first)
    #expect(Set((first + second).map(\.record.id)).count == 10)
    let runner = try runner(body)
    var random = SeededRandom(seed: 1)
    let run = try runner.inject(victim: event(), random: &random)
    #expect(run == first)
    #expect(try runner.inject(victim: event(), random: &random) != first)
  }

  @Test("at_hour is the hour of the victim's own day on its source's clock")
  func atHour() throws {
    for (offset, wanted) in [(0, 1_772_420_700), (7200, 1_772_413_500), (-36_000, 1_772_370_300)] {
      var victim = event()
      victim.zoneOffsetSeconds = Int32(offset)
      let events = try inject(
        "function(v, _, emit) emit { at = v:at_hour(3, 5) } end", victim: victim)
      #expect(events[0].record.time == Timestamp(seconds: Int64(wanted)))
    }
  }

  @Test("The function sees the latest 256 earlier events, newest last")
  func history() throws {
    let runner = try runner(
      """
      function(v, _, emit, past)
        emit { at = v.time, amount = #past, value = past[#past].amount }
      end
      """)
    let past = (1...300).map { event(["amount": .number(Double($0))]) }
    var random = SeededRandom(seed: 1)
    let events = try runner.inject(victim: event(), history: past, random: &random)
    #expect(events[0].record.number("amount") == 256)
    #expect(events[0].record.number("value") == 300)
  }

  @Test(
    "What cannot be planted is refused with its line",
    arguments: [
      (
        "function(v, d, emit)\n emit {}\n end",
        "5: emit needs a time: at = victim.time + 5 * minute"
      ),
      ("function(v, d, emit) emit { at = 5 } end", "4: 'at' must be a time, not a number"),
      (
        "function(v, d, emit) emit(5) end",
        "4: emit needs a table such as { at = victim.time + 5 * minute }"
      ),
      (
        "function(v, d, emit) local e = { at = v.time, is_fraud = 1 } emit(e) end",
        "4: 'is_fraud' holds the truth about an event, and no plugin may use it"
      ),
      (
        "function(v, d, emit) local e = { at = v.time, usr = 'x' } emit(e) end",
        "4: unknown field 'usr', did you mean 'user'?"
      ),
      (
        "function(v, d, emit) local e = { at = v.time, time = v.time } emit(e) end",
        "4: write the time as 'at'"
      ),
      (
        "function(v, d, emit) local e = { at = v.time, source = 'x' } emit(e) end",
        "4: 'source' of a planted event cannot be set"
      ),
      (
        "function(v, d, emit) local e = { at = v.time, kind = 'logn' } emit(e) end",
        "4: unknown kind 'logn', did you mean 'login'?"
      ),
      (
        "function(v, d, emit) local e = { at = v.time, user = 5 } emit(e) end",
        "4: 'user' holds a text, not a number"
      ),
      (
        "function(v, d, emit) local e = { at = v.time, amount = 'x' } emit(e) end",
        "4: 'amount' holds a number, not a text"
      ),
      (
        "function(v, d, emit) local e = { at = v.time, label = 1 } emit(e) end",
        "4: 'label' must be true or false, not a number"
      ),
      (
        "function(v) local v = v return v[\"usr\" .. \"\"] end",
        "4: unknown field 'usr', did you mean 'user'?"
      ),
      ("function(v, d) return d[\"nothing\" .. \"\"] end", "4: draw has no 'nothing'"),
      (
        "function(v, d) return d[\"unifrm\" .. \"\"] end",
        "4: draw has no 'unifrm', did you mean 'uniform'?"
      ),
      (
        "function(v, d) d.uniform(2, 1) end",
        "4: draw.uniform needs two numbers or two durations, the lower first"
      ),
      ("function(v, d) d.choice {} end", "4: draw.choice needs a list with at least one value"),
      (
        "function(v, d) d.integer(1) end",
        "4: draw.integer needs two whole numbers, the lower first"
      ),
      ("function(v, d) v:at_hour('x') end", "4: at_hour needs an hour, such as victim:at_hour(3)"),
      (
        "function(v, d, emit) for _ = 1, 10001 do emit { at = v.time } end end",
        "4: more than 10000 events from one injection"
      ),
      ("function() end", "1: scenario: inject emitted no event"),
      ("function() while true do end end", "4: took longer than 2 seconds"),
    ])
  func refused(_ body: String, _ wanted: String) throws {
    #expect(try refusal(body) == wanted)
  }
}
