import Foundation
import Glibc
package import Primitives
import Synchronization

/// A file that appears whole or not at all: written beside its place and renamed when finished.
///
/// A dash as the path is standard output. That, and what is there and is no plain file (a pipe, `/dev/null`), is
/// written as it goes. A link is followed: the file that it points at is replaced. One thread writes.
package final class OutputFile {
  package let path: String
  /// Where a finished file goes and where it stands until then; missing for what is written as it goes.
  private let stages: (place: String, temporary: String)?
  private let descriptor: Int32
  /// What messages call it.
  private let name: String
  private var buffer: [UInt8] = []
  private var isOpen = true
  private static let flushAt = 1 << 16
  private static let made = Atomic<Int>(0)

  /// - Throws: `Failure(.usage)` where the folder is missing or may not be written.
  package init(_ path: String) throws(Failure) {
    self.path = path
    if path == "-" || path == "/dev/stdout" {
      name = "standard output"
      stages = nil
      descriptor = STDOUT_FILENO
      return
    }
    name = "'\(path)'"
    if OutputFile.isWrittenAsItGoes(path) {
      stages = nil
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
    } else {
      let place = OutputFile.followed(path)
      let number = OutputFile.made.add(1, ordering: .relaxed).newValue
      let temporary = "\(place).\(getpid())-\(number).partial"
      stages = (place, temporary)
      descriptor = Interrupt.opening(temporary) {
        open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      }
    }
    guard descriptor >= 0 else {
      let reason = errno
      isOpen = false
      throw Failure(
        .usage, "cannot write \(name): \(systemError(reason))",
        advice: reason == EISDIR
          ? "name a file in it" : "choose a folder that exists and that you may write to")
    }
  }

  deinit { abandon() }

  /// Writes a whole file at once.
  static func write(_ bytes: some Collection<UInt8>, to path: String) throws(Failure) {
    let file = try OutputFile(path)
    try file.write(bytes)
    try file.finish()
  }

  package func write(_ bytes: some Collection<UInt8>) throws(Failure) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= OutputFile.flushAt { try flush() }
  }

  package func write(_ text: String) throws(Failure) { try write(text.utf8) }

  package func flush() throws(Failure) {
    var done = 0
    while done < buffer.count {
      let written = buffer.withUnsafeBytes { raw in
        let rest = UnsafeRawBufferPointer(rebasing: raw[done...])
        return Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if written >= 0 {
        done += written
      } else if errno != EINTR {
        let reason = errno
        buffer.removeAll()
        if reason == EPIPE && stages == nil { throw Failure.closedPipe }
        throw Failure(
          .internal, "cannot write \(name): \(systemError(reason))", advice: advice(on: reason))
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func advice(on reason: Int32) -> String {
    let left = stages == nil ? "" : "; nothing half written was left"
    return switch reason {
    case ENOSPC, EDQUOT: "free some space and run again\(left)"
    case EFBIG: "raise the limit on the size of files and run again\(left)"
    default: "run again"
    }
  }

  /// Puts the finished file in its place.
  package func finish() throws(Failure) {
    try flush()
    guard isOpen, descriptor != STDOUT_FILENO else { return }
    isOpen = false
    guard let stages else {
      close(descriptor)
      return
    }
    // Forgotten only when it has its name: an interrupt before that removes it.
    defer { Interrupt.forget(stages.temporary) }
    let synced = fsync(descriptor)
    let failure = errno
    close(descriptor)
    guard synced == 0 || failure == EINVAL else {
      unlink(stages.temporary)
      throw Failure(
        .internal, "cannot write \(name): \(systemError(failure))", advice: advice(on: failure))
    }
    guard rename(stages.temporary, stages.place) == 0 else {
      let reason = errno
      unlink(stages.temporary)
      throw Failure(
        .usage, "cannot write \(name): \(systemError(reason))", advice: "choose another place")
    }
  }

  private func abandon() {
    guard isOpen, descriptor != STDOUT_FILENO else { return }
    isOpen = false
    close(descriptor)
    guard let stages else { return }
    unlink(stages.temporary)
    Interrupt.forget(stages.temporary)
  }

  /// A pipe, a device or a folder cannot be replaced by a file of the same name, or must not be.
  private static func isWrittenAsItGoes(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT != S_IFREG
  }

  /// The file that a link points at; the path itself where nothing is there yet.
  private static func followed(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}

extension Failure {
  /// The reader of standard output went away (`| head`): ends quietly.
  package static let closedPipe = Failure(.internal, "")
  package var isClosedPipe: Bool { kind == .internal && message.isEmpty }
}
