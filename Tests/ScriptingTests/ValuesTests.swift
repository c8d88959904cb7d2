import Primitives
import Scripting
import Testing

@Suite("Values", .timeLimit(.minutes(20)))
struct ValuesTests {
  private func draw(_ random: inout SeededRandom, depth: Int) -> ScriptValue {
    func text() -> String {
      let alphabet = ["a", "é", "\0", "\u{1F319}", "\n", "\"", "%", "x1"]
      return (0..<random.below(6)).map { _ in alphabet[random.below(alphabet.count)] }.joined()
    }
    switch random.below(depth > 0 ? 8 : 6) {
    case 0: return .flag(random.chance(0.5))
    case 1: return .integer(Int64(bitPattern: random.next()))
    case 2: return .number(random.normal() * 1e10)
    case 3: return .text(text())
    case 4: return .duration(TimeSpan(microseconds: Int64(bitPattern: random.next())))
    case 5: return .time(Timestamp(microseconds: Int64(bitPattern: random.next())))
    default:
      let list = (0..<random.below(4)).map { _ in draw(&random, depth: depth - 1) }
      let names = Set((0..<random.below(4)).map { _ in text() }).sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
      }
      let named = names.map { ($0, draw(&random, depth: depth - 1)) }
      return .table(ScriptTable(list: list, named: named))
    }
  }

  @Test("come back from Lua as they went in")
  func roundTrip() throws {
    let script = try makeScript()
    let echo = try #require(try script.run("return function(x) return x end").function)
    var random = SeededRandom(seed: 11)
    for _ in 0..<2000 {
      let value = draw(&random, depth: 4)
      #expect(try script.call(echo, [value]) == value)
    }
    for edge: ScriptValue in [
      .nil, .integer(.min), .integer(.max), .number(-0.0), .number(.leastNonzeroMagnitude),
      .number(1.7e308),
      .text(""), .table(ScriptTable()), .duration(TimeSpan(microseconds: .min)),
    ] {
      #expect(try script.call(echo, [edge]) == edge)
    }
  }

  static let refused: [Hostile] = [
    Hostile("infinity", "return 1/0", "a number that is not finite"),
    Hostile("NaN in a list", "return {a = {1, 0/0}}", "a number that is not finite at a[2]"),
    Hostile("cycle", "local t = {} t.t = t return t", "tables more than 32 deep at t.t.t"),
    Hostile(
      "depth", "local t = {} for i = 1, 40 do t = {t} end return t",
      "tables more than 32 deep at [1][1][1]"),
    Hostile(
      "nodes", "local t = {} for i = 1, 20000 do t[i] = 1 end return t", "more than 10000 values"),
    Hostile(
      "shared nodes", "local t = {1, 2, 3} for i = 1, 12 do t = {t, t, t} end return t",
      "more than 10000 values"),
    Hostile("text", "return {a = ('x'):rep(70000)}", "more than 65536 bytes of text at a"),
    Hostile(
      "names", "local t = {} for i = 1, 9000 do t['name' .. i] = true end return t",
      "more than 65536 bytes of text"),
    Hostile("gap", "return {x = {1, nil, 3}}", "position 3 without the ones before it at x"),
    Hostile("key", "return {[true] = 1}", "a key that is a boolean, not text or a position"),
    Hostile("fraction", "return {[1.5] = 1}", "a key that is a number, not text or a position"),
    Hostile("negative", "return {[-1] = 1}", "position -1 without the ones before it"),
    Hostile("broken UTF-8", "return 'a\\xFF'", "text that is not UTF-8"),
    Hostile("surrogate", "return '\\u{D800}'", "text that is not UTF-8"),
    Hostile("broken name", "return {['\\xC0\\x80'] = 1}", "text that is not UTF-8"),
  ]

  @Test("that may not cross are refused with their place", arguments: refused)
  func refuses(_ hostile: Hostile) throws {
    let script = try makeScript(milliseconds: 10_000)
    let error = try #require(script.failure(of: hostile.source))
    #expect(error.message == hostile.error)
    #expect(error.kind == .value)
    #expect(try script.run("return 1") == .integer(1))
  }

  @Test("that are functions stay callable, and cost nothing once dropped")
  func functions() throws {
    let script = try makeScript()
    let make = try #require(
      try script.run("return function(n) return {f = function() return n end}, 1 end").function)
    var kept: [ScriptFunction] = []
    for i in 0..<50 {
      kept.append(try #require(try script.call(make, [.integer(Int64(i))]).table?["f"].function))
    }
    #expect(try script.call(kept[7], []) == .integer(7))
    for _ in 0..<20_000 { _ = try script.call(make, [.integer(1)]) }
    #expect(script.memory < 1 << 20)
    let failing = try #require(
      try script.run("return function() return {function() end, 0/0} end").function)
    for _ in 0..<20_000 { #expect(throws: ScriptError.self) { try script.call(failing, []) } }
    #expect(script.memory < 1 << 20)
  }

  @Test("may hold a few combining marks in a row, and not so many that comparing them takes long")
  func combiningMarks() throws {
    let script = try makeScript()
    let refused = "text with more than 30 combining marks in a row"
    #expect(
      try script.run("return 'a' .. ('\u{301}'):rep(30)")
        == .text("a" + String(repeating: "\u{301}", count: 30)))
    #expect(try script.run("return ('é'):rep(1000)").text?.count == 1000)
    #expect(script.failure(of: "return ('\u{301}'):rep(31)")?.message == refused)
    #expect(script.failure(of: "return { [('\u{301}'):rep(20000)] = 1 }")?.message == refused)
    let given = HostFunction("give") { _ in .nil }
    let asking = try makeScript(functions: [given])
    #expect(asking.failure(of: "give(('\u{301}'):rep(31))")?.message == refused)
  }

  @Test("of the host are refused where they are deeper than Lua's stack of C calls likes")
  func deepHostValue() throws {
    let script = try makeScript()
    let echo = try #require(try script.run("return function(x) return type(x) end").function)
    func nested(_ depth: Int) -> ScriptValue {
      (0..<depth).reduce(.integer(1)) { value, _ in .table(ScriptTable(list: [value])) }
    }
    #expect(try script.call(echo, [nested(64)]) == .text("table"))
    let error = #expect(throws: ScriptError.self) { try script.call(echo, [nested(65)]) }
    #expect(error?.kind == .value)
    #expect(error?.message == "a value of the host has tables more than 64 deep")
    #expect(try script.call(echo, [.integer(1)]) == .text("number"))
  }

  @Test("are walked in the same order in every run")
  func order() throws {
    let source = """
      local t, seen = {}, {}
      for _, k in ipairs {'z', 'b', 'ab', 'a', ''} do t[k] = 1 end
      t[3] = 1 t[1] = 1 t[2.5] = 1 t[-1] = 1 t[true] = 1 t[false] = 1
      for k, v in pairs(t) do
        seen[#seen + 1] = tostring(k)
        if k == 1 then t[3] = nil end
      end
      return table.concat(seen, ' ')
      """
    for _ in 0..<5 {
      #expect(try makeScript().run(source) == .text("-1 1 2.5  a ab b z false true"))
    }
  }

  @Test("drawn at random repeat with the seed")
  func seeded() throws {
    let source = "return {math.random(), math.random(100), math.random(0)}"
    #expect(try makeScript(seed: 5).run(source) == makeScript(seed: 5).run(source))
    #expect(try makeScript(seed: 5).run(source) != makeScript(seed: 6).run(source))
  }

  @Test("of a state show no address")
  func addresses() throws {
    let script = try makeScript()
    #expect(
      try script.run("return {tostring({}), tostring(tostring), string.format('%s', string)}")
        == .table(ScriptTable(list: [.text("table"), .text("function"), .text("table")])))
  }
}
