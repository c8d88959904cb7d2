package import Primitives

/// What an error says on standard error, and the status that the program ends with.
package struct ErrorReport: Sendable, Hashable {
  package var text: String
  package var status: Int32

  /// `moonwatch: what (what to do)`; problems in files come first, one a line as `file:line: what (what to do)`.
  package init(_ error: any Error) {
    switch error {
    case let failure as Failure:
      self.init(failure)
    case let diagnostic as Diagnostic:
      self.init([diagnostic])
    default:
      self.init(Failure(.internal, String(describing: error)))
    }
  }

  package init(_ failure: Failure) {
    text = "moonwatch: \(safe(failure.description))\n"
    status = failure.kind.rawValue
  }

  /// All problems found in what a person wrote, then how many there are.
  package init(_ problems: [Diagnostic]) {
    text = problems.reduce(into: "") { $0 += "\(safe($1.description))\n" }
    let errors = problems.count { $0.severity == .error }
    let warnings = problems.count - errors
    let counts = [named(errors, "error"), named(warnings, "warning")].compactMap(\.self)
    if !counts.isEmpty {
      text += "moonwatch: \(counts.joined(separator: ", ")) (see the lines above)\n"
    }
    status = errors > 0 ? Failure.Kind.usage.rawValue : 0
  }
}

private func named(_ count: Int, _ noun: String) -> String? {
  count == 0 ? nil : "\(Format.count(count)) \(noun)\(count == 1 ? "" : "s")"
}
