/// One problem in something that a person wrote: where, what, and what to do about it.
///
/// Prints as `file:line: what (what to do)`; line and column count from 1 and are missing where unknown. The column is
/// for editors and programs.
package struct Diagnostic: Error, Hashable, Sendable {
  package enum Severity: String, Sendable { case error, warning }

  package var severity: Severity
  /// A short stable word for programs, such as `unknown-key`.
  package var code: String
  package var file: String
  package var line: Int?
  package var column: Int?
  package var message: String
  package var suggestion: String?

  package init(
    _ severity: Severity = .error, code: String, file: String, line: Int? = nil,
    column: Int? = nil, message: String, suggestion: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.suggestion = suggestion
  }
}

extension Diagnostic: CustomStringConvertible {
  package var description: String {
    var place = file
    if let line { place += ":\(line)" }
    let advice = suggestion.map { " (\($0))" } ?? ""
    return "\(place): \(severity == .warning ? "warning: " : "")\(message)\(advice)"
  }
}

extension Diagnostic {
  /// The message without the name that may be meant, which programs find with what to do.
  package var sentence: String { parts.sentence }

  /// What to do, the name that may be meant first; missing where nothing is known.
  package var advice: String? {
    let known = [parts.question, suggestion].compactMap { $0 }
    return known.isEmpty ? nil : known.joined(separator: " or ")
  }

  private var parts: (sentence: String, question: String?) {
    let pieces = message.split(separator: ", did you mean '", omittingEmptySubsequences: false)
    guard pieces.count > 1, let last = pieces.last, last.hasSuffix("'?") else {
      return (message, nil)
    }
    return (
      pieces.dropLast().joined(separator: ", did you mean '"), "did you mean '\(last)"
    )
  }
}
