/// Reads Lua 5.4 by its grammar, once, and keeps of it which names stand for what.
///
/// Anything unforeseen ends it without a result: what it says must be certain. Its recursion is no deeper than the one that Lua
/// itself allows a source.
struct LuaNameReader {
  /// What an expression stands for, as far as it is written out.
  enum Value {
    case name(Reference)
    case written(LuaNames.Written)
  }

  /// A name and the members after it, up to where only a run could tell what it is.
  struct Reference {
    var root: LuaNames.Root
    var path: [String]
    var position: SourcePosition
    /// The variables that it goes through; where one of them is assigned, nothing is known.
    var through: [Int]
    /// Whether it says more than the variable that it begins with, whose own value was read before.
    var isNew = true
  }

  struct Variable {
    /// What it stands for as long as nobody assigns it.
    var alias: Reference?
    var isAssigned = false
  }

  private static let deepest = 200
  static let reserved: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]
  static let binary: Set<String> = [
    "+", "-", "*", "/", "//", "%", "^", "..", "<", "<=", ">", ">=", "==", "~=", "&", "|", "~", "<<",
    ">>",
  ]

  let tokens: [LuaToken]
  var at = 0
  private var depth = 0
  var isLua = true
  var variables: [Variable] = []
  private var scopes: [[String: Int]] = [[:]]
  var used: [Reference] = []
  var written: [Reference] = []
  var called: [(callee: Reference, arguments: [LuaNames.Written])] = []

  init(_ tokens: [LuaToken]) { self.tokens = tokens }

  /// Whether it was Lua to the end.
  mutating func read() -> Bool {
    block()
    return isLua && at == tokens.count
  }

  var uses: [LuaNames.Use] { used.compactMap(certain) }
  var assigned: [LuaNames.Use] { written.compactMap(certain) }
  var calls: [LuaNames.Call] {
    called.compactMap { call in
      certain(call.callee).map { LuaNames.Call(callee: $0, arguments: call.arguments) }
    }
  }

  private func certain(_ reference: Reference) -> LuaNames.Use? {
    if reference.root == .global && reference.path.isEmpty { return nil }
    if reference.through.contains(where: { variables[$0].isAssigned }) { return nil }
    return LuaNames.Use(
      root: reference.root, path: reference.path, position: reference.position)
  }

  // MARK: tokens

  var word: String? { at < tokens.count ? tokens[at].word : nil }
  func isMark(_ text: String) -> Bool { at < tokens.count && tokens[at].isMark(text) }

  mutating func fail() {
    isLua = false
    at = tokens.count
  }

  mutating func take(_ mark: String) -> Bool {
    guard isMark(mark) else { return false }
    at += 1
    return true
  }

  mutating func take(word text: String) -> Bool {
    guard word == text else { return false }
    at += 1
    return true
  }

  mutating func expect(_ mark: String) { if !take(mark) { fail() } }
  mutating func expect(word text: String) { if !take(word: text) { fail() } }

  mutating func name() -> String {
    guard let word, !LuaNameReader.reserved.contains(word), word != "_ENV" else {
      fail()
      return ""
    }
    at += 1
    return word
  }

  /// `...`, which comes as two marks.
  mutating func takeDots() -> Bool {
    guard isMark(".."), at + 1 < tokens.count, tokens[at + 1].isMark(".") else { return false }
    at += 2
    return true
  }

  mutating func deeper(_ step: (inout LuaNameReader) -> Void) {
    depth += 1
    if depth > LuaNameReader.deepest { fail() } else { step(&self) }
    depth -= 1
  }

  // MARK: scopes

  mutating func declare(_ name: String, as alias: Reference? = nil) {
    variables.append(Variable(alias: alias))
    scopes[scopes.count - 1][name] = variables.count - 1
  }

  mutating func scoped(_ step: (inout LuaNameReader) -> Void) {
    scopes.append([:])
    step(&self)
    scopes.removeLast()
  }

  func variable(_ name: String) -> Int? {
    for scope in scopes.reversed() { if let found = scope[name] { return found } }
    return nil
  }

  /// What a name stands for where it is read; nothing for a variable of which nothing is known.
  func reference(_ name: String, at position: SourcePosition) -> Reference? {
    guard let variable = variable(name) else {
      return Reference(root: .global, path: [name], position: position, through: [])
    }
    guard var alias = variables[variable].alias else { return nil }
    alias.position = position
    alias.through.append(variable)
    alias.isNew = false
    return alias
  }
}
