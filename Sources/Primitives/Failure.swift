/// What went wrong outside the program's own logic, with the exit status that a command ends with.
package struct Failure: Error, Sendable, CustomStringConvertible {
  package enum Kind: Int32, Sendable {
    /// It ran, but what was asked for did not hold: a test, a check, a gate.
    case unmet = 1
    /// Wrong arguments or bad configuration.
    case usage = 2
    /// Input could not be read.
    case input = 3
    /// The world or the program itself failed: disk full, database from a newer version.
    case `internal` = 4
  }

  package var kind: Kind
  package var message: String
  /// What the reader can do about it.
  package var advice: String?

  package init(_ kind: Kind, _ message: String, advice: String? = nil) {
    self.kind = kind
    self.message = message
    self.advice = advice
  }

  /// Several problems of what a person wrote, told at once, one a line.
  package init(_ problems: [Diagnostic]) {
    self.init(.usage, problems.map(\.description).joined(separator: "\nmoonwatch: "))
  }

  package var description: String { advice.map { "\(message) (\($0))" } ?? message }
}
