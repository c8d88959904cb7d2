import Primitives

/// What is said of a name that a script's world does not have.
package struct UnknownName: Hashable, Sendable {
  /// The dotted path of the known name that may be meant.
  package let nearest: String?
  package let message: String

  /// - Parameters:
  ///   - path: the dotted path of the table that was asked; empty for the globals.
  ///   - known: the names that stand there.
  package init(_ name: String, in path: String, known: some Sequence<String>) {
    let path = path.isEmpty ? "" : path + "."
    nearest = nearestName(to: name, among: known).map { path + $0 }
    let hint = nearest.map { ", did you mean '\($0)'?" } ?? ""
    message = "unknown name '\(path)\(name)'\(hint)"
  }
}
