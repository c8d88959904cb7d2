import Primitives
import Scripting
import Testing

/// A script that means harm, and the only error that it may end with.
struct Hostile: CustomTestStringConvertible, Sendable {
  var name: String
  var source: String
  var error: String

  init(_ name: String, _ source: String, _ error: String) {
    self.name = name
    self.source = source
    self.error = error
  }

  var testDescription: String { name }
}

private let late = "took longer than 50 ms"
private let fat = "needs more than 4 MiB of memory"

@Suite("A hostile script", .timeLimit(.minutes(20)))
struct HostileTests {
  static let endless: [Hostile] = [
    Hostile("while", "while true do end", late),
    Hostile("repeat", "repeat until false", late),
    Hostile("for", "for i = 1, math.maxinteger do end", late),
    Hostile("goto", "::a:: goto a", late),
    Hostile("tail calls", "local function f() return f() end f()", late),
    Hostile("iterator", "for _ in function() return 1 end do end", late),
    Hostile(
      "gsub callback",
      "return (('x'):gsub('.', function() while true do end end))", late),
    Hostile(
      "sort comparer", "table.sort({1, 2, 3}, function() while true do end end)", late),
    Hostile(
      "contradicting comparer",
      "local t = {} for i = 1, 50000 do t[i] = i end while true do table.sort(t, function() return true end) end",
      late),
    Hostile(
      "nested gsub", "local f f = function() return (('x'):gsub('x', f)) end f()",
      "C stack overflow"),
    Hostile("ipairs", "local t = {1} while true do for _ in ipairs(t) do end end", late),
    Hostile(
      "string methods", "local s = ('x'):rep(1e6) while true do s:lower() s:upper() end", late),
    Hostile("reverse", "local s = ('x'):rep(1e6) while true do s:reverse() end", late),
    Hostile("tostring", "while true do tostring(1) end", late),
    Hostile("random", "while true do math.random() end", late),
    Hostile("utf8", "local s = ('é'):rep(1e5) while true do utf8.len(s) end", late),
    Hostile("move", "table.move({}, 1, math.maxinteger - 1, 2)", late),
    Hostile(
      "concat of nothing", "table.concat({}, '', 1, math.maxinteger)",
      "invalid value (at index 1) in table for 'concat'"),
    Hostile(
      "list with a far border",
      "local t = {} local i = 1 while i > 0 do t[i] = 1 i = i * 2 end t[3] = 1 while true do table.insert(t, 1, 1) table.remove(t, 1) end",
      late),
    Hostile(
      "sort of one long text",
      "local s, t = ('x'):rep(1e6), {} for i = 1, 50000 do t[i] = s end table.sort(t)", late),
    Hostile("close", "local function f() while true do end end f()", late),
  ]

  static let patterns: [Hostile] = [
    Hostile("optional chain", "return (('a'):rep(28)):find(('a?'):rep(28) .. ('a'):rep(28))", late),
    Hostile("lazy chain", "return (('a'):rep(300)):find(('.-'):rep(6) .. 'b')", late),
    Hostile("greedy chain", "return (('a'):rep(300)):match(('.*'):rep(6) .. 'b')", late),
    Hostile("right trim", "return (((' '):rep(200000) .. 'x'):gsub('%s+$', ''))", late),
    Hostile("quadratic", "return (('a'):rep(200000)):find('a*b')", late),
    Hostile("lazy capture", "return (('a'):rep(200000)):match('(.-)b')", late),
    Hostile("balanced", "return (('('):rep(200000)):find('%b()')", late),
    Hostile("frontier", "return (('a'):rep(200000)):find('a-%f[b]b')", late),
    Hostile("gmatch", "for _ in (('a'):rep(200000)):gmatch('a-b') do end", late),
    Hostile("gsub", "return (('a'):rep(200000)):gsub('a-b', 'x')", late),
    Hostile(
      "long set",
      "return (('a'):rep(100000)):find('[' .. ('b'):rep(100000) .. ']')", late),
    Hostile("back reference", "return (('a'):rep(50000)):find('(a*)%1b')", late),
    Hostile("deep", "return (('a'):rep(300)):find(('a?'):rep(300))", "pattern too complex"),
    Hostile("captures", "return ('a'):find(('()'):rep(40))", "too many captures"),
    Hostile("unclosed set", "return ('a'):find('[a')", "malformed pattern (missing ']')"),
    Hostile("lone percent", "return ('a'):find('a%')", "malformed pattern (ends with '%')"),
    Hostile("open capture", "return ('a'):find('(a')", "unfinished capture"),
    Hostile("closed capture", "return ('a'):match('a)')", "invalid pattern capture"),
    Hostile("no such capture", "return ('a'):find('%1')", "invalid capture index %1"),
    Hostile(
      "short balance", "return ('a'):find('%b')", "malformed pattern (missing arguments to '%b')"),
    Hostile("short frontier", "return ('a'):find('%f')", "missing '[' after '%f' in pattern"),
    Hostile(
      "bad replacement", "return ('a'):gsub('a', '%z')", "invalid use of '%' in replacement string"),
    Hostile(
      "replacement by a table", "return ('a'):gsub('a', function() return {} end)",
      "invalid replacement value (a table)"),
  ]

