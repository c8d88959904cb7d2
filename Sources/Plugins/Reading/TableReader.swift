import Primitives
import Scripting

/// Reads the keys of one table of a declaration; each wrong one is reported where it stands and read as missing.
struct TableReader {
  let file: FileReading
  let declared: Declared
  let path: [LuaSourceMap.Key]
  let table: ScriptTable

  init(_ declared: Declared, in file: FileReading) {
    self.file = file
    self.declared = declared
    path = []
    table = declared.body
  }

  private init(_ parent: TableReader, _ key: LuaSourceMap.Key, _ table: ScriptTable) {
    file = parent.file
    declared = parent.declared
    path = parent.path + [key]
    self.table = table
  }

  // MARK: reporting

  func report(
    _ code: String, at key: LuaSourceMap.Key? = nil, _ message: String, suggestion: String? = nil,
    severity: Diagnostic.Severity = .error
  ) {
    // Where a value came of a name that is not known, that name was told.
    if let key, LuaWorld.isUnknown(value(at: key)) { return }
    report(code, at: position(key), message, suggestion: suggestion, severity: severity)
  }

  /// The same at a place that no key of a table leads to.
  func report(
    _ code: String, at position: SourcePosition?, _ message: String, suggestion: String? = nil,
    severity: Diagnostic.Severity = .error
  ) {
    file.report(
      code, at: position, "\(prefix)\(message)", suggestion: suggestion, severity: severity)
  }

  private func value(at key: LuaSourceMap.Key) -> ScriptValue {
    switch key {
    case .name(let name): table[name]
    case .index(let index): table.list.indices.contains(index - 1) ? table.list[index - 1] : .nil
    }
  }

  func position(_ key: LuaSourceMap.Key? = nil) -> SourcePosition? {
    declared.place.map { file.map.position(of: path + (key.map { [$0] } ?? []), in: $0) }
  }

  /// `rule: features.logins: `.
  private var prefix: String {
    if path.isEmpty { return "\(declared.kind): " }
    var text = ""
    for key in path {
      switch key {
      case .name(let name): text += (text.isEmpty ? "" : ".") + printable(name, limit: 80)
      case .index(let index): text += "[\(index)]"
      }
    }
    return "\(declared.kind): \(text): "
  }

  func wrongType(_ key: LuaSourceMap.Key, _ value: ScriptValue, wanted: String) {
    let name =
      switch key {
      case .name(let name): quoted(name)
      case .index(let index): "item \(index)"
      }
    report("wrong-type", at: key, "\(name) must be \(wanted), not \(described(value))")
  }

  private func missing(_ key: String, _ example: String) {
    report("missing-key", "'\(key)' is missing", suggestion: "write \(key) = \(example)")
  }

  // MARK: keys

  /// Reports every key that is not among the known ones, and list items where there may be none.
  func allow(_ known: [String], items: Int = 0) {
    for (name, _) in table.named where !known.contains(name) {
      report(
        "unknown-key", at: position(.name(name)),
        "unknown key \(quoted(name))\(didYouMean(name, among: known))")
    }
    if table.list.count > items {
      report(
        "unnamed-value", at: .index(items + 1),
        items == 0
          ? "a value without a key"
          : "\(table.list.count) values without a key, where \(items) may be",
        suggestion: known.isEmpty ? nil : "its keys are \(known.joined(separator: ", "))")
    }
  }

  func text(_ key: String, example: String? = nil) -> String? {
    let value = table[key]
    if value.isNil {
      if let example { missing(key, example) }
      return nil
    }
    guard let text = value.text else {
      wrongType(.name(key), value, wanted: "a text")
      return nil
    }
    if text.isEmpty || text.utf8.count > 500 {
      report(
        "bad-text", at: .name(key), "'\(key)' must have 1 to 500 bytes, and has \(text.utf8.count)")
      return nil
    }
    return text
  }

  /// One word of a fixed set.
  func word(_ key: String, of known: [String], example: String? = nil) -> String? {
    guard let text = text(key, example: example) else { return nil }
    if known.contains(text) { return text }
    report(
      "bad-\(key)", at: .name(key),
      "unknown \(key) \(quoted(text))\(didYouMean(text, among: known))",
      suggestion: "one of \(known.joined(separator: ", "))")
    return nil
  }

  func number(_ key: String, example: String? = nil) -> Double? {
    let value = table[key]
    if value.isNil {
      if let example { missing(key, example) }
      return nil
    }
    if let number = value.number { return number }
    wrongType(.name(key), value, wanted: "a number")
    return nil
  }

  func texts(_ key: String) -> [String] {
    let value = table[key]
    if value.isNil { return [] }
    guard let inner = value.table, Declared.word(value) == nil else {
      wrongType(.name(key), value, wanted: "a list of texts")
      return []
    }
    let reader = TableReader(self, .name(key), inner)
    reader.allow([], items: .max)
    return inner.list.enumerated().compactMap { index, item in
      guard let text = item.text else {
        reader.wrongType(.index(index + 1), item, wanted: "a text")
        return nil
      }
      return text
    }
  }

  /// A length of time above zero.
  func span(_ key: String, example: String? = nil, orNone: Bool = false) -> TimeSpan? {
    let value = table[key]
    if value.isNil {
      if let example { missing(key, example) }
      return nil
    }
    guard let span = value.duration else {
      if let number = value.number {
        report(
          "no-unit", at: .name(key), "'\(key)' is a number without a unit",
          suggestion: "write \(Figures.text(number)) * second")
      } else {
        wrongType(.name(key), value, wanted: "a duration")
      }
      return nil
    }
    if span < .zero || (span == .zero && !orNone) {
      let wanted = orNone ? "nothing or longer" : "longer than nothing"
      report("bad-duration", at: .name(key), "'\(key)' must be \(wanted), not \(span)")
      return nil
    }
    return span
  }

  func function(_ key: String, example: String? = nil) -> ScriptFunction? {
    let value = table[key]
    if value.isNil {
      if let example { missing(key, example) }
      return nil
    }
    if let function = value.function { return function }
    wrongType(.name(key), value, wanted: "a function")
    return nil
  }

  /// A plain table under a key.
  func inner(_ key: String, wanted: String, example: String? = nil) -> TableReader? {
    let value = table[key]
    if value.isNil {
      if let example { missing(key, example) }
      return nil
    }
    guard let inner = value.table, Declared.word(value) == nil else {
      wrongType(.name(key), value, wanted: wanted)
      return nil
    }
    return TableReader(self, .name(key), inner)
  }

  /// The same reader one key further down, over the body of a word or a list item.
  func below(_ key: LuaSourceMap.Key, _ table: ScriptTable) -> TableReader {
    TableReader(self, key, table)
  }
}

/// `a number`, `a table`, `'count'`: what a value is, in a message.
func described(_ value: ScriptValue) -> String {
  if let word = Declared.word(value) { return quoted(word.tag) }
  switch value {
  case .nil: return "nothing"
  case .flag: return "true or false"
  case .integer, .number: return "a number"
  case .text: return "a text"
  case .duration: return "a duration"
  case .time: return "a time"
  case .table: return "a table"
  case .function: return "a function"
  case .object: return "an object"
  }
}
