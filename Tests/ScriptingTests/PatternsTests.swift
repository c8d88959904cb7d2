import Foundation
import Primitives
import Scripting
import Testing

private let reference = "/usr/bin/lua5.4"

/// Lua's own interpreter answers the same questions; absent where it is not installed.
@Suite(
  "Patterns, formats and lists",
  .enabled(if: FileManager.default.isExecutableFile(atPath: reference)), .timeLimit(.minutes(20)))
struct PatternsTests {
  /// What Lua itself prints for each expression: its values in quotes, or the error without its place.
  private func expected(_ expressions: [String]) throws -> [String] {
    let script =
      """
      local function show(ok, ...)
        if not ok then return (tostring((...)):gsub('^[^:]*:%d+: ', '')) end
        local t = table.pack(...)
        for i = 1, t.n do t[i] = string.format('%q', t[i]) end
        return table.concat(t, ' ')
      end
      local function byte(c) return string.format('<%02x>', c:byte()) end
      local function ask(f)
        local text = show(pcall(f)):gsub('[\\n\\128-\\255]', byte):gsub("#1 to 'remove'", "#2 to 'remove'")
        print(text)
      end

      """ + expressions.map { "ask(function() \($0) end)" }.joined(separator: "\n")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: reference)
    process.arguments = ["-"]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    // Lua reads the whole source before it prints, so neither side waits for the other.
    try input.fileHandleForWriting.write(contentsOf: Data(script.utf8))
    try input.fileHandleForWriting.close()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast().map(String.init)
  }

  private func compare(_ expressions: [String]) throws {
    let script = try makeScript(milliseconds: 10_000)
    let answers = try expected(expressions)
    try #require(answers.count == expressions.count)
    for (expression, answer) in zip(expressions, answers) {
      let shown: String
      do throws(ScriptError) {
        let value = try script.run(
          """
          local t = table.pack((function() \(expression) end)())
          for i = 1, t.n do t[i] = string.format('%q', t[i]) end
          return (table.concat(t, ' '):gsub('[\\n\\128-\\255]', function(c) return string.format('<%02x>', c:byte()) end))
          """)
        shown = value.text ?? "nothing"
      } catch {
        shown = error.message.replacing("\n", with: "<0a>")
      }
      #expect(shown == answer, "\(expression)")
    }
  }

  @Test("match as Lua's own do")
  func patterns() throws {
    var random = SeededRandom(seed: 21)
    let atoms = [
      "a", "b", ".", "%a", "%d", "%S", "[ab]", "[^a]", "[a-c]", "[%a_]", "[]]", "[^]a]", "[a-]",
      "[%]]", "(", ")", "()", "%1", "%b()", "%f[a]", "%f[%W]", "%.", "%%", "1", " ", "(a*)", "(.-)",
      "^", "$", "[", "%", "-", "%b", "%2", "[%", "x", "\\0", "%z", "%w", "[a-z1-9]", "é",
    ]
    let suffixes = ["", "", "", "*", "+", "-", "?"]
    let letters = ["a", "b", "c", "(", ")", "1", " ", "_", "]", "-", "\\0", "é", ".", "%"]
    func pick(_ choices: [String]) -> String { choices[random.below(choices.count)] }
    func quoted(_ text: String) -> String { "'\(text)'" }
    var expressions: [String] = []
    for _ in 0..<6000 {
      let subject = quoted((0..<random.below(12)).map { _ in pick(letters) }.joined())
      var pattern = random.chance(0.2) ? "^" : ""
      for _ in 0..<random.below(6) { pattern += pick(atoms) + pick(suffixes) }
      if random.chance(0.2) { pattern += "$" }
      let start = pick(["", "", ", 2", ", -3", ", 0", ", 100", ", -100"])
      switch random.below(4) {
      case 0: expressions.append("return string.find(\(subject), \(quoted(pattern))\(start))")
      case 1: expressions.append("return string.match(\(subject), \(quoted(pattern))\(start))")
      case 2:
        let replacement = pick([
          "'%0%0'", "'<%1>'", "'%2'", "'%%'", "'%'", "'%x'", "{a = 'A', b = false, [1] = 'n'}",
          "function(x, y) return y or x end", "function() return nil end", "7",
        ])
        let most = pick(["", ", 1", ", 2", ", 0", ", -1"])
        expressions.append(
          "return string.gsub(\(subject), \(quoted(pattern)), \(replacement)\(most))")
      default:
        expressions.append(
          "local t = {} for x, y in string.gmatch(\(subject), \(quoted(pattern))\(start)) do "
            + "t[#t + 1] = tostring(x) .. '=' .. tostring(y) if #t > 30 then break end end "
            + "return table.concat(t, ';')")
      }
    }
    try compare(expressions)
  }

  @Test("find plain text as Lua's own do")
  func plain() throws {
    var random = SeededRandom(seed: 22)
    var expressions: [String] = []
    for _ in 0..<500 {
      func text(_ most: Int) -> String {
        (0..<random.below(most)).map { _ in ["a", "b", "%", "(", "\\0"][random.below(5)] }.joined()
      }
      expressions.append(
        "return string.find('\(text(12))', '\(text(4))', \(random.below(16) - 3), true)")
    }
    try compare(expressions)
  }

  @Test("format as Lua's own do")
  func formats() throws {
    var random = SeededRandom(seed: 23)
    let values = [
      "0", "1", "-1", "255", "1.5", "-0.0", "1e308", "1/0", "-1/0", "math.mininteger", "3.0", "'x'",
      "''", "'12'", "'a\\0b'", "'\\n\\r\\0001\"\\\\'", "true", "nil", "('y'):rep(150)", "2^53",
      "1e15",
    ]
    var expressions = [
      "return string.format('%d')", "return string.format('%', 1)",
      "return string.format('%5%', 1)",
      "return string.format('100%%')", "return string.format('%q', 1/3)",
      "return string.format('%99.99f', 1e308)", "return string.format('%100d', 1)",
      "return string.format('%.100d', 1)", "return string.format('%c%c', 0, 65)",
      "return string.format('%5c|', 65)", "return string.format('%5q', 'x')",
    ]
    for _ in 0..<1500 {
      let flags = ["", "", "-", "0", "+", " ", "#", "-0"][random.below(8)]
      let width = ["", "", "5", "20"][random.below(4)]
      let precision = ["", "", ".0", ".3", "."][random.below(5)]
      let letters = [
        "d", "i", "x", "X", "o", "f", "g", "G", "e", "E", "a", "s", "q", "c", "y", "u",
      ]
      let letter = letters[random.below(letters.count)]
      let value = values[random.below(values.count)]
      expressions.append(
        "return string.format('[%\(flags)\(width)\(precision)\(letter)]', \(value))")
    }
    // The words of a refused format or argument differ; that both refuse does not.
    let script = try makeScript(milliseconds: 10_000)
    for (expression, answer) in zip(expressions, try expected(expressions)) {
      let refused =
        answer.hasPrefix("bad argument") || answer.hasPrefix("invalid")
        || answer.hasPrefix("specifier")
      do throws(ScriptError) {
        let text = try script.run(
          "return (string.format('%q', (function() \(expression) end)()):gsub('[\\n\\128-\\255]', function(c) return string.format('<%02x>', c:byte()) end))"
        )
        #expect(!refused && text == .text(answer), "\(expression)")
      } catch {
        #expect(refused, "\(expression): \(error.message)")
      }
    }
  }

  @Test("sort, insert, remove, move and repeat as Lua's own do")
  func lists() throws {
    var random = SeededRandom(seed: 24)
    var expressions: [String] = []
    for _ in 0..<1000 {
      let items = (0..<random.below(9)).map { _ in "\(random.below(20))" }.joined(separator: ", ")
      func position() -> Int { random.below(12) - 2 }
      let step = [
        "table.sort(t)", "table.sort(t, function(a, b) return a > b end)",
        "table.insert(t, \(position()), 99)", "table.insert(t, 98)",
        "t[30] = table.remove(t)", "t[30] = table.remove(t, \(position()))",
        "table.move(t, \(position()), \(position()), \(position()))",
        "t = table.move(t, 1, #t, 2, {5})", "t = {table.unpack(t, \(position()), \(position()))}",
        "t = {table.concat(t, '-', 1, #t)}", "t = {('ab'):rep(\(position()), ',')}",
        "t = {table.unpack(table.pack(table.unpack(t)))}",
        "t = {('héllo'):byte(\(position()), \(position()))}",
        "t = {('hello'):sub(\(position()), \(position()))}",
      ][random.below(14)]
      expressions.append(
        "local t = {\(items)} \(step) local s = '' for i = -3, 31 do s = s .. tostring(t[i]) .. ' ' end return s"
      )
    }
    try compare(expressions)
  }
}
