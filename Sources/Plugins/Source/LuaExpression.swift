import Detection

/// A Lua 5.4 expression as it stands in a source.
package indirect enum LuaExpression: Hashable, Sendable {
  case nothing
  case flag(Bool)
  case number(Double)
  case text(String)
  case name(String)
  /// `a.b`
  case member(LuaExpression, String)
  /// `a[b]`
  case index(LuaExpression, LuaExpression)
  /// `a(b, c)`
  case call(LuaExpression, [LuaExpression])
  /// `a:b(c)`
  case method(LuaExpression, String, [LuaExpression])
  case unary(String, LuaExpression)
  case binary(String, LuaExpression, LuaExpression)
  /// A table, a function, `...`: nothing that a comparison is made of.
  case other
}

extension LuaExpression {
  /// Operators by how strongly they bind; both numbers of one that binds to the right are one apart.
  fileprivate static let binding: [String: (left: Int, right: Int)] = [
    "or": (1, 1), "and": (2, 2),
    "<": (3, 3), ">": (3, 3), "<=": (3, 3), ">=": (3, 3), "~=": (3, 3), "==": (3, 3),
    "|": (4, 4), "~": (5, 5), "&": (6, 6), "<<": (7, 7), ">>": (7, 7), "..": (9, 8),
    "+": (10, 10), "-": (10, 10), "*": (11, 11), "/": (11, 11), "//": (11, 11), "%": (11, 11),
    "^": (14, 13),
  ]
  fileprivate static let unaryBinding = 12

  static let comparisons: Set<String> = ["<", ">", "<=", ">=", "~=", "=="]

  /// As its author may have written it, without line breaks and needless brackets.
  ///
  /// - Parameter hiding: names that are left out where a member of them is named: `amount` for `event.amount`.
  package func text(hiding names: Set<String> = []) -> String { written(names, within: 0) }

  private func written(_ names: Set<String>, within strength: Int) -> String {
    func list(_ all: [LuaExpression]) -> String {
      all.map { $0.written(names, within: 0) }.joined(separator: ", ")
    }
    func root(_ expression: LuaExpression) -> String {
      let text = expression.written(names, within: 100)
      switch expression {
      case .name, .member, .index, .call, .method: return text
      default: return text.hasPrefix("(") ? text : "(\(text))"
      }
    }
    func bracketed(_ text: String, _ own: Int) -> String { own < strength ? "(\(text))" : text }
    switch self {
    case .nothing: return "nil"
    case .flag(let flag): return "\(flag)"
    case .number(let x): return FeatureWords.number(x, decimals: 6)
    case .text(let text): return "\"\(text)\""
    case .name(let name): return name
    case .member(.name(let name), let member) where names.contains(name): return member
    case .member(let table, let member): return "\(root(table)).\(member)"
    case .index(let table, let key): return "\(root(table))[\(key.written(names, within: 0))]"
    case .call(let function, let arguments): return "\(root(function))(\(list(arguments)))"
    case .method(let object, let name, let arguments):
      return "\(root(object)):\(name)(\(list(arguments)))"
    case .unary(let mark, let inner):
      let space = mark == "not" ? " " : ""
      return bracketed(
        mark + space + inner.written(names, within: LuaExpression.unaryBinding),
        LuaExpression.unaryBinding)
    case .binary(let mark, let left, let right):
      let own = LuaExpression.binding[mark] ?? (0, 0)
      let (first, second) = own.left > own.right ? (own.left, own.right) : (own.left, own.left + 1)
      return bracketed(
        "\(left.written(names, within: first)) \(mark) \(right.written(names, within: second))",
        min(own.left, own.right))
    case .other: return "…"
    }
  }
}

/// Reads an expression from tokens. It never fails hard: what is no expression gives nothing, as Lua itself refused it.
struct LuaExpressionReader {
  private let tokens: [LuaToken]
  /// The token after what was read.
  private(set) var at: Int
  private var depth = 0

  /// Deeper ones are not read: nobody reads them either.
  private static let deepest = 100

  init(_ tokens: [LuaToken], at: Int) {
    self.tokens = tokens
    self.at = at
  }

  mutating func expression() -> LuaExpression? { expression(above: 0) }

  private var token: LuaToken? { tokens.indices.contains(at) ? tokens[at] : nil }

  private mutating func take(_ mark: String) -> Bool {
    guard token?.isMark(mark) ?? false else { return false }
    at += 1
    return true
  }

