import Detection
import Primitives
import Testing

@testable import Plugins

@Suite("Where a Lua function decided")
struct LuaDeciderTests {
  private func read(_ text: String) -> LuaExpression? {
    let tokens = LuaTokenizer.tokens(text)
    var reader = LuaExpressionReader(tokens, at: 0)
    let expression = reader.expression()
    return reader.at == tokens.count ? expression : nil
  }

  @Test(
    "An expression is read as Lua reads it, and written back with the brackets that it needs",
    arguments: [
      ("a + b * c - d", "a + b * c - d"), ("(a + b) * c", "(a + b) * c"),
      ("a - (b - c)", "a - (b - c)"), ("(a - b) - c", "a - b - c"),
      ("2 ^ 3 ^ 2", "2 ^ 3 ^ 2"), ("(2 ^ 3) ^ 2", "(2 ^ 3) ^ 2"), ("a .. b .. c", "a .. b .. c"),
      ("not (a and b) or c", "not (a and b) or c"), ("a or b and c", "a or b and c"),
      ("-x ^ 2", "-x ^ 2"), ("1 + #t[1].n >= 0x10", "1 + #t[1].n >= 16"), ("t['a'].b", "t.a.b"),
      ("list.has(\"vips\", e.user)", "list.has(\"vips\", e.user)"),
      ("s:find 'x' == nil", "s:find(\"x\") == nil"), ("f { 1, 2 }", "f(…)"),
      ("(\"%d\"):format(n)", "(\"%d\"):format(n)"), ("not not a == b", "not not a == b"),
    ])
  func reading(source: String, written: String) throws {
    #expect(try #require(read(source)).text() == written)
  }

