import Foundation
import Primitives
import Scripting
import Testing

/// Sources made from real ones by chance: cut, doubled, spliced and sprinkled with what breaks things.
private struct Mutator {
  var random: SeededRandom
  let sources: [[UInt8]]
  private static let words = [
    "while true do end", "for i = 1, math.maxinteger do", "('a'):rep(1e9)", "..", "{", "(", "[[",
    "end", "function() ", "return ", "local a <close> = ", "goto x ", "::x::", "\0", "\u{1B}Lua",
    "\u{FFFD}", "0x1p99999", "1e309", "%", "nil", "_ENV", "...", "table.sort(", "string.rep",
    ":find(('a?'):rep(30))", "setmetatable", "--[==[", "~", "//0", "give(", "{give}",
  ].map { Array($0.utf8) }

  mutating func next() -> [UInt8] {
    var bytes = sources[random.below(sources.count)]
    for _ in 0...random.below(6) {
      let at = random.below(bytes.count + 1)
      let length = min(random.below(80), bytes.count - at)
      switch random.below(5) {
      case 0: bytes.removeSubrange(at..<at + length)
      case 1: bytes.insert(contentsOf: bytes[at..<at + length], at: at)
      case 2: bytes.insert(contentsOf: Mutator.words[random.below(Mutator.words.count)], at: at)
      case 3: if at < bytes.count { bytes[at] = UInt8(truncatingIfNeeded: random.next()) }
      default:
        let other = sources[random.below(sources.count)]
        let from = random.below(other.count + 1)
        bytes.insert(contentsOf: other[from..<min(other.count, from + 200)], at: at)
      }
    }
    return bytes
  }
}

@Suite("A mutated source", .timeLimit(.minutes(20)))
struct MutationTests {
  /// The hostile rules, and beside them sources of our own that use what a plugin may.
  private static func sources() throws -> [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Hostile")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "lua" }.sorted { $0.path < $1.path }
    let own = [
      "local t = {} for i = 1, 100 do t[i] = ('x'):rep(i) end table.sort(t) return table.concat(t, ',')",
      "return { a = 5 * minute, b = { 1, 2, { c = 'd' } }, f = function(x) return give(x) end }",
      "for w in ('one two three'):gmatch('%a+') do give(w) end return (('x=1, y=2'):gsub('(%w+)=(%w+)', '%2=%1'))",
      "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(12)",
      "return string.format('%5.2f %q %s %x', 1.5, 'a\\nb', minute, 255)",
    ].map { Array($0.utf8) }
    return try files.map { Array(try Data(contentsOf: $0)) } + own
  }

  @Test("ends in a value or a clean error, and leaves its state sound", arguments: 1...4)
  func ends(seed: UInt64) throws {
    let give = HostFunction("give") { $0.first ?? .nil }
    var mutator = Mutator(random: SeededRandom(seed: seed), sources: try Self.sources())
    var script = try makeScript(milliseconds: 5, functions: [give])
    var kinds: Set<ScriptError.Kind> = []
    for round in 0..<150 {
      // A state lives through many sources, as what they leave behind is part of the test.
      if round % 50 == 0 { script = try makeScript(milliseconds: 5, functions: [give]) }
      do throws(ScriptError) {
        let value = try script.load(mutator.next(), chunk: "p.lua")
        if let function = value.function { _ = try script.call(function, [value]) }
      } catch {
        kinds.insert(error.kind)
        #expect(!error.message.isEmpty)
      }
      #expect(script.memory <= 4 << 20)
      #expect(try script.run("return ('ab'):rep(2)") == .text("abab"))
    }
    #expect(kinds.contains(.syntax))
  }
}