  static let memory: [Hostile] = [
    Hostile("doubling", "local s = 'x' while true do s = s .. s end", fat),
    Hostile("rep", "return ('x'):rep(1e9)", fat),
    Hostile("rep beyond size", "return ('xx'):rep(math.maxinteger)", "resulting string too large"),
    Hostile("rep with separator", "return (''):rep(1e9, 'ab')", fat),
    Hostile("list", "local t = {} for i = 1, 1e9 do t[i] = i end", fat),
    Hostile("tables", "local t = {} while true do t = {t} end", fat),
    Hostile("closures", "local t = {} while true do t[#t + 1] = function() return t end end", fat),
    Hostile(
      "concat",
      "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1000) end return table.concat(t, ('y'):rep(10000))",
      fat),
    Hostile("gsub growth", "return (('x'):rep(100000):gsub('x', ('y'):rep(1000)))", fat),
    Hostile(
      "format growth", "local s = 'x' while true do s = string.format('%s%s', s, s) end", fat),
    Hostile("recursion", "local function f(n) return 1 + f(n) end return f(1)", fat),
    Hostile("table.pack", "local function f(...) return f(1, ...) end f()", fat),
    Hostile("unpack", "return table.unpack({}, 1, 1e8)", "too many results to unpack"),
    Hostile(
      "unpack to the end", "return table.unpack({}, math.mininteger, math.maxinteger)",
      "too many results to unpack"),
    Hostile(
      "bytes", "return (('x'):rep(2e6)):byte(1, -1)", "stack overflow (string slice too long)"),
    Hostile("error of a large text", "error(('x'):rep(1e9))", fat),
  ]

  static let missing: [Hostile] = [
    "pcall", "xpcall", "load", "loadstring", "dofile", "loadfile", "require", "io", "os", "debug",
    "package", "coroutine", "collectgarbage", "setmetatable", "getmetatable", "rawget", "rawset",
    "rawequal", "rawlen", "print", "warn", "_G", "_VERSION",
  ].map { name in
    let near =
      ["loadstring": ", did you mean 'tostring'?", "os": ", did you mean 'ms'?"][name] ?? ""
    return Hostile(name, "return \(name)", "unknown name '\(name)'\(near)")
  }

  static let tampering: [Hostile] = [
    Hostile("global", "x = 1", "'x' is not a local variable; write 'local x = ...'"),
    Hostile(
      "base function", "tostring = nil",
      "'tostring' is not a local variable; write 'local tostring = ...'"),
    Hostile("library", "string.rep = nil", "'string.rep' cannot be set: 'string' is sealed"),
    Hostile("new library function", "math.x = 1", "'math.x' cannot be set: 'math' is sealed"),
    Hostile(
      "library by position", "table.insert(string, 1)", "a table of the host cannot be changed"),
    Hostile("environment", "_ENV.x = 1", "'x' is not a local variable; write 'local x = ...'"),
    Hostile(
      "environment by position", "table.insert(_ENV, 1)", "a table of the host cannot be changed"),
    Hostile("text as a table", "('x').y = 1", "attempt to index a string value (constant 'x')"),
    Hostile("missing method", "return ('x'):dump()", "unknown name 'string.dump'"),
    Hostile("pack", "return string.pack('i', 1)", "unknown name 'string.pack'"),
    Hostile(
      "random seed", "math.randomseed(1)",
      "unknown name 'math.randomseed'"),
    Hostile(
      "misspelt function", "return string.fnid('x', 'x')",
      "unknown name 'string.fnid', did you mean 'string.find'?"),
    Hostile(
      "duration field", "return minute.x", "attempt to index a duration value (global 'minute')"),
    Hostile(
      "address by format", "return string.format('%p', {})", "invalid conversion '%p' to 'format'"),
    Hostile("number as a name", "return math[1]", "a name is text; there is none for a number"),
    Hostile("next on a text", "next('x')", "next needs a table, not a string"),
    Hostile("pairs on nothing", "pairs()", "pairs needs a table, not a no value"),
    Hostile(
      "pairs on a duration", "pairs(minute)",
      "pairs needs a table, not a duration"),
  ]