  @Test(
    "What is no expression gives nothing",
    arguments: ["", "a +", "(a", "if a then", "a..", String(repeating: "(", count: 5000) + "a"])
  func broken(source: String) { #expect(read(source) == nil) }

  private func decide(
    _ body: [String], _ stops: [(Int, [String: LuaWorth])], event: [String: LuaWorth] = [:],
    features: [String: LuaWorth] = [:], finds: Bool = false
  ) -> [String] {
    let source =
      (["return rule { detect = function(event, f)"] + body + ["end }"]).joined(separator: "\n")
    let seen = stops.map { LuaStop(line: $0.0, variables: $0.1) }
    let member = { (object: String, name: String, _: [String]) -> LuaWorth in
      (object == "f" ? features : event)[name] ?? .nothing
    }
    let decider = LuaDecider(source: source)
    let decision =
      finds ? decider.finding(seen, member: member) : decider.silence(seen, member: member)
    let hidden: Set = ["event", "f"]
    return decision?.parts.map {
      finds ? $0.bound(hiding: hidden) ?? $0.written(hidden) : $0.failure(hiding: hidden)
    } ?? []
  }

  @Test("The first comparison that failed is named with both sides and what was lacking")
  func first() {
    let body = [
      "local mean = f.mean", "if event.amount > 2 * mean and f.n >= 3 then return 'x' end",
    ]
    let mean: [String: LuaWorth] = ["mean": .number(470.1)]
    #expect(
      decide(
        body, [(2, [:]), (3, mean), (4, mean)], event: ["amount": .number(812.5)],
        features: ["n": .number(1)])
        == ["amount 812.5 is not over 2 * mean = 940.2: 127.7 too low"])
    #expect(
      decide(
        body, [(2, [:]), (3, mean), (4, mean)], event: ["amount": .number(1000)],
        features: ["n": .number(1)]) == ["n 1 is not at least 3: 2 too low"])
  }

  @Test(
    "A guard is told by what would have had to be so, and all that would have been enough is told")
  func guards() {
    #expect(
      decide(
        ["if f.round < 0.35 * f.payments then return nil end", "return 'x'"], [(2, [:])],
        features: ["round": .number(1), "payments": .number(5)])
        == ["round 1 is not at least 0.35 * payments = 1.75: 0.75 too low"])
    #expect(
      decide(
        [
          "if f.a >= 8 then return 'x' end", "-- or patiently",
          "if f.b >= 12 then return 'y' end",
        ], [(2, [:]), (4, [:]), (5, [:])], features: ["a": .number(6), "b": .number(12 - 1e-3)])
        == ["a 6 is not at least 8: 2 too low", "b 11.999 is not at least 12: 0.001 too low"])
    #expect(
      decide(
        ["if not f.a or (f.b or 0) > 3 then return end", "return 'x'"], [(2, [:])],
        features: ["b": .number(7)]) == ["a is missing"])
    #expect(
      decide(
        ["return f.a > 1 and event.kind ~= 'x' and { message = 'm' } or nil"], [(2, [:])],
        event: ["kind": .text("x")], features: ["a": .number(2)]) == ["kind is \"x\""])
  }

  @Test("What takes a call is told by its text and by where the call went on")
  func calls() {
    let body = [
      "if list.has('known', event.user) then return nil end", "if f.a > 1 then return 'x' end",
    ]
    #expect(decide(body, [(2, [:])]) == ["list.has(\"known\", user) holds"])
    #expect(
      decide(body, [(2, [:]), (3, [:]), (4, [:])], features: ["a": .number(1)])
        == ["a 1 is not over 1, just at the bound"])
    #expect(
      decide(
        ["if odd(event) and f.a > 1 then return 'x' end"], [(2, [:]), (3, [:])],
        features: ["a": .number(1)])
        == ["odd(event), which cannot be looked into", "a 1 is not over 1, just at the bound"])
  }

  @Test("Conditions over several lines, in loops and inside others, and those of functions inside")
  func shapes() {
    let body = [
      "local function helper(x)", "  if x > 99 then return 1 end", "end",
      "for i = 1, 3 do", "  if f.a > i", "    and f.b > 2", "  then return 'x' end", "end",
    ]
    let i: [String: LuaWorth] = ["i": .number(3)]
    #expect(
      decide(
        body, [(2, [:]), (5, [:]), (6, i), (7, i), (9, [:])],
        features: ["a": .number(5), "b": .number(2)]) == ["b 2 is not over 2, just at the bound"])
    #expect(
      decide(
        ["if f.a > 1 then", "  if f.b > 1 then return 'x' end", "end"],
        [(2, [:]), (3, [:]), (5, [:])], features: ["a": .number(2), "b": .number(0)])
        == ["b 0 is not over 1: 1 too low"])
  }

  @Test("Lengths of time are compared and told as such")
  func spans() {
    let gap: [String: LuaWorth] = ["gap": .span(.minutes(10))]
    #expect(
      decide(["if gap >= 30 * minute then return 'x' end"], [(2, gap), (3, gap)])
        == ["gap 10 min is not at least 30 * minute = 30 min: 20 min too low"])
  }

  @Test("Of a finding the last condition on its way says what was asked and came true")
  func findings() {
    #expect(
      decide(
        [
          "if f.n < 3 then return nil end", "local before = f.before",
          "if f.x < 1.5 * before or event.value < 2 * before then return nil end", "return 'x'",
        ],
        [(2, [:]), (3, [:]), (4, ["before": .number(10)]), (5, [:])],
        event: ["value": .number(30)], features: ["n": .number(4), "x": .number(20)], finds: true)
        == ["at least 1.5 * before = 15", "at least 2 * before = 20"])
  }

  @Test("No source makes it crash", arguments: 0..<200)
  func random(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let words = [
      "function", "(", ")", "event", ",", "f", "if", "then", "end", "return", "nil", "and", "or",
      "not", "f.a", ">", "1", "<", "local", "x", "=", "elseif", "else", "while", "do", "repeat",
      "until", "{", "}", "[", "]", ":", ".", "..", "\"t\"", "-", "\n",
    ]
    let source = (0..<60).map { _ in words[random.below(words.count)] }.joined(separator: " ")
    let decider = LuaDecider(source: source)
    let stops = (1...6).map { LuaStop(line: $0, variables: ["x": .number(1)]) }
    _ = decider.silence(stops) { _, _, _ in .number(1) }
    _ = decider.finding(stops) { _, _, _ in .unknown }
  }
}
