/// Why a script did not do what it was asked, and where.
package struct ScriptError: Error, Hashable, Sendable {
  package enum Kind: String, Sendable {
    /// The source is not Lua.
    case syntax
    /// The script raised an error, or did what cannot be done.
    case runtime
    /// The call took longer than it may.
    case deadline
    /// The host asked for its end.
    case interrupted
    /// The state needed more memory than it may have.
    case memory
    /// A value may not cross between Lua and the host: too deep, too large, not text.
    case value
    /// A host function refused.
    case host
  }

  package var kind: Kind
  /// Without the place.
  package var message: String
  /// The name under which the source was loaded.
  package var chunk: String
  package var line: Int?

  package init(kind: Kind, message: String, chunk: String, line: Int?) {
    self.kind = kind
    self.message = message
    self.chunk = chunk
    self.line = line
  }
}

extension ScriptError: CustomStringConvertible {
  /// `chunk:line: message`.
  package var description: String { "\(chunk)\(line.map { ":\($0)" } ?? ""): \(message)" }
}
