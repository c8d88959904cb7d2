extension LuaNameReader {
  mutating func block() {
    deeper { reader in
      while reader.at < reader.tokens.count {
        switch reader.word {
        case "end", "else", "elseif", "until": return
        case "return":
          reader.at += 1
          reader.returned()
          return
        default: reader.statement()
        }
      }
    }
  }

  private mutating func returned() {
    switch word {
    case "end", "else", "elseif", "until": return
    default: break
    }
    if at < tokens.count, !isMark(";") { _ = expressions() }
    _ = take(";")
  }

  private mutating func statement() {
    switch word {
    case "if":
      repeat {
        at += 1
        _ = expression()
        expect(word: "then")
        scoped { $0.block() }
      } while word == "elseif"
      if take(word: "else") { scoped { $0.block() } }
      expect(word: "end")
    case "while":
      at += 1
      _ = expression()
      expect(word: "do")
      scoped { $0.block() }
      expect(word: "end")
    case "do":
      at += 1
      scoped { $0.block() }
      expect(word: "end")
    case "for":
      at += 1
      loop()
    case "repeat":
      at += 1
      // The condition sees what the block declares.
      scoped { reader in
        reader.block()
        reader.expect(word: "until")
        _ = reader.expression()
      }
    case "function":
      at += 1
      namedFunction(at: at - 1)
    case "local":
      at += 1
      local()
    case "goto":
      at += 1
      _ = name()
    case "break": at += 1
    default:
      if take(";") { return }
      if take("::") {
        _ = name()
        return expect("::")
      }
      assignmentOrCall()
    }
  }

  private mutating func loop() {
    var names = [name()]
    if take("=") {
      _ = expressions()
    } else {
      while take(",") { names.append(name()) }
      expect(word: "in")
      _ = expressions()
    }
    expect(word: "do")
    scoped { reader in
      for name in names { reader.declare(name) }
      reader.block()
    }
    expect(word: "end")
  }

  /// `function a.b:c(…)`.
  private mutating func namedFunction(at function: Int) {
    let position = at < tokens.count ? tokens[at].position : tokens[function].position
    let root = name()
    var path: [String] = []
    var isMethod = false
    while isMark(".") || isMark(":"), !isMethod {
      isMethod = isMark(":")
      at += 1
      path.append(name())
    }
    assign(root, path, at: position)
    body(of: function, isMethod: isMethod)
  }

  private mutating func local() {
    if word == "function" {
      let function = at
      at += 1
      declare(name())
      return body(of: function)
    }
    var names: [String] = []
    repeat {
      names.append(name())
      if take("<") {
        _ = name()
        expect(">")
      }
    } while take(",")
    let values = take("=") ? expressions() : []
    for (place, name) in names.enumerated() {
      var alias: Reference?
      if place < values.count, case .name(let reference) = values[place] { alias = reference }
      declare(name, as: alias)
    }
  }

  private mutating func assignmentOrCall() {
    var targets = [suffixed(isTarget: true)]
    while isLua, take(",") { targets.append(suffixed(isTarget: true)) }
    if take("=") {
      _ = expressions()
      for target in targets {
        switch target {
        case .plain(let name, let position): assign(name, [], at: position)
        case .member(let reference): written.append(reference)
        case .other: break
        }
      }
    } else if targets.count == 1 {
      // A call, whose names were read; a name alone is no statement.
      if case .other = targets[0] { return }
      fail()
    } else {
      fail()
    }
  }

  private mutating func assign(_ name: String, _ path: [String], at position: SourcePosition) {
    if let variable = variable(name) {
      if path.isEmpty { variables[variable].isAssigned = true }
    } else {
      written.append(
        Reference(root: .global, path: [name] + path, position: position, through: []))
    }
  }
}
