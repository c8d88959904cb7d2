import Glibc
import Primitives

/// The right to write in a data directory: an advisory lock that the system drops when the process ends, however it ends.
final class WriterLock: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  static func take(directory: String, database: String) throws(Failure) -> WriterLock {
    let descriptor = open(
      "\(directory)/moonwatch.lock", O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else {
      throw Failure(
        .internal,
        "the data directory \(directory) cannot be written: \(systemError(errno))",
        advice: "make it writable, or choose another --data-dir")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Failure(
        .internal, "\(database) is in use by another Moonwatch",
        advice: "stop it, or choose another --data-dir")
    }
    return WriterLock(descriptor: descriptor)
  }
}
