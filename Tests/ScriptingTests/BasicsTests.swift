import Primitives
import Scripting
import Testing

@Suite("A script", .timeLimit(.minutes(20)))
struct BasicsTests {
  @Test("A chunk's value is read back")
  func chunkValue() throws {
    let script = try makeScript()
    #expect(try script.run("return 1 + 2") == .integer(3))
    #expect(try script.run("return 'a\\0b'") == .text("a\0b"))
    #expect(try script.run("return 5 * minute") == .duration(.minutes(5)))
    #expect(try script.run("return") == .nil)
    let table = try #require(try script.run("return {1, {2}, b = true, a = 1.5}").table)
    #expect(table.list == [.integer(1), .table(ScriptTable(list: [.integer(2)]))])
    #expect(table.named.map(\.name) == ["a", "b"])
  }

  @Test("Case and classes of characters are those of ASCII; other letters stay as they are")
  func ascii() throws {
    let script = try makeScript()
    #expect(try script.run("return ('ÄRGER.EXE'):lower()") == .text("Ärger.exe"))
    #expect(try script.run("return ('äb'):upper(), 1") == .text("äB"))
    #expect(try script.run("return ('äb'):match('%a+')") == .text("b"))
  }

  @Test("A function is called with values and its result is read")
  func call() throws {
    let script = try makeScript()
    let f = try #require(try script.run("return function(a, b) return {a, b.x} end").function)
    #expect(f.line == 1)
    let value = try script.call(f, [.text("hi"), .table(ScriptTable(named: [("x", .flag(true))]))])
    #expect(value == .table(ScriptTable(list: [.text("hi"), .flag(true)])))
  }

  @Test("An endless loop ends with the deadline and the script goes on")
  func deadline() throws {
    let script = try makeScript(milliseconds: 5)
    let error = try #require(script.failure(of: "\nwhile true do end"))
    #expect(error.kind == .deadline)
    #expect("\(error)" == "p.lua:2: took longer than 5 ms")
    #expect(try script.run("return 1") == .integer(1))
  }

  @Test("An unknown name is answered with the nearest known one")
  func unknownName() throws {
    let script = try makeScript()
    #expect(
      "\(script.failure(of: "return 5 * minut")!)"
        == "p.lua:1: unknown name 'minut', did you mean 'minute'?")
    #expect(
      "\(script.failure(of: "x = 1")!)"
        == "p.lua:1: 'x' is not a local variable; write 'local x = ...'")
  }
}
