import Primitives
import Yams

/// A section of the settings that reads itself and gathers every problem with its line.
protocol SettingsSection {
  var file: String { get }
  var problems: [Diagnostic] { get set }
}

extension SettingsSection {
  mutating func report(
    _ code: String, _ node: Node, _ message: String, _ suggestion: String?
  ) {
    problems.append(
      Diagnostic(
        code: code, file: file, line: node.mark?.line, message: message, suggestion: suggestion))
  }
}
