extension LuaNameReader {
  mutating func body(of function: Int, isMethod: Bool = false) {
    var parameters = isMethod ? ["self"] : []
    expect("(")
    while isLua, !isMark(")") {
      if takeDots() { break }
      parameters.append(name())
      if !take(",") { break }
    }
    expect(")")
    let position = tokens[function].position
    scoped { reader in
      for (index, parameter) in parameters.enumerated() {
        reader.declare(
          parameter,
          as: Reference(
            root: .parameter(function: function, index: index), path: [], position: position,
            through: []))
      }
      reader.block()
    }
    expect(word: "end")
  }

  mutating func expressions() -> [Value] {
    var values = [expression()]
    while isLua, take(",") { values.append(expression()) }
    return values
  }

  mutating func expression() -> Value {
    var value = Value.written(.other)
    deeper { reader in
      value = reader.operand()
      while reader.isLua, reader.takeBinary() {
        _ = reader.operand()
        value = .written(.other)
      }
    }
    return value
  }

  private mutating func takeBinary() -> Bool {
    guard at < tokens.count else { return false }
    switch tokens[at].kind {
    case .mark(let mark) where LuaNameReader.binary.contains(mark): at += 1
    case .word("and"), .word("or"): at += 1
    default: return false
    }
    return true
  }

  private mutating func operand() -> Value {
    var isPlain = true
    while isMark("-") || isMark("#") || isMark("~") || word == "not" {
      at += 1
      isPlain = false
    }
    let value = simple()
    return isPlain ? value : .written(.other)
  }

  private mutating func simple() -> Value {
    guard at < tokens.count else {
      fail()
      return .written(.other)
    }
    let token = tokens[at]
    switch token.kind {
    case .number(let digits):
      at += 1
      return .written(.number(digits))
    case .string(let text):
      at += 1
      return .written(.text(text, token.position))
    case .word("nil"), .word("true"), .word("false"):
      at += 1
      return .written(.other)
    case .word("function"):
      at += 1
      body(of: at - 1)
      return .written(.other)
    case .mark("{"): return .written(.table(table()))
    default:
      if takeDots() { return .written(.other) }
      if case .member(let reference) = suffixed(isTarget: false) { return .name(reference) }
      return .written(.other)
    }
  }

  private mutating func table() -> LuaNames.Table {
    var table = LuaNames.Table()
    expect("{")
    while isLua, !isMark("}") {
      if let word, at + 1 < tokens.count, tokens[at + 1].isMark("=") {
        let position = tokens[at].position
        at += 2
        table.fields.append(
          LuaNames.Field(name: word, value: written(expression()), position: position))
      } else {
        table.hasOthers = true
        if take("[") {
          _ = expression()
          expect("]")
          expect("=")
        }
        _ = expression()
      }
      if !take(",") && !take(";") { break }
    }
    expect("}")
    return table
  }

  private func written(_ value: Value) -> LuaNames.Written {
    if case .written(let written) = value { return written }
    return .other
  }

  /// What a name with its members and calls comes to.
  enum Suffixed {
    /// A name alone that may be assigned.
    case plain(String, SourcePosition)
    /// A chain of names that no call and no computed key interrupts.
    case member(Reference)
    case other
  }

  /// - Parameter isTarget: whether it may be assigned, so that its last name counts as read only where a call follows.
  mutating func suffixed(isTarget: Bool) -> Suffixed {
    guard at < tokens.count else {
      fail()
      return .other
    }
    let start = tokens[at].position
    var reference: Reference?
    var plain: String?
    if take("(") {
      _ = expression()
      expect(")")
    } else {
      let name = name()
      plain = name
      reference = self.reference(name, at: start)
    }
    var isCall = false
    while isLua, at < tokens.count {
      let position = tokens[at].position
      switch tokens[at].kind {
      case .mark("."):
        at += 1
        step(name(), &reference)
      case .mark("["):
        at += 1
        if case .written(.text(let text, _)) = expression() {
          step(text, &reference, at: position)
        } else {
          note(&reference)
        }
        expect("]")
      case .mark(":"):
        at += 1
        step(name(), &reference)
        arguments(of: &reference)
        isCall = true
        plain = nil
        continue
      case .mark("("), .mark("{"), .string:
        arguments(of: &reference)
        isCall = true
        plain = nil
        continue
      default:
        return ended(reference, plain, start, isTarget: isTarget, isCall: isCall)
      }
      isCall = false
      plain = nil
    }
    return ended(reference, plain, start, isTarget: isTarget, isCall: isCall)
  }

  private mutating func ended(
    _ reference: Reference?, _ plain: String?, _ start: SourcePosition, isTarget: Bool, isCall: Bool
  ) -> Suffixed {
    if isTarget, isCall { return .other }
    if isTarget, let plain { return .plain(plain, start) }
    guard let reference else { return isTarget ? .member(LuaNameReader.nothing) : .other }
    if !isTarget && reference.isNew { used.append(reference) }
    return .member(reference)
  }

  /// Stands for a target of which nothing is known.
  private static let nothing = Reference(
    root: .global, path: [], position: SourcePosition(line: 1, column: 1), through: [])

  /// One member further: what was named so far is read.
  private mutating func step(
    _ name: String, _ reference: inout Reference?, at position: SourcePosition? = nil
  ) {
    guard var next = reference else { return }
    if case .parameter = next.root, !next.path.isEmpty {
      return note(&reference)
    }
    next.path.append(name)
    next.isNew = true
    if case .parameter = next.root {
      next.position = position ?? tokens[max(0, min(at, tokens.count) - 1)].position
    }
    reference = next
  }

  /// Notes that a chain is read up to here, and that nothing is known of what comes of it.
  private mutating func note(_ reference: inout Reference?) {
    if let known = reference, known.isNew { used.append(known) }
    reference = nil
  }

  private mutating func arguments(of reference: inout Reference?) {
    let callee = reference
    note(&reference)
    var given: [Value] = []
    guard at < tokens.count else { return fail() }
    switch tokens[at].kind {
    case .string(let text):
      given = [.written(.text(text, tokens[at].position))]
      at += 1
    case .mark("{"): given = [.written(.table(table()))]
    case .mark("("):
      at += 1
      if !isMark(")") { given = expressions() }
      expect(")")
    default: return fail()
    }
    if let callee { called.append((callee, given.map(written))) }
  }
}
