/// Where every key of every declaration stands in a Lua file, because Lua itself tells no line of a table key.
///
/// A path leads from a declaration to a value: `features`, `logins`, `within`. A call around a table is passed
/// through, so `logins = count { within = … }` has that path. Tables that are built elsewhere (in a local, in a loop)
/// are not found; then the nearest known place above stands in. One pass over the tokens, no recursion.
package struct LuaSourceMap: Sendable {
  package enum Key: Hashable, Sendable {
    case name(String)
    /// The place in a list, from 1.
    case index(Int)
  }

  /// One call of a declaring function: `rule { … }` or `suite "id" { … }`.
  package struct Declaration: Sendable {
    package let kind: String
    package let position: SourcePosition
    fileprivate let node: Int
  }

  /// A text written inside the function that stands under a key.
  package struct Literal: Sendable {
    package let text: String
    package let position: SourcePosition
  }

  private struct Node {
    var position: SourcePosition
    var children: [Key: Int] = [:]
    var text: String?
    var literals: [Literal] = []
    /// The token at which a function stands that is written out here.
    var function: Int?
  }

  private var nodes: [Node] = []
  package private(set) var declarations: [Declaration] = []

  package init(source: String, kinds: Set<String>) {
    self.init(tokens: LuaTokenizer.tokens(source), kinds: kinds)
  }

  init(tokens: [LuaToken], kinds: Set<String>) {
    var builder = Builder(tokens: tokens, kinds: kinds)
    builder.build()
    nodes = builder.nodes
    declarations = builder.declarations
  }

  /// The declaration of a kind that has this text under `id`, or else the `ordinal`th of the kind, from 0.
  package func declaration(kind: String, id: String?, ordinal: Int) -> Declaration? {
    let ofKind = declarations.filter { $0.kind == kind }
    if let id {
      let named = ofKind.filter { node(at: [.name("id")], below: $0.node)?.text == id }
      if named.count == 1 { return named[0] }
    }
    return ordinal < ofKind.count ? ofKind[ordinal] : ofKind.first
  }

  /// The place of a path's last key, or of the nearest known key above it.
  package func position(of path: [Key], in declaration: Declaration) -> SourcePosition {
    var current = declaration.node
    var position = declaration.position
    for key in path {
      guard let next = nodes[current].children[key] else { return position }
      current = next
      position = nodes[next].position
    }
    return position
  }

  /// The texts written inside the function under a path.
  package func literals(in path: [Key], of declaration: Declaration) -> [Literal] {
    node(at: path, below: declaration.node)?.literals ?? []
  }

  /// The token `function` of the function that is written out under a path.
  func function(at path: [Key], of declaration: Declaration) -> Int? {
    node(at: path, below: declaration.node)?.function
  }

  /// The names that any text of a file has in braces.
  static func placeholders(in source: String) -> Set<String> {
    Set(
      LuaTokenizer.tokens(source).flatMap { token -> [String] in
        if case .string(let text) = token.kind { MessageTemplate(text).names } else { [] }
      })
  }

  private func node(at path: [Key], below start: Int) -> Node? {
    var current = start
    for key in path {
      guard let next = nodes[current].children[key] else { return nil }
      current = next
    }
    return nodes[current]
  }
}

extension LuaSourceMap {
  /// Walks the tokens with a stack of open brackets and blocks.
  private struct Builder {
    private enum Shape { case table, bracket, block, function }

    private struct Frame {
      var shape: Shape
      /// The node that a table opened directly inside stands for.
      var node: Int?
      /// For a table: the node of the table itself, the next place in its list, whether a field begins here.
      var table = -1
      var nextIndex = 1
      var expectsField = false
    }

    let tokens: [LuaToken]
    let kinds: Set<String>
    var nodes: [Node] = []
    var declarations: [Declaration] = []
    private var frames: [Frame] = [Frame(shape: .block)]
    /// How many function bodies are open, each with the node that owns its literals.
    private var owners: [Int?] = []

    init(tokens: [LuaToken], kinds: Set<String>) {
      self.tokens = tokens
      self.kinds = kinds
    }

