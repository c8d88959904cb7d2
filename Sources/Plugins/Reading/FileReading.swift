import Primitives
import Scripting

/// What all readers of one file share: where it is, what it may name, and the problems found so far.
///
/// A class because readers at every depth of a declaration add to the same list; one thread has it.
final class FileReading {
  let source: PluginSource
  let map: LuaSourceMap
  let names: LuaNames
  let vocabulary: Vocabulary
  /// What plugins that are read together name and give names to.
  var shared = SharedNames()
  private(set) var problems: [Diagnostic] = []

  init(source: PluginSource, vocabulary: Vocabulary) {
    self.source = source
    let tokens = LuaTokenizer.tokens(source.text)
    map = LuaSourceMap(tokens: tokens, kinds: Set(LuaPrelude.declarations))
    names = LuaNames(tokens)
    self.vocabulary = vocabulary
  }

  func report(
    _ code: String, at position: SourcePosition?, _ message: String, suggestion: String? = nil,
    severity: Diagnostic.Severity = .error
  ) {
    problems.append(
      Diagnostic(
        severity, code: code, file: source.file, line: position?.line, column: position?.column,
        message: message, suggestion: suggestion))
  }

  /// How many problems keep a declaration from being taken; a warning does not.
  var errors: Int { problems.count { $0.severity == .error } }
  var hasErrors: Bool { errors > 0 }
}

/// The names that one plugin may give and another one ask for.
struct SharedNames {
  /// The ids of all rules.
  var rules: Set<String> = []
  /// Of the features of any rule.
  var ruleFeatures: Set<String> = []
  /// The ids of the rows of all mappings.
  var rows: Set<String> = []
  /// The responses that any mapping chooses.
  var responses: Set<String> = []
}

/// One declaration as Lua gave it: its kind, its table, its functions, and its place in the file.
struct Declared {
  let kind: String
  let body: ScriptTable
  /// What stands beside the body: the subject of a suite, the prelude's own `run`.
  let envelope: ScriptTable
  let place: LuaSourceMap.Declaration?
  /// Whether other declarations come from the same place of the file, such as one in a loop: each may have other parts.
  var sharesPlace = false
  let origin: PluginOrigin

  /// The `id`, or of a suite its subject, where it is text.
  var id: String? { kind == "suite" ? envelope["subject"].text : body["id"].text }

  /// The tag and the body of a value that one of the prelude's words made.
  static func word(_ value: ScriptValue) -> (tag: String, body: ScriptTable)? {
    guard let table = value.table, let tag = table["@"].text, let body = table["body"].table
    else { return nil }
    return (tag, body)
  }
}

/// `, did you mean 'x'?` where a known name is near.
func didYouMean(_ word: String, among known: some Sequence<String>) -> String {
  nearestName(to: word, among: known).map { ", did you mean '\($0)'?" } ?? ""
}

/// A word of a message in quotes, cut short and free of control characters, whoever wrote it.
func quoted(_ word: String) -> String { "'\(printable(word, limit: 80))'" }

/// A text that is safe to print on a terminal and in one line.
package func printable(_ text: String, limit: Int) -> String {
  var result = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == limit { return result + "…" }
    let control =
      scalar.value < 32 || (127..<160).contains(scalar.value)
      || scalar.properties.generalCategory == .format
    result.unicodeScalars.append(control ? "\u{FFFD}" : scalar)
  }
  return result
}
