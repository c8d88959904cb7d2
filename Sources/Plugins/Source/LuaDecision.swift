/// A place in a function of a plugin where a condition decides how it goes on.
package struct LuaDecision: Hashable, Sendable {
  /// What follows where the condition holds.
  package enum Outcome: Hashable, Sendable {
    /// The function returns nothing, as guards do.
    case silence
    /// It returns something.
    case finding
    /// It goes on.
    case open
    /// The condition is itself what is returned.
    case answer
  }

  /// From the word that begins it to the end of its condition.
  package var lines: ClosedRange<Int>
  package var condition: LuaExpression
  package var outcome: Outcome
  /// The lines that run where it holds.
  package var block: ClosedRange<Int>
}

/// A function of a Lua source with its decisions, those of functions inside it left out.
package struct LuaFunction: Hashable, Sendable {
  package var parameters: [String]
  /// From the first statement to `end`.
  package var lines: ClosedRange<Int>
  package var decisions: [LuaDecision]
  /// Locals that are nothing but a member of something, with what is said in its place where it is missing.
  package var aliases: [String: LuaExpression] = [:]

  /// Every function of a source, an outer one before those inside it.
  package static func all(of source: String) -> [LuaFunction] {
    let tokens = LuaTokenizer.tokens(source)
    return tokens.indices.compactMap { at in
      tokens[at].word == "function" ? LuaFunction(tokens, at: at) : nil
    }
  }

  /// - Parameter start: of the word `function`.
  private init?(_ tokens: [LuaToken], at start: Int) {
    guard let open = tokens[start...].firstIndex(where: { $0.isMark("(") }),
      let close = tokens[open...].firstIndex(where: { $0.isMark(")") }),
      let end = LuaFunction.end(of: start, tokens), close < end
    else { return nil }
    parameters = tokens[open..<close].compactMap(\.word)
    lines = tokens[close + 1].position.line...tokens[end].position.line
    decisions = []
    var at = close + 1
    while at < end {
      switch tokens[at].word {
      case "function"?:
        guard let inner = LuaFunction.end(of: at, tokens) else { return }
        at = inner
      case "local"?: note(aliasAt: at, tokens, until: end)
      case "if"?, "elseif"?, "while"?:
        if let decision = LuaFunction.branch(tokens, at: at) { decisions.append(decision) }
      case "return"?:
        if let decision = LuaFunction.answer(tokens, at: at) { decisions.append(decision) }
      default: break
      }
      at += 1
    }
  }

  private mutating func note(aliasAt at: Int, _ tokens: [LuaToken], until end: Int) {
    guard at + 3 < end, let name = tokens[at + 1].word, tokens[at + 2].isMark("=") else { return }
    var reader = LuaExpressionReader(tokens, at: at + 3)
    guard let value = reader.expression(), case .member(.name, _) = value.withoutDefault else {
      return
    }
    // One that is given something else later is no other name of it.
    let given = (at..<end).count { tokens[$0].word == name && tokens[$0 + 1].isMark("=") }
    if given == 1 { aliases[name] = value }
  }

  /// The `end` of the block that begins at a place.
  private static func end(of start: Int, _ tokens: [LuaToken]) -> Int? {
    var open = 0
    for at in start..<tokens.count {
      open += tokens[at].blockStep
      if open == 0 { return at }
    }
    return nil
  }

  private static func branch(_ tokens: [LuaToken], at start: Int) -> LuaDecision? {
    var reader = LuaExpressionReader(tokens, at: start + 1)
    guard let condition = reader.expression(), tokens.indices.contains(reader.at + 1),
      tokens[reader.at].word == "then" || tokens[reader.at].word == "do"
    else { return nil }
    let begin = reader.at + 1
    var open = 0
    var end = begin
    while end < tokens.count {
      let word = tokens[end].word
      if open == 0, word == "end" || word == "else" || word == "elseif" { break }
      open += tokens[end].blockStep
      end += 1
    }
    guard end < tokens.count else { return nil }
    return LuaDecision(
      lines: tokens[start].position.line...tokens[reader.at].position.line, condition: condition,
      outcome: outcome(tokens[begin..<end]),
      block: tokens[begin].position.line...tokens[end].position.line)
  }

  /// What a block does at its end: `return` stands last in it.
  private static func outcome(_ block: ArraySlice<LuaToken>) -> LuaDecision.Outcome {
    var open = 0
    var last: Int?
    for at in block.indices {
      if open == 0, block[at].word == "return" { last = at }
      open += block[at].blockStep
    }
    guard let last else { return .open }
    let answer = block[(last + 1)...].filter { !$0.isMark(";") }
    let isNothing =
      answer.isEmpty || answer.count == 1 && ["nil", "false"].contains(answer.first?.word ?? "")
    return isNothing ? .silence : .finding
  }

  /// A `return` whose value may be nothing.
  private static func answer(_ tokens: [LuaToken], at start: Int) -> LuaDecision? {
    var reader = LuaExpressionReader(tokens, at: start + 1)
    guard let condition = reader.expression(), condition.mayBeNothing else { return nil }
    let line = tokens[start].position.line
    let last = max(line, tokens[reader.at - 1].position.line)
    return LuaDecision(
      lines: line...last, condition: condition, outcome: .answer, block: line...last)
  }
}

extension LuaExpression {
  fileprivate var mayBeNothing: Bool {
    switch self {
    case .binary(let mark, _, let right):
      mark == "and" || LuaExpression.comparisons.contains(mark)
        || (mark == "or" && (right == .nothing || right == .flag(false) || right.mayBeNothing))
    case .unary("not", _): true
    case .name, .member, .index, .call: true
    case .method(.text, _, _): false
    case .method: true
    default: false
    }
  }
}
