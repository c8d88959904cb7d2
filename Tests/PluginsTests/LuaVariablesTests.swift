import Testing

@testable import Plugins

@Suite("What Lua functions keep")
struct LuaVariablesTests {
  @Test(
    "Functions that only make values of their own keep nothing",
    arguments: [
      "return rule { detect = function(e) local n = 0 n = n + 1 if n == 1 then return 'x' end end }",
      "local most = 5 local names = { 'a', 'b' } return rule { detect = function(e, f) for i, v in ipairs(names) do local t = { a = 1 } t.b = i t[v] = 2 end end }",
      "local function half(x) x = x / 2 return x end return rule { detect = function(e) local a, b <const> = half(2), 3 a = b end }",
      "return rule { detect = function(e) local t = {} table.insert(t, e.user) table.sort(t) local function inner() t = {} end end }",
      "return rule { detect = function(e) while true do local x = 1 if x == 1 then x = 2 elseif x == 3 then x = 4 else x = 5 end repeat x = x + 1 until x > 3 end end, on = { a = 1 } }",
    ])
  func kept(source: String) { #expect(!LuaVariables.areKept(by: source)) }

  @Test(
    "What assigns to a name or a table from outside may keep something",
    arguments: [
      "local n = 0 return rule { detect = function(e) n = n + 1 end }",
      "local seen = {} return rule { detect = function(e) seen[e.user] = true end }",
      "local seen = {} return rule { detect = function(e) local s = seen s.x = 1 end }",
      "local seen = {} return rule { detect = function(e) local s = {} s = seen s.x = 1 end }",
      "local seen = {} return rule { detect = function(e) table.insert(seen, e.user) end }",
      "local c = { n = 0 } local function bump() c.n = c.n + 1 end return rule { detect = function(e) bump() end }",
      "count = 0 return rule { detect = function(e) local a a, count = 1, 2 end }",
      "return rule { detect = function(e) return math.random() > 0.5 end }",
      "local t = { a = {} } return rule { detect = function(e) if e.x then t.a[1].b = 3 end end }",
      "return rule { detect = function(e) function shared() end end }",
    ])
  func keeps(source: String) { #expect(LuaVariables.areKept(by: source)) }
}