  static let errors: [Hostile] = [
    Hostile("nil", "error(nil)", "the error is a nil, not text"),
    Hostile("none", "error()", "the error is a nil, not text"),
    Hostile("table", "error({})", "the error is a table, not text"),
    Hostile("function", "error(error)", "the error is a function, not text"),
    Hostile("duration", "error(5 * minute)", "the error is a duration, not text"),
    Hostile("number", "error(42)", "42"),
    Hostile("flag", "error(false)", "the error is a boolean, not text"),
    Hostile("text without a place", "error('x', 0)", "x"),
    Hostile("text that looks like a place", "error('p.lua:7', 0)", "p.lua:7"),
    Hostile("zero byte", "error('a\\0b', 0)", "a\0b"),
    Hostile("broken UTF-8", "error('a\\xFFb', 0)", "a\u{FFFD}b"),
    Hostile("megabytes", "error(('x'):rep(1000000), 0)", String(repeating: "x", count: 2000)),
    Hostile(
      "megabytes cut within a character", "error('x' .. ('é'):rep(400000), 0)",
      "x" + String(repeating: "é", count: 999)),
    Hostile(
      "text that takes quadratic time to compare", "error(('\u{301}\u{316}'):rep(300000), 0)",
      String(repeating: "\u{301}\u{316}", count: 15)),
    Hostile(
      "such text after a place", "error('p.lua:1: ' .. ('\u{301}\u{316}'):rep(300000), 0)",
      String(repeating: "\u{301}\u{316}", count: 15)),
    Hostile("assert with a table", "assert(false, {})", "the error is a table, not text"),
    Hostile("assert", "assert(nil)", "assertion failed!"),
    Hostile("call of nil", "local f f()", "attempt to call a nil value (local 'f')"),
    Hostile("index of nil", "local t return t.x.y", "attempt to index a nil value (local 't')"),
    Hostile("division by zero", "return 1 // 0", "attempt to divide by zero"),
    Hostile("modulo by zero", "return 1 % 0", "attempt to perform 'n%0'"),
    Hostile("not an integer", "return 1.5 | 1", "number has no integer representation"),
    Hostile(
      "text arithmetic", "return '1' + 1",
      "attempt to perform arithmetic on a string value (constant '1')"),
    Hostile("nil position", "local t = {} t[nil] = 1", "table index is nil"),
    Hostile("NaN position", "local t = {} t[0/0] = 1", "table index is NaN"),
    Hostile("step of zero", "for i = 1, 2, 0 do end", "'for' step is zero"),
  ]

  @Test(
    "ends with one clean error and leaves the state usable",
    arguments: endless + patterns + memory + missing + tampering + errors)
  func endsCleanly(_ hostile: Hostile) throws {
    let script = try makeScript(milliseconds: hostile.error == late ? 50 : 20_000)
    let error = try #require(script.failure(of: hostile.source))
    #expect(error.message == hostile.error)
    let kind: ScriptError.Kind =
      switch hostile.error {
      case late: .deadline
      case fat: .memory
      default: .runtime
      }
    #expect(error.kind == kind)
    #expect(try script.run("return ('ab'):gsub('a', 'b')") == .text("bb"))
    #expect(script.memory <= 4 << 20)
  }

  static let broken: [Hostile] = [
    Hostile("bytecode", "\u{1B}Lua", "attempt to load a binary chunk (mode is 't')"),
    Hostile("unfinished", "return (", "unexpected symbol near <eof>"),
    Hostile(
      "deep parentheses", "return " + String(repeating: "(", count: 1000),
      "C stack overflow"),
    Hostile(
      "deep tables", "return " + String(repeating: "{", count: 1000), "C stack overflow"),
    Hostile(
      "deep functions", String(repeating: "function f() ", count: 1000), "C stack overflow"
    ),
    Hostile(
      "many locals", "local " + (1...300).map { "a\($0)" }.joined(separator: ","),
      "too many local variables (limit is 200) in main function near ','"),
    Hostile("zero byte", "return 1\0", "<eof> expected"),
    Hostile("broken break", "break", "break outside loop at line 1"),
    Hostile(
      "too long", String(repeating: " ", count: 70_000),
      "70000 bytes of source, and 65536 are allowed"),
  ]

  @Test("that is no Lua is refused with its place", arguments: broken)
  func syntax(_ hostile: Hostile) throws {
    let script = try makeScript(milliseconds: 5000)
    let error = try #require(script.failure(of: hostile.source))
    #expect(error.message == hostile.error)
    #expect(error.kind == .syntax)
    #expect(try script.run("return 1") == .integer(1))
  }

  static let slow: [Hostile] = [
    Hostile(
      "or chain", "local a return " + String(repeating: "a or ", count: 13_000) + "a",
      ""),
    Hostile(
      "elseif chain",
      "local a if a then " + String(repeating: "elseif a then ", count: 4500) + "end",
      ""),
    Hostile(
      "fields of nil", "local a return a" + String(repeating: ".x", count: 32_000),
      "attempt to index a nil value (local 'a')"),
    Hostile(
      "fields of fields of nil",
      "local a = {x = {}} return a" + String(repeating: ".x", count: 32_000),
      "attempt to index a nil value (field 'x')"),
    Hostile(
      "call of a field",
      "local a = {} a.x = a a" + String(repeating: ".x", count: 32_000) + "()",
      "attempt to call a table value (field 'x')"),
  ]

