import Cases
package import Primitives

extension Failure {
  /// A name that nobody has, answered with the nearest.
  ///
  /// - Parameter advice: where none is near.
  package static func unknown(
    _ what: String, _ name: String, among known: some Sequence<String>, advice: String
  ) -> Failure {
    Failure(
      .usage, "there is no \(what) '\(AlertCard.shown(name))'",
      advice: nearestName(to: name, among: known).map { "did you mean '\($0)'?" } ?? advice)
  }
}
