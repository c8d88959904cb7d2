package import Primitives
package import Yams

/// YAML that a person wrote, as nodes with their lines.
package enum YAMLText {
  private static let byteLimit = 256 << 10
  private static let nestingLimit = 32

  /// The top node; missing where the text holds nothing.
  package static func compose(_ text: String, file: String) throws(Diagnostic) -> Node? {
    guard text.utf8.count <= byteLimit, !nestsDeep(text) else {
      throw Diagnostic(
        code: "yaml", file: file, message: "the file is above 256 KiB or nested more than 32 deep",
        suggestion: "keep it small and flat")
    }
    do {
      return try Yams.compose(yaml: text)
    } catch {
      throw diagnostic(error, file)
    }
  }

  private static func diagnostic(_ error: any Error, _ file: String) -> Diagnostic {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      Diagnostic(
        code: "yaml", file: file, line: mark.line, column: mark.column,
        message: "the file is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let names, let context):
      Diagnostic(
        code: "duplicate-key", file: file, line: context.mark.line,
        message: "'\(names.sorted().joined(separator: "', '"))' is given twice",
        suggestion: "keep one")
    default: Diagnostic(code: "yaml", file: file, message: "the file is not YAML: \(error)")
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
}