  @Test("of 64 KB made to slow the parser or to exhaust its stack ends", arguments: slow)
  func slowParser(_ hostile: Hostile) throws {
    let script = try makeScript(memory: 16 << 20, milliseconds: 20_000)
    #expect((script.failure(of: hostile.source)?.message ?? "") == hostile.error)
    #expect(try script.run("return 1") == .integer(1))
  }

  @Test("cannot stop the clock of its next call")
  func stickyDeadline() throws {
    let script = try makeScript(milliseconds: 20)
    for _ in 0..<5 {
      #expect(script.failure(of: "while true do end")?.kind == .deadline)
      #expect(
        try script.run("local n = 0 for i = 1, 1000 do n = n + i end return n") == .integer(500500))
    }
  }

  @Test("is told the line that it was at")
  func lines() throws {
    let script = try makeScript(milliseconds: 20)
    #expect(script.failure(of: "\n\nwhile true do end")?.line == 3)
    #expect(script.failure(of: "\nerror({})")?.line == 2)
    #expect(script.failure(of: "\nerror(nil)")?.line == 2)
    #expect(script.failure(of: "\n\nlocal x = \n\n")?.line == 5)
    let fat = try #require(script.failure(of: "\n\nlocal s = 'x' while true do s = s .. s end"))
    #expect(fat.kind == .memory)
    #expect(fat.line == 3)
    #expect(
      script.failure(of: "\nlocal t = {}\nfor i = 1, 1e9 do t[i] = {} end").map {
        [2, 3].contains($0.line)
      }
        == true)
    let long = String(repeating: "d/", count: 60) + "p.lua"
    do throws(ScriptError) {
      _ = try script.load(Array("\nerror('no')".utf8), chunk: long)
      Issue.record("no error")
    } catch {
      #expect(error.line == 2)
      #expect(error.message == "no")
      #expect(error.chunk == long)
    }
  }

  @Test("of tables that hold one another shows no more of them than fits, and marks the cut")
  func sharedTables() throws {
    let script = try makeScript(milliseconds: 1000)
    var visits: [LineVisit] = []
    script.watchLines(LineWatcher { visits.append($0) })
    _ = try script.run(
      """
      local inner, mid, big = {}, {}, {}
      for i = 1, 33 do inner[i] = ("x"):rep(190) mid[i] = inner big[i] = mid end
      local last = 1
      return last
      """)
    func count(_ value: ScriptValue) -> Int {
      value.table.map { $0.named.reduce(1) { $0 + count($1.value) } } ?? 1
    }
    let seen = try #require(visits.last)
    #expect(seen.locals.map(\.name) == ["inner", "mid", "big", "last"])
    #expect(seen.locals.reduce(0) { $0 + count($1.value) } < 1000)
    #expect(seen.bytes < 100 << 10)
    #expect(seen.locals[0].value.table?.named.last?.name == "…")
    #expect(seen.locals[0].value.table?.named.count == 33)
    #expect(seen.locals[3].value == .integer(1))
  }

  @Test("is followed no further than wanted, and ends at its limit whoever looks")
  func lookedAt() throws {
    let script = try makeScript(milliseconds: 20)
    var asked = 0
    var visits = 0
    script.watchLines(
      LineWatcher(
        wants: { _ in
          asked += 1
          return asked > 10 ? .enough : .look
        }, take: { _ in visits += 1 }))
    let source = "local n = 0 while n < 10000 do n = n + 1 end return n"
    #expect(try script.run(source) == .integer(10_000))
    #expect(asked == 11 && visits == 10)
    #expect(script.failure(of: "while true do end")?.kind == .deadline)
    script.watchLines(LineWatcher(wants: { _ in .passOver }, take: { _ in visits += 1 }))
    #expect(script.failure(of: "while true do end")?.kind == .deadline)
    script.watchLines(nil)
    #expect(visits == 10)
  }

  @Test("in a file named like our own code is answered at once, however deep it was")
  func namedLikePrelude() throws {
    let script = try makeScript(memory: 16 << 20, milliseconds: 20_000)
    let source = """
      local function down(n) if n == 0 then error('bottom') end return 1 + down(n - 1) end
      return down(100000)
      """
    let error = #expect(throws: ScriptError.self) {
      try script.load(Array(source.utf8), chunk: "[prelude 7].lua")
    }
    #expect(error?.message.hasSuffix("bottom") == true)
  }
}
