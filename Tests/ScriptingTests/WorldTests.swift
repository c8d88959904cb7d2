import Glibc
import Primitives
import Scripting
import Testing

private final class Event: FieldReader {
  var device = Array("PC-1".utf8)
  var asked = 0

  func field(named name: UnsafeBufferPointer<UInt8>) -> Int32? {
    asked += 1
    let names = ["user", "logins", "risk", "device", "admin", "time", "for_", "absent"]
    return names.firstIndex { $0.utf8.elementsEqual(name) }.map(Int32.init)
  }

  func value(ofField field: Int32) -> ScriptScalar {
    switch field {
    case 0: text("ana")
    case 1: .integer(12)
    case 2: .number(0.5)
    case 3: device.withUnsafeBufferPointer { .text($0) }
    case 4: .flag(true)
    case 5: .time(Timestamp(seconds: 60))
    case 6: .duration(.minutes(5))
    default: .nil
    }
  }

  private func text(_ literal: StaticString) -> ScriptScalar {
    .text(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  func unknownField(_ name: String) -> String { "event has no field '\(name)'" }
}

private struct Refusal: Error, CustomStringConvertible {
  var description: String { "http was not granted" }
}

/// Seconds of the processor that this thread has used.
private func threadTime() -> Double {
  var used = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used)
  return Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
}

@Suite("The world of a script", .timeLimit(.minutes(20)))
struct WorldTests {
  @Test("An object answers field by field and is asked for a name once")
  func object() throws {
    let script = try makeScript()
    let event = Event()
    let object = try script.object(event)
    let f = try #require(
      try script.run(
        "return function(e) return {e.user, e.logins, e.risk, e.device, e.admin, e.time, e.for_, e.absent == nil, type(e), tostring(e)} end"
      ).function)
    for _ in 0..<3 {
      #expect(
        try script.call(f, object).table?.list == [
          .text("ana"), .integer(12), .number(0.5), .text("PC-1"), .flag(true),
          .time(Timestamp(seconds: 60)), .duration(.minutes(5)), .flag(true), .text("object"),
          .text("object"),
        ])
    }
    #expect(event.asked == 8)
    event.device = Array("PC-2".utf8)
    #expect(try script.call(f, [.object(object)]).table?.list[3] == .text("PC-2"))
  }

  @Test(
    "An object refuses what it is not",
    arguments: [
      ("return e.usr", "event has no field 'usr'"),
      ("return e[1]", "a field has a name; it cannot be read by a number"),
      ("e.user = 1", "an object of the host cannot be changed"),
      ("for k in pairs(e) do end", "pairs cannot walk an object: read its fields by name"),
      ("for k in ipairs(e) do end", "ipairs cannot walk an object: read its fields by name"),
      ("return #e", "attempt to get length of a object value (local 'e')"),
      ("return e + 1", "attempt to perform arithmetic on a object value (local 'e')"),
      ("return e", "object is an object that only lives during the call"),
      ("return {x = e}", "object is an object that only lives during the call at x"),
    ])
  func objectRefusals(body: String, message: String) throws {
    let script = try makeScript()
    let object = try script.object(Event())
    let f = try #require(try script.run("return function(e) \(body) end").function)
    let error = #expect(throws: ScriptError.self) { try script.call(f, object) }
    #expect(error?.message == message)
    #expect(error?.chunk == "p.lua")
    if !message.contains("during the call") { #expect(error?.line == 1) }
  }

  @Test("An object kept from an earlier call cannot be read, even when the host let go of it")
  func keptObject() throws {
    let script = try makeScript()
    let keep = try #require(
      try script.run("local kept return function(e) kept = kept or e return kept.user end").function
    )
    do {
      let object = try script.object(Event())
      #expect(try script.call(keep, object) == .text("ana"))
    }
    let error = #expect(throws: ScriptError.self) { try script.call(keep, []) }
    #expect(
      error?.message == "an object was kept from an earlier call; copy the fields that you need")
  }

  @Test("A host function takes and gives values, and what it throws is an error of the script")
  func hostFunctions() throws {
    let script = try makeScript(functions: [
      HostFunction("act.http.post", waits: true) { arguments in
        guard arguments.first?.table?["url"].text == "x" else { throw Refusal() }
        return .table(ScriptTable(named: [("status", .integer(200))]))
      },
      HostFunction("act.log") { _ in .nil },
      HostFunction("twice") { .table(ScriptTable(list: $0 + $0)) },
    ])
    #expect(try script.run("return act.http.post { url = 'x' }.status") == .integer(200))
    #expect(try script.run("return #twice(1, minute)") == .integer(4))
    let refused = try #require(script.failure(of: "\nact.http.post {}"))
    #expect("\(refused)" == "p.lua:2: http was not granted")
    #expect(refused.kind == .host)
    #expect(
      script.failure(of: "act.htp.post()")?.message
        == "unknown name 'act.htp', did you mean 'act.http'?")
    #expect(
      script.failure(of: "act.http.post = 1")?.message
        == "'act.http.post' cannot be set: 'act.http' is sealed")
    #expect(script.failure(of: "twice(0/0)")?.message == "a number that is not finite")
    #expect(script.failure(of: "twice('\\xFF')")?.message == "text that is not UTF-8")
    #expect(try script.run("return 1") == .integer(1))
  }

  @Test("A host function may call back into the script")
  func callBack() throws {
    var script: Script?
    let apply = HostFunction("apply") { arguments in
      guard case .function(let f) = arguments[0], let script else { throw Refusal() }
      return try script.call(f, Array(arguments.dropFirst()))
    }
    script = try makeScript(milliseconds: 50, functions: [apply])
    let running = try #require(script)
    #expect(
      try running.run(
        "return apply(function(x) return apply(function(y) return y + 1 end, x) end, 1)")
        == .integer(2))
    #expect(
      running.failure(of: "apply(function() error('inner') end)")?.message
        == "p.lua:1: inner")
    #expect(running.failure(of: "apply(function() while true do end end)")?.kind == .deadline)
    #expect(running.failure(of: "while true do apply(function() end) end")?.kind == .deadline)
    #expect(try running.run("return 1") == .integer(1))
    script = nil
  }

  @Test("What went wrong in a call back is no reason of what goes wrong later")
  func faultOfCallBack() throws {
    var script: Script?
    let attempt = HostFunction("attempt") { arguments in
      guard case .function(let f) = arguments[0], let script else { throw Refusal() }
      do throws(ScriptError) {
        return try script.call(f, [])
      } catch {
        return .text("\(error.kind)")
      }
    }
    script = try makeScript(functions: [attempt])
    let running = try #require(script)
    #expect(try running.run("return attempt(function() return {0/0} end)") == .text("value"))
    let later = running.failure(of: "attempt(function() return {0/0} end)\nerror('mine')")
    #expect(later?.kind == .runtime)
    #expect("\(later!)" == "p.lua:2: mine")
    script = nil
  }

  @Test("A name longer than any field's is refused without asking what it means")
  func longFieldName() throws {
    let script = try makeScript()
    let event = Event()
    let object = try script.object(event)
    let f = try #require(
      try script.run("return function(e) return e[('x'):rep(1000)] end").function)
    let error = #expect(throws: ScriptError.self) { try script.call(f, object) }
    #expect(error?.message == "event has no field '\(String(repeating: "x", count: 255))'")
    #expect(event.asked == 0)
  }

  @Test("Neither clock counts what a host function that waits takes, and both go on afterwards")
  func waiting() throws {
    let slow = HostFunction("slow", waits: true) { _ in
      let until = threadTime() + 0.2
      while threadTime() < until {}
      return .nil
    }
    // Lets the call's time on the wall pass, of which the script has used next to nothing.
    let nap = HostFunction("nap") { _ in
      usleep(100_000)
      return .nil
    }
    let script = try makeScript(milliseconds: 50, functions: [slow, nap])
    #expect(try script.run("slow() return 1") == .integer(1))
    #expect(try script.run("nap() slow() nap() return 1") == .integer(1))
    #expect(script.failure(of: "slow() while true do end")?.kind == .deadline)
  }

  private static let prelude = """
    local kit = ...
    local marks = {}
    function rule(t)
      kit.setmetatable(t, marks)
      return t
    end
    function needs(x) if x == nil then error('give it a value') end return x end
    function at_least(n) return { at_least = n } end
    field = { inner = { deep = 1 } }
    setting = kit.setmetatable({}, { __index = function(_, k) return 'setting ' .. k end })
    """

  @Test("A prelude defines names, and its tables are sealed afterwards")
  func preludes() throws {
    let script = try makeScript(prelude: [Self.prelude, "function more() return rule {} end"])
    #expect(
      try script.run("\n\nreturn rule { when = at_least(3) }")
        == .table(
          ScriptTable(named: [("when", .table(ScriptTable(named: [("at_least", .integer(3))])))])))
    #expect(try script.run("return more()") == .table(ScriptTable()))
    #expect(try script.run("return field.inner.deep") == .integer(1))
    #expect(try script.run("return setting.url") == .text("setting url"))
    #expect(
      script.failure(of: "field.inner.deep = 2")?.message
        == "'field.inner.deep' cannot be set: 'field.inner' is sealed")
    #expect(
      script.failure(of: "return rle {}")?.message == "unknown name 'rle', did you mean 'rule'?")
    #expect("\(script.failure(of: "\n\nneeds()")!)" == "p.lua:3: give it a value")
    #expect("\(script.failure(of: "\n\nreturn needs()")!)" == "p.lua:3: give it a value")
  }

  @Test("A prelude that fails names itself")
  func brokenPrelude() throws {
    let error = #expect(throws: ScriptError.self) {
      try makeScript(prelude: ["local x = 1", "\nerror('no')"])
    }
    #expect("\(error!)" == "test: [prelude 2]:2: no")
    let syntax = #expect(throws: ScriptError.self) { try makeScript(prelude: ["function"]) }
    #expect(syntax?.kind == .syntax)
    #expect("\(syntax!)" == "test: [prelude 1]:1: <name> expected near <eof>")
  }

  @Test("Two chunks of a script share no variable")
  func chunks() throws {
    let script = try makeScript()
    #expect(script.failure(of: "x = 1")?.kind == .runtime)
    #expect(script.failure(of: "return x")?.message == "unknown name 'x'")
    let first = try script.load(Array("return function() error('no') end".utf8), chunk: "first.lua")
    _ = try script.load(Array("return 1".utf8), chunk: "second.lua")
    let error = #expect(throws: ScriptError.self) { try script.call(#require(first.function), []) }
    #expect("\(error!)" == "first.lua:1: no")
  }

  @Test("A state that does not even fit is refused")
  func tooSmall() throws {
    let error = #expect(throws: ScriptError.self) { try makeScript(memory: 4096) }
    #expect("\(error!)" == "test: needs more than 4096 bytes of memory")
    #expect(error?.kind == .memory)
  }

  @Test("Calls, time and memory are counted")
  func counts() throws {
    let script = try makeScript(milliseconds: 5000)
    let before = script.calls
    let f = try #require(
      try script.run("return function() for i = 1, 1e5 do end end").function)
    let spent = script.nanoseconds
    for _ in 0..<10 { _ = try script.call(f, []) }
    #expect(script.calls - before == 11)
    #expect(script.nanoseconds > spent)
    #expect(script.memory > 1000)
  }

  @Test("Many threads, each with scripts of its own, keep their deadlines")
  func threads() async throws {
    await withTaskGroup(of: Bool.self) { group in
      for n in 0..<16 {
        group.addTask {
          do {
            let script = try makeScript(milliseconds: 10)
            for _ in 0..<5 {
              guard script.failure(of: "while true do end")?.kind == .deadline else { return false }
              guard try script.run("return \(n)") == .integer(Int64(n)) else { return false }
            }
            return true
          } catch {
            return false
          }
        }
      }
      for await kept in group { #expect(kept) }
    }
  }
}
