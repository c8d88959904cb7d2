import Foundation
import Glibc
package import Primitives
import Synchronization

/// A file that appears whole or not at all: written beside its place and renamed when finished.
///
/// A dash as the path writes to standard output as it goes. One thread writes.
package final class OutputFile {
  package let path: String
  private let temporary: String?
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isOpen = true
  private static let flushAt = 1 << 16

  /// - Throws: `Failure(.usage)` where the folder is missing or may not be written.
  package init(_ path: String) throws(Failure) {
    self.path = path
    if path == "-" {
      temporary = nil
      descriptor = STDOUT_FILENO
      return
    }
    let temporary = "\(path).\(getpid()).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Failure(
        .usage, "cannot write '\(path)': \(systemError(errno))",
        advice: "choose a folder that exists and that you may write to")
    }
    self.temporary = temporary
    self.descriptor = descriptor
    Interrupt.remember(temporary)
  }

  deinit { abandon() }

  package func write(_ bytes: some Collection<UInt8>) throws(Failure) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= OutputFile.flushAt { try flush() }
  }

  package func write(_ text: String) throws(Failure) { try write(text.utf8) }

  package func flush() throws(Failure) {
    var done = 0
    while done < buffer.count {
      let written = buffer.withUnsafeBytes { raw in
        Glibc.write(descriptor, raw.baseAddress! + done, raw.count - done)
      }
      if written >= 0 {
        done += written
      } else if errno != EINTR {
        let reason = errno
        buffer.removeAll()
        if reason == EPIPE && temporary == nil { throw Failure.closedPipe }
        throw Failure(
          .internal, "cannot write '\(path)': \(systemError(reason))",
          advice: reason == ENOSPC
            ? "free some space and run again; nothing half written was left" : "run again")
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Puts the finished file in its place.
  package func finish() throws(Failure) {
    try flush()
    guard let temporary, isOpen else { return }
    isOpen = false
    let synced = fsync(descriptor)
    let failure = errno
    close(descriptor)
    Interrupt.forget(temporary)
    guard synced == 0 || failure == EINVAL else {
      unlink(temporary)
      throw Failure(.internal, "cannot write '\(path)': \(systemError(failure))", advice: "run again")
    }
    guard rename(temporary, path) == 0 else {
      let reason = errno
      unlink(temporary)
      throw Failure(
        .usage, "cannot write '\(path)': \(systemError(reason))", advice: "choose another place")
    }
  }

  private func abandon() {
    guard isOpen, let temporary else { return }
    isOpen = false
    close(descriptor)
    unlink(temporary)
    Interrupt.forget(temporary)
  }
}

extension Failure {
  /// The reader of standard output went away (`| head`): ends quietly.
  package static let closedPipe = Failure(.internal, "")
  package var isClosedPipe: Bool { kind == .internal && message.isEmpty }
}

/// The system's own words for an error number: `No space left on device`.
package func systemError(_ number: Int32) -> String { String(cString: strerror(number)) }
