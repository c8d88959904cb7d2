import Primitives
import Yams

/// Walks over one YAML document that a person wrote and gathers every problem with its line.
struct YAMLDocument {
  private static let byteLimit = 256 << 10
  private static let nestingLimit = 32

  let file: String
  private(set) var problems: [Diagnostic] = []

  init(file: String) { self.file = file }

  mutating func report(
    _ code: String, at node: Node?, _ message: String, suggestion: String? = nil
  ) {
    problems.append(
      Diagnostic(
        code: code, file: file, line: node?.mark?.line, message: message, suggestion: suggestion))
  }

  /// The top mapping; missing, with the problem reported, where the text is no YAML or no mapping.
  mutating func open(_ text: String) -> Node.Mapping? {
    guard text.utf8.count <= YAMLDocument.byteLimit, !YAMLDocument.nestsDeep(text) else {
      report(
        "yaml", at: nil, "the file is above 256 KiB or nested more than 32 deep",
        suggestion: "keep one source a file")
      return nil
    }
    do {
      guard let root = try compose(yaml: text) else {
        report("yaml", at: nil, "the file is empty", suggestion: "start with 'id:' and 'format:'")
        return nil
      }
      guard case .mapping(let mapping) = root else {
        report("yaml", at: root, "the file should hold keys and values, such as 'id: my-source'")
        return nil
      }
      return mapping
    } catch let error as YamlError {
      report(error)
    } catch {
      report("yaml", at: nil, "the file is not YAML: \(error)")
    }
    return nil
  }

  private mutating func report(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      problems.append(
        Diagnostic(
          code: "yaml", file: file, line: mark.line, column: mark.column,
          message: "the file is not YAML: \(problem)"))
    case .duplicatedKeysInMapping(let names, let context):
      problems.append(
        Diagnostic(
          code: "duplicate-key", file: file, line: context.mark.line,
          message: "'\(names.sorted().joined(separator: "', '"))' is given twice",
          suggestion: "keep one"))
    default: report("yaml", at: nil, "the file is not YAML: \(error)")
    }
  }

  /// The YAML reader recurses once a level, so depth is bounded before it sees the text.
  private static func nestsDeep(_ text: String) -> Bool {
    var depth = 0
    var marks = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
      case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"): marks += 1
      case UInt8(ascii: "\n"): marks = 0
      default: break
      }
      // Block levels on one line need a mark each; levels on lines of their own need growing indentation.
      if depth > nestingLimit || marks > 1024 { return true }
    }
    return false
  }

  // MARK: reading values

  /// Reports every key of a mapping that is not among the known ones.
  mutating func checkKeys(of mapping: Node.Mapping, known: [String], place: String) {
    for (key, _) in mapping {
      guard let name = key.string else {
        report("key", at: key, "a key of \(place) is not a text")
        continue
      }
      if known.contains(name) { continue }
      let near = nearestName(to: name, among: known)
      report(
        "unknown-key", at: key, "unknown key '\(name)' in \(place)",
        suggestion: near.map { "did you mean '\($0)'?" }
          ?? "known are \(known.joined(separator: ", "))")
    }
  }

  /// The text of a scalar as it is written; null counts as missing.
  mutating func text(_ node: Node?, _ name: String) -> String? {
    guard let node else { return nil }
    guard case .scalar(let scalar) = node, node.null == nil else {
      report("type", at: node, "'\(name)' should be a text")
      return nil
    }
    return scalar.string
  }

  mutating func integer(_ node: Node?, _ name: String) -> Int? {
    guard let node else { return nil }
    guard let value = node.int else {
      report("type", at: node, "'\(name)' should be a whole number")
      return nil
    }
    return value
  }

  mutating func flag(_ node: Node?, _ name: String) -> Bool? {
    guard let node else { return nil }
    guard let value = node.bool else {
      report("type", at: node, "'\(name)' should be true or false")
      return nil
    }
    return value
  }

  /// One text or a list of texts.
  mutating func texts(_ node: Node?, _ name: String) -> [String] {
    guard let node else { return [] }
    if case .sequence(let sequence) = node { return sequence.compactMap { text($0, name) } }
    return text(node, name).map { [$0] } ?? []
  }

  /// Texts by name, in the order of the file.
  mutating func table(_ node: Node?, _ name: String) -> [(key: String, value: String, node: Node)] {
    guard let node else { return [] }
    guard case .mapping(let mapping) = node else {
      report("type", at: node, "'\(name)' should hold names and values")
      return []
    }
    return mapping.compactMap { key, value in
      guard let keyText = text(key, name), let valueText = text(value, keyText) else { return nil }
      return (keyText, valueText, key)
    }
  }

  mutating func mapping(_ node: Node?, _ name: String) -> Node.Mapping? {
    guard let node else { return nil }
    guard case .mapping(let mapping) = node else {
      report("type", at: node, "'\(name)' should hold names and values")
      return nil
    }
    return mapping
  }

  /// One of a few words.
  mutating func word<Choice: RawRepresentable & CaseIterable>(
    _ node: Node?, _ name: String, as type: Choice.Type
  ) -> Choice? where Choice.RawValue == String {
    guard let text = text(node, name) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let known = Choice.allCases.map(\.rawValue)
    report(
      "value", at: node, "unknown \(name) '\(text)'",
      suggestion: nearestName(to: text, among: known).map { "did you mean '\($0)'?" }
        ?? "known are \(known.joined(separator: ", "))")
    return nil
  }
}
