import Plugins
import Primitives
import Testing

private let kinds: Set<String> = ["rule", "suite"]

private func place(
  _ source: String, _ path: [LuaSourceMap.Key], id: String? = nil, ordinal: Int = 0
) -> [Int] {
  let map = LuaSourceMap(source: source, kinds: kinds)
  guard let declaration = map.declaration(kind: "rule", id: id, ordinal: ordinal) else { return [] }
  let position = map.position(of: path, in: declaration)
  return [position.line, position.column]
}

@Suite("The places of keys in Lua")
struct SourceMapTests {
  private let source = """
    -- rule { id = 1 }
    --[==[ rule { ]] } ]==]
    local text = [[ rule { ]] .. "} \\" rule {"
    return rule {
      id = "é", title = "x",
      ["se\\"v"] = 5, [3] = 6,
      features = {
        logins = count { within = 5 * minute, where = { outcome = "failure" } },
        other  = (not_({ deep = { 1, { 2 } } })),
      },
      detect = function(event, f)
        if event.x then for i = 1, 2 do local t = { within = 1 } end end
        return { message = "{x}" .. 'y' }
      end,
      tags = { "a", "b" },
    }
    """

  @Test("Keys are found through calls, brackets, functions and comments")
  func found() {
    #expect(place(source, []) == [4, 8])
    #expect(place(source, [.name("id")]) == [5, 3])
    #expect(place(source, [.name("title")]) == [5, 13])
    #expect(place(source, [.name("se\"v")]) == [6, 3])
    #expect(place(source, [.index(3)]) == [6, 18])
    #expect(place(source, [.name("features"), .name("logins")]) == [8, 5])
    #expect(place(source, [.name("features"), .name("logins"), .name("within")]) == [8, 22])
    #expect(
      place(source, [.name("features"), .name("logins"), .name("where"), .name("outcome")])
        == [8, 53])
    #expect(
      place(source, [.name("features"), .name("other"), .name("deep"), .index(2), .index(1)])
        == [9, 36])
    #expect(place(source, [.name("detect")]) == [11, 3])
    #expect(place(source, [.name("tags"), .index(2)]) == [15, 17])
  }

  @Test("What is not found falls back to the nearest place above")
  func fallback() {
    #expect(place(source, [.name("features"), .name("nothing"), .name("x")]) == [7, 3])
    #expect(place("local t = {}\nreturn rule(t)", [.name("id")]) == [])
  }

  @Test("Declarations are told apart by id, then by order")
  func declarations() {
    let two = "return {\n rule { id = \"a\", x = 1 },\n rule { id = \"b\",\n x = 1 } }"
    #expect(place(two, [.name("x")], id: "b") == [4, 2])
    #expect(place(two, [.name("x")], ordinal: 1) == [4, 2])
    #expect(place(two, [.name("x")], id: "a", ordinal: 1) == [2, 19])
  }

  @Test("Texts inside a function are known with their places")
  func literals() throws {
    let map = LuaSourceMap(source: source, kinds: kinds)
    let declaration = try #require(map.declaration(kind: "rule", id: nil, ordinal: 0))
    let literals = map.literals(in: [.name("detect")], of: declaration)
    #expect(literals.map(\.text) == ["{x}", "y"])
    #expect(literals.map(\.position.line) == [13, 13])
  }

  @Test("Random tables: every key is where it was written")
  func randomTables() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<300 {
      var writer = TableWriter()
      writer.put("return rule ")
      writer.table(depth: 0, path: [], random: &random)
      let map = LuaSourceMap(source: writer.text, kinds: kinds)
      guard let declaration = map.declaration(kind: "rule", id: nil, ordinal: 0) else {
        Issue.record("no declaration in \(writer.text)")
        return
      }
      for (path, position) in writer.places {
        #expect(map.position(of: path, in: declaration) == position, "\(path) in\n\(writer.text)")
      }
    }
  }

  @Test("Any bytes are walked to their end")
  func hostile() {
    var random = SeededRandom(seed: 3)
    let pieces = [
      "{", "}", "(", ")", "[", "]", "[[", "]]", "[==[", "\"", "'", "\\", "--", "--[[", "function",
      "end", "if", "do", "repeat", "until", "=", "==", ",", ";", "rule", "rule{", "\n", "é",
      "0x1p+", "1..2",
      "\u{0}", "id", " ", "return",
    ]
    for _ in 0..<2000 {
      let source = (0..<random.below(60)).map { _ in pieces[random.below(pieces.count)] }.joined()
      let map = LuaSourceMap(source: source, kinds: kinds)
      for declaration in map.declarations {
        let position = map.position(of: [.name("id"), .index(1)], in: declaration)
        #expect(position.line >= 1 && position.column >= 1)
      }
    }
  }

  @Test("The deepest and the longest file that may be read is walked")
  func large() {
    for piece in ["{", "rule{", "rule{a=", "(", "[==[", "function ", "--[", "\"\\", "{},"] {
      let source = String(repeating: piece, count: 65_536 / piece.utf8.count)
      let map = LuaSourceMap(source: source, kinds: kinds)
      #expect(map.declarations.count <= 65_536)
    }
  }
}

/// Writes a random table and notes where each key went: the oracle.
private struct TableWriter {
  var text = ""
  var line = 1
  var column = 1
  var places: [([LuaSourceMap.Key], SourcePosition)] = []

  mutating func put(_ piece: String) {
    text += piece
    for character in piece.unicodeScalars {
      if character == "\n" {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
  }

  private mutating func gap(_ random: inout SeededRandom) {
    let gaps = [" ", "\n", "  ", " --[[ x = { ]] ", " -- } y = 1\n", ""]
    put(gaps[random.below(gaps.count)])
  }

  mutating func table(depth: Int, path: [LuaSourceMap.Key], random: inout SeededRandom) {
    put("{")
    var index = 1
    for number in 0..<random.below(5) {
      gap(&random)
      var key = LuaSourceMap.Key.name("k\(number)")
      let shape = random.below(3)
      let start = SourcePosition(line: line, column: column)
      switch shape {
      case 0: put("k\(number) = ")
      case 1: put("[\"k\(number)\"]=")
      default:
        key = .index(index)
        index += 1
      }
      places.append((path + [key], start))
      value(depth: depth, path: path + [key], random: &random)
      gap(&random)
      put(random.chance(0.5) ? "," : ";")
    }
    put("}")
  }

  private mutating func value(
    depth: Int, path: [LuaSourceMap.Key], random: inout SeededRandom
  ) {
    switch depth < 4 ? random.below(7) : random.below(4) {
    case 0: put("5 * minute")
    case 1: put("\"te}xt{ = ,\"")
    case 2: put("[=[ ]] } ]=]")
    case 3: put("function(a) if a == 1 then return { b = 2 } end end")
    case 4:
      put("count ")
      table(depth: depth + 1, path: path, random: &random)
    case 5:
      put("not_(")
      table(depth: depth + 1, path: path, random: &random)
      put(")")
    default: table(depth: depth + 1, path: path, random: &random)
    }
  }
}
