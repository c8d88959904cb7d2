import Glibc
import Primitives

/// The right to judge in a data directory: an advisory lock that the system drops when the process ends, however it ends.
final class WriterLock: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  static func take(directory: String, database: String) throws(Failure) -> WriterLock {
    let descriptor = try LockFile.open("moonwatch.lock", in: directory)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Failure(
        .usage, "\(database) is in use by another Moonwatch",
        advice: "stop it, or choose another --data-dir")
    }
    return WriterLock(descriptor: descriptor)
  }
}

/// Whose turn it is to write: held for one transaction, so that two processes never write or checkpoint at once.
///
/// Not for two threads of one process on one database; SQLite's writing connection serves one of them at a time.
final class WriteTurn: Sendable {
  private let descriptor: Int32
  private let database: String
  /// A transaction takes milliseconds; whoever holds the turn for longer is stuck.
  private static let longestWait = 60.0
  private static let pause: UInt32 = 2000

  init(directory: String, database: String) throws(Failure) {
    descriptor = try LockFile.open("moonwatch.turn", in: directory)
    self.database = database
  }

  deinit { close(descriptor) }

  func take() throws(Failure) {
    var waited = 0.0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard waited < WriteTurn.longestWait else {
        throw Failure(
          .internal, "another Moonwatch has been writing \(database) for a minute",
          advice: "end it if it is stuck, then try again")
      }
      usleep(WriteTurn.pause)
      waited += Double(WriteTurn.pause) / 1e6
    }
  }

  func give() { flock(descriptor, LOCK_UN) }
}

private enum LockFile {
  static func open(_ name: String, in directory: String) throws(Failure) -> Int32 {
    let descriptor = Glibc.open(
      "\(directory)/\(name)", O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else {
      throw Failure(
        .internal,
        "the data directory \(directory) cannot be written: \(systemError(errno))",
        advice: "make it writable, or choose another --data-dir")
    }
    return descriptor
  }
}