    mutating func build() {
      var at = 0
      while at < tokens.count {
        if frames[frames.count - 1].expectsField, !tokens[at].isMark("}") {
          at = beginField(at)
          if at >= tokens.count { break }
        }
        read(at)
        at += 1
      }
    }

    /// Notes the key of a table field and returns where its value begins.
    private mutating func beginField(_ at: Int) -> Int {
      frames[frames.count - 1].expectsField = false
      let top = frames[frames.count - 1]
      let token = tokens[at]
      var key = Key.index(top.nextIndex)
      var value = at
      if let word = token.word, at + 1 < tokens.count, tokens[at + 1].isMark("=") {
        key = .name(word)
        value = at + 2
      } else if token.isMark("["), at + 3 < tokens.count, tokens[at + 2].isMark("]"),
        tokens[at + 3].isMark("=")
      {
        switch tokens[at + 1].kind {
        case .string(let text): key = .name(text)
        case .number(let digits): key = Int(digits).map(Key.index) ?? .name(digits)
        default: key = .name("")
        }
        value = at + 4
      } else {
        frames[frames.count - 1].nextIndex += 1
      }
      let child = add(at: token.position)
      nodes[top.table].children[key] = child
      frames[frames.count - 1].node = child
      if value < tokens.count, case .string(let text) = tokens[value].kind {
        nodes[child].text = text
      }
      if value < tokens.count, tokens[value].word == "function" { nodes[child].function = value }
      return value
    }

    private mutating func read(_ at: Int) {
      let token = tokens[at]
      switch token.kind {
      case .mark("{"): open(at)
      case .mark("("), .mark("["):
        frames.append(Frame(shape: .bracket, node: frames[frames.count - 1].node))
      case .mark("}"): close(.table)
      case .mark(")"), .mark("]"): close(.bracket)
      case .mark(","), .mark(";"):
        if frames[frames.count - 1].shape == .table { frames[frames.count - 1].expectsField = true }
      case .word("function"):
        owners.append(frames[frames.count - 1].node ?? owners.last ?? nil)
        frames.append(Frame(shape: .function))
      case .word("do"), .word("if"), .word("repeat"): frames.append(Frame(shape: .block))
      case .word("end"), .word("until"): close(.block)
      case .string(let text):
        if let owner = owners.last ?? nil {
          nodes[owner].literals.append(Literal(text: text, position: token.position))
        }
      default: break
      }
    }

    /// Opens a table; it stands for the field whose value it is, or for nothing above it.
    private mutating func open(_ at: Int) {
      let node = frames[frames.count - 1].node ?? add(at: tokens[at].position)
      if let caller = caller(before: at) {
        declarations.append(
          Declaration(kind: caller.kind, position: caller.position, node: node))
      }
      frames.append(Frame(shape: .table, table: node, expectsField: true))
    }

    /// `rule {`, `rule({` or `suite "id" {`.
    private func caller(before brace: Int) -> (kind: String, position: SourcePosition)? {
      var at = brace - 1
      if at >= 0, tokens[at].isMark("(") { at -= 1 }
      if at >= 0, case .string = tokens[at].kind { at -= 1 }
      if at >= 2, tokens[at].isMark(")"), case .string = tokens[at - 1].kind { at -= 3 }
      guard at >= 0, let word = tokens[at].word, kinds.contains(word) else { return nil }
      if at > 0, tokens[at - 1].isMark(".") || tokens[at - 1].isMark(":") { return nil }
      return (word, tokens[at].position)
    }

    private mutating func close(_ shape: Shape) {
      // A bracket that does not match is left to Lua, which refuses the file.
      let open = frames[frames.count - 1].shape
      guard frames.count > 1, open == shape || (open == .function && shape == .block) else {
        return
      }
      frames.removeLast()
      if open == .function { owners.removeLast() }
    }

    private mutating func add(at position: SourcePosition) -> Int {
      nodes.append(Node(position: position))
      return nodes.count - 1
    }
  }
}
