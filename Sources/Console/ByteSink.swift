import Glibc
package import Primitives

/// Writes bytes to a descriptor, gathered into few calls, and says when they could not be written.
///
/// A reader that goes away (`moonwatch … | head`) ends the program quietly by the signal SIGPIPE, like other filters.
/// `flush` before the value goes out of use: what it still holds is not written by itself.
package struct ByteSink: ~Copyable {
  private let descriptor: Int32
  private let name: String
  private var pending: [UInt8] = []

  package init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  package static func standardOutput() -> ByteSink {
    ByteSink(descriptor: STDOUT_FILENO, name: "standard output")
  }

  package mutating func write(_ text: String) throws(Failure) {
    pending += text.utf8
    if pending.count >= 65_536 { try flush() }
  }

  package mutating func write(_ bytes: [UInt8]) throws(Failure) {
    pending += bytes
    if pending.count >= 65_536 { try flush() }
  }

  package mutating func flush() throws(Failure) {
    let bytes = pending
    pending.removeAll(keepingCapacity: true)
    let problem = ByteSink.writeAll(bytes, to: descriptor)
    if problem == EPIPE {
      // Our parent had the signal ignored; end as without that.
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    if problem != 0 {
      throw Failure(
        .internal, "could not write to \(name): \(String(cString: strerror(problem)))",
        advice: problem == ENOSPC ? "free some space, then run it again" : "check where it goes")
    }
  }

  /// Writes everything and returns 0, or the `errno` that stopped it.
  @discardableResult
  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, 1000)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
