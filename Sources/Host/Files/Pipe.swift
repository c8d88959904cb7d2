import Glibc
import Primitives

/// A pipe whose ends no other program inherits.
enum Pipe {
  static func open() throws(Failure) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw Failure(
        .internal, "cannot open a pipe: \(systemError(errno))", advice: "free file descriptors")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