  private var operation: String? {
    switch token?.kind {
    case .mark(let mark)?: mark
    case .word(let word)? where word == "and" || word == "or": word
    default: nil
    }
  }

  private mutating func expression(above strength: Int) -> LuaExpression? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= LuaExpressionReader.deepest, var left = operand() else { return nil }
    while let mark = operation, let own = LuaExpression.binding[mark], own.left > strength {
      at += 1
      guard let right = expression(above: own.right) else { return nil }
      left = .binary(mark, left, right)
    }
    return left
  }

  private mutating func operand() -> LuaExpression? {
    guard let token else { return nil }
    switch token.kind {
    case .word("not"), .mark("-"), .mark("#"), .mark("~"):
      at += 1
      guard let inner = expression(above: LuaExpression.unaryBinding) else { return nil }
      if case .word = token.kind { return .unary("not", inner) }
      if case .mark("-") = token.kind, case .number(let x) = inner { return .number(-x) }
      if case .mark(let mark) = token.kind { return .unary(mark, inner) }
      return nil
    case .word("nil"): return constant(.nothing)
    case .word("true"): return constant(.flag(true))
    case .word("false"): return constant(.flag(false))
    case .number(let digits):
      return LuaExpressionReader.number(digits).flatMap { constant(.number($0)) }
    case .string(let text): return suffixed(constant(.text(text)))
    case .word("function"): return skip(untilEnd: true)
    case .mark("{"): return skip(untilEnd: false)
    case .mark(".."):
      // The dots of `...` come as two and one.
      at += 1
      return take(".") ? .other : nil
    case .word(let name):
      guard !LuaReserved.words.contains(name) else { return nil }
      return suffixed(constant(.name(name)))
    case .mark("("):
      at += 1
      guard let inner = expression(above: 0), take(")") else { return nil }
      return suffixed(inner)
    case .mark: return nil
    }
  }

  private mutating func constant(_ value: LuaExpression) -> LuaExpression {
    at += 1
    return value
  }

  private static func number(_ digits: String) -> Double? {
    let isHex = digits.hasPrefix("0x") || digits.hasPrefix("0X")
    if isHex, let whole = UInt64(digits.dropFirst(2), radix: 16) { return Double(whole) }
    return Double(digits)
  }

  /// What follows a value: `.name`, `[key]`, `:name(…)`, `(…)`, a text or a table.
  private mutating func suffixed(_ first: LuaExpression) -> LuaExpression? {
    var value = first
    while let token {
      switch token.kind {
      case .mark("."):
        at += 1
        guard let name = self.token?.word else { return nil }
        at += 1
        value = .member(value, name)
      case .mark("["):
        at += 1
        guard let key = expression(above: 0), take("]") else { return nil }
        if case .text(let name) = key {
          value = .member(value, name)
        } else {
          value = .index(value, key)
        }
      case .mark(":"):
        at += 1
        guard let name = self.token?.word else { return nil }
        at += 1
        guard let arguments = arguments() else { return nil }
        value = .method(value, name, arguments)
      case .mark("("), .mark("{"), .string:
        guard let arguments = arguments() else { return nil }
        value = .call(value, arguments)
      default: return value
      }
    }
    return value
  }

  private mutating func arguments() -> [LuaExpression]? {
    guard let token else { return nil }
    if case .string(let text) = token.kind { return [constant(.text(text))] }
    if token.isMark("{") { return skip(untilEnd: false).map { [$0] } }
    guard take("(") else { return nil }
    if take(")") { return [] }
    var all: [LuaExpression] = []
    repeat {
      guard let next = expression(above: 0) else { return nil }
      all.append(next)
    } while take(",")
    return take(")") ? all : nil
  }

  /// Over a function or a table.
  private mutating func skip(untilEnd: Bool) -> LuaExpression? {
    var open = 0
    while let token {
      at += 1
      if untilEnd {
        open += token.blockStep
      } else if token.isMark("{") {
        open += 1
      } else if token.isMark("}") {
        open -= 1
      }
      if open == 0 { return .other }
    }
    return nil
  }
}

enum LuaReserved {
  static let words: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]
}

extension LuaToken {
  /// 1 where it opens a block, −1 where it closes one.
  var blockStep: Int {
    switch word {
    case "function", "if", "do", "repeat": 1
    case "end", "until": -1
    default: 0
    }
  }
}
