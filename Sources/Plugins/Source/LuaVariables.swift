/// Tells whether the functions of a Lua file may keep something from one call to the next.
///
/// It errs on the safe side: what assigns to a name that is not its own, or into a table that it did not make itself, may keep
/// something.
struct LuaVariables {
  private enum Block {
    case table, bracket, body
    case function(own: Set<String>, made: Set<String>)
  }

  private static let changing: Set<String> = ["insert", "remove", "sort", "move", "rawset"]
  private static let keeping: Set<String> = ["coroutine", "random", "load", "setmetatable", "_ENV"]

  private let tokens: [LuaToken]
  private var at = 0
  private var blocks: [Block] = []

  static func areKept(by source: String) -> Bool {
    var reader = LuaVariables(tokens: LuaTokenizer.tokens(source))
    return reader.keep()
  }

  private init(tokens: [LuaToken]) { self.tokens = tokens }

  private var isInFunction: Bool {
    blocks.contains { if case .function = $0 { true } else { false } }
  }

  private func isMark(_ offset: Int, _ text: String) -> Bool {
    tokens.indices.contains(at + offset) && tokens[at + offset].isMark(text)
  }

  private func word(_ offset: Int) -> String? {
    tokens.indices.contains(at + offset) ? tokens[at + offset].word : nil
  }

  private mutating func keep() -> Bool {
    while at < tokens.count {
      if let word = tokens[at].word {
        if takeWord(word) { return true }
      } else if takeMark() {
        return true
      }
      at += 1
    }
    return false
  }

  private mutating func takeWord(_ word: String) -> Bool {
    let isMember = at > 0 && (tokens[at - 1].isMark(".") || tokens[at - 1].isMark(":"))
    switch word {
    case "function" where !isMember: return takeFunction()
    case "local": takeLocal()
    case "for":
      while at + 1 < tokens.count, self.word(1) != "in", !isMark(1, "=") {
        at += 1
        if let name = tokens[at].word { own(name) }
      }
      if isMark(1, "=") { at += 1 }
    case "do", "then", "repeat": blocks.append(.body)
    case "else", "elseif":
      close()
      if word == "else" { blocks.append(.body) }
    case "end", "until": close()
    case "gmatch" where !isInFunction: return true
    default:
      if LuaVariables.keeping.contains(word) && isInFunction { return true }
      guard isInFunction, LuaVariables.changing.contains(word), isMark(1, "(") else { return false }
      return !isMadeHere(self.word(2), at: at + 2)
    }
    return false
  }

  private mutating func takeMark() -> Bool {
    switch tokens[at].kind {
    case .mark("{"): blocks.append(.table)
    case .mark("("), .mark("["): blocks.append(.bracket)
    case .mark("}"), .mark(")"), .mark("]"): close()
    case .mark("="):
      if case .table? = blocks.last { return false }
      guard isInFunction else { return false }
      if !assignsOwn() { return true }
      // From now on the name may stand for a table of somebody else's.
      if at > 0, let name = tokens[at - 1].word, !isMark(1, "{") { forget(name) }
    default: break
    }
    return false
  }

  private mutating func close() { _ = blocks.popLast() }

  /// At the word `function`.
  private mutating func takeFunction() -> Bool {
    var name: [String] = []
    var keeps = false
    while at + 1 < tokens.count, !isMark(1, "(") {
      at += 1
      if let part = tokens[at].word { name.append(part) }
    }
    if isInFunction, let root = name.first, name.count > 1 || !isOwn(root) { keeps = true }
    var parameters: Set<String> = ["self"]
    while at + 1 < tokens.count, !isMark(0, ")") {
      at += 1
      if let parameter = tokens[at].word { parameters.insert(parameter) }
    }
    blocks.append(.function(own: parameters, made: []))
    return keeps
  }

  /// At the word `local`: names are its own, and so are tables that it makes.
  private mutating func takeLocal() {
    if word(1) == "function" {
      if let name = word(2) { own(name) }
      return
    }
    var names: [String] = []
    while let name = word(1) {
      names.append(name)
      at += 1
      if isMark(1, "<") { at += 3 }
      guard isMark(1, ",") else { break }
      at += 1
    }
    for name in names { own(name) }
    guard isMark(1, "=") else { return }
    at += 1
    if names.count == 1, isMark(1, "{") { make(names[0]) }
  }

  private mutating func own(_ name: String) {
    guard let place = innermost, case .function(var own, var made) = blocks[place] else { return }
    own.insert(name)
    made.remove(name)
    blocks[place] = .function(own: own, made: made)
  }

  private mutating func make(_ name: String) {
    guard let place = innermost, case .function(let own, var made) = blocks[place] else { return }
    made.insert(name)
    blocks[place] = .function(own: own, made: made)
  }

  private mutating func forget(_ name: String) {
    for place in blocks.indices {
      guard case .function(let own, var made) = blocks[place], made.contains(name) else { continue }
      made.remove(name)
      blocks[place] = .function(own: own, made: made)
    }
  }

  private var innermost: Int? {
    blocks.lastIndex { if case .function = $0 { true } else { false } }
  }

  /// Whether a name belongs to a call: to the function or to one around it.
  private func isOwn(_ name: String) -> Bool {
    blocks.contains { if case .function(let own, _) = $0 { own.contains(name) } else { false } }
  }

  private func isMade(_ name: String) -> Bool {
    blocks.contains { if case .function(_, let made) = $0 { made.contains(name) } else { false } }
  }

  /// Whether what stands at a place is the name of a table that the call made, and no part of something else.
  private func isMadeHere(_ name: String?, at place: Int) -> Bool {
    guard let name, isMade(name) else { return false }
    return place + 1 < tokens.count
      && (tokens[place + 1].isMark(",") || tokens[place + 1].isMark(")"))
  }

  /// Whether all that stands before the `=` at hand is the call's own.
  private func assignsOwn() -> Bool {
    var place = at - 1
    while place >= 0 {
      var isPart = false
      // Back over `.name` and `[…]` to the name that it begins with.
      while place >= 0 {
        if tokens[place].isMark("]") {
          var depth = 0
          while place >= 0 {
            if tokens[place].isMark("]") { depth += 1 }
            if tokens[place].isMark("[") { depth -= 1 }
            place -= 1
            if depth == 0 { break }
          }
          isPart = true
        } else if place > 0, tokens[place].word != nil,
          tokens[place - 1].isMark(".") || tokens[place - 1].isMark(":")
        {
          place -= 2
          isPart = true
        } else {
          break
        }
      }
      guard place >= 0, let root = tokens[place].word else { return false }
      if isPart ? !isMade(root) : !isOwn(root) { return false }
      guard place > 0, tokens[place - 1].isMark(",") else { return true }
      place -= 2
    }
    return true
  }
}

extension Rule {
  /// Whether its Lua may keep something from one event to the next, so that what it says depends on all that it was asked before.
  package var keepsVariables: Bool {
    hasDetect && LuaVariables.areKept(by: origin.source.text)
  }
}
