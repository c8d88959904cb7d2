import Primitives
import Yams

/// Walks over one YAML document that a person wrote and gathers every problem with its line.
struct YAMLDocument {
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
    do {
      guard let root = try YAMLText.compose(text, file: file) else {
        report("yaml", at: nil, "the file is empty", suggestion: "start with 'id:' and 'format:'")
        return nil
      }
      guard case .mapping(let mapping) = root else {
        report("yaml", at: root, "the file should hold keys and values, such as 'id: my-source'")
        return nil
      }
      return mapping
    } catch {
      problems.append(error)
      return nil
    }
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
