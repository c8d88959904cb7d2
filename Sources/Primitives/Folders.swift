import Glibc

/// Folders on the disk.
package enum Folders {
  /// Makes a folder and those above it; one that is there is left as it is. What is made can be read by its owner and
  /// group alone.
  ///
  /// - Parameter name: how an error names it.
  package static func make(_ path: String, named name: String, advice: String) throws(Failure) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      if mkdir(made, 0o750) == 0 || errno == EEXIST { continue }
      throw Failure(.internal, "cannot make \(name): \(systemError(errno))", advice: advice)
    }
  }
}
