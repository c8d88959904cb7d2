/// A sentence with places for values: `{logins} logins by {user}`. Two braces stand for one.
///
/// What is filled in is never read as a template again, and control characters in it are replaced.
package struct MessageTemplate: Hashable, Sendable {
  private enum Part: Hashable, Sendable {
    case text(String)
    case name(String)
  }

  private let parts: [Part]
  /// The names after a brace that nothing closes; they stand in the text as they are.
  let unclosed: [String]

  /// - Parameter names: the only ones that are replaced; any where missing.
  package init(_ text: String, names: Set<String>? = nil) {
    var parts: [Part] = []
    var plain = ""
    var unclosed: [String] = []
    var rest = Substring(text)
    while let first = rest.first {
      if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
        plain.append(first)
        rest = rest.dropFirst(2)
      } else if first == "{", let name = MessageTemplate.name(at: rest),
        names.map({ $0.contains(name) }) ?? true
      {
        if !plain.isEmpty { parts.append(.text(plain)) }
        plain = ""
        parts.append(.name(name))
        rest = rest.dropFirst(name.count + 2)
      } else {
        if first == "{", MessageTemplate.name(at: rest) == nil,
          let name = MessageTemplate.opened(at: rest)
        {
          unclosed.append(name)
        }
        plain.append(first)
        rest = rest.dropFirst()
      }
    }
    self.unclosed = unclosed
    if !plain.isEmpty { parts.append(.text(plain)) }
    self.parts = parts
  }

  /// The name in `{name}` at the start of a text: lower snake case.
  private static func name(at text: Substring) -> String? {
    guard let name = opened(at: text), text.dropFirst(name.count + 1).first == "}" else {
      return nil
    }
    return name
  }

  private static func opened(at text: Substring) -> String? {
    let inside = text.dropFirst().prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
    guard let first = inside.first, !first.isNumber else { return nil }
    return String(inside)
  }

  /// The names that it asks for, in order.
  package var names: [String] {
    parts.compactMap { if case .name(let name) = $0 { name } else { nil } }
  }

  /// The sentence with every name replaced by what `value` answers.
  package func filled(_ value: (String) -> String) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .text(let plain): text += plain
      case .name(let name): text += value(name)
      }
    }
    return text
  }
}
