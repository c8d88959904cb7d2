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
  private var buffer: [UInt8] = []
  private var isOpen = true
  private static let flushAt = 1 << 16
  private static let made = Atomic<Int>(0)

  /// - Throws: `Failure(.usage)` where the folder is missing or may not be written.
  package init(_ path: String) throws(Failure) {
    self.path = path
    if path == "-" {
      stages = nil
      descriptor = STDOUT_FILENO
      return
    }
    if OutputFile.isWrittenAsItGoes(path) {
      stages = nil
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
    } else {
      let place = OutputFile.followed(path)
      let number = OutputFile.made.add(1, ordering: .relaxed).newValue
      let temporary = "\(place).\(getpid())-\(number).partial"
      stages = (place, temporary)
      Interrupt.remember(temporary)
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    }
    guard descriptor >= 0 else {
      let reason = errno
      isOpen = false
      if let stages { Interrupt.forget(stages.temporary) }
      throw Failure(
        .usage, "cannot write '\(path)': \(systemError(reason))",
        advice: "choose a folder that exists and that you may write to")
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
        .internal, "cannot write '\(path)': \(systemError(failure))", advice: "run again")
    }
    guard rename(stages.temporary, stages.place) == 0 else {
      let reason = errno
      unlink(stages.temporary)
      throw Failure(
        .usage, "cannot write '\(path)': \(systemError(reason))", advice: "choose another place")
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

  /// A pipe or a device cannot be replaced by a file of the same name, or must not be.
  private static func isWrittenAsItGoes(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let type = status.st_mode & S_IFMT
    return type != S_IFREG && type != S_IFDIR
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

/// The system's own words for an error number: `No space left on device`.
package func systemError(_ number: Int32) -> String { String(cString: strerror(number)) }
