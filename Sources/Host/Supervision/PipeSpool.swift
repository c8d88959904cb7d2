import Foundation
import Glibc
import Primitives

/// Standard input that can be given to one process after another, each time from its beginning.
///
/// What is read is kept in a file without a name, of 1 GiB at most; beyond it the file is a ring, and the input can no
/// longer be given again.
final class PipeSpool: @unchecked Sendable {
  // Unchecked: every field is read and written under `condition` only.
  private static let mostKept = 1 << 30
  private let condition = NSCondition()
  private let file: Int32
  private var kept = 0
  private var isAtEnd = false
  /// What the living child was given.
  private var fed = 0
  /// Whether all of the input so far is kept.
  private var isComplete = true
  /// The feeder whose child lives; those before it stop.
  private var feeder = 0
  private var hasReader = false

  init() throws(Failure) {
    let folder = NSTemporaryDirectory()
    var name = Array("\(folder)/moonwatch-input-XXXXXX".utf8CString)
    file = mkstemp(&name)
    guard file >= 0 else {
      throw Failure(
        .internal, "cannot keep standard input in '\(folder)': \(systemError(errno))",
        advice: "set TMPDIR to a folder that you may write to, or give --unsupervised")
    }
    unlink(name)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
  }

  var isWhole: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isComplete
  }

  /// A descriptor from which the next child reads everything from the beginning.
  func begin() throws(Failure) -> Int32 {
    let ends = try Pipe.open()
    condition.lock()
    feeder += 1
    let number = feeder
    let reads = !hasReader
    hasReader = true
    condition.broadcast()
    condition.unlock()
    let target = ends.write
    start("feeder") { [self] in feed(target, number) }
    if reads { start("spool") { [self] in fill() } }
    return ends.read
  }

  private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.start()
  }

  /// Reads standard input to its end. The file takes everything; the feeders read it from there.
  private func fill() {
    let room = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { room.deallocate() }
    while true {
      let count = read(STDIN_FILENO, room, 1 << 16)
      if count < 0 && errno == EINTR { continue }
      condition.lock()
      let position = kept
      condition.unlock()
      if count <= 0 || !store(room, count, at: position) { break }
      condition.lock()
      kept += count
      condition.broadcast()
      // What was read may not run ahead of the disk without bound.
      while kept - fed > PipeSpool.mostKept { condition.wait() }
      if kept > PipeSpool.mostKept { isComplete = false }
      condition.unlock()
    }
    condition.lock()
    isAtEnd = true
    condition.broadcast()
    condition.unlock()
  }

  private func store(_ bytes: UnsafeMutableRawPointer, _ count: Int, at position: Int) -> Bool {
    var done = 0
    while done < count {
      let place = (position + done) % PipeSpool.mostKept
      let length = min(count - done, PipeSpool.mostKept - place)
      let written = pwrite(file, bytes + done, length, off_t(place))
      if written < 0 && errno == EINTR { continue }
      if written <= 0 { return false }
      done += written
    }
    return true
  }

  private func feed(_ target: Int32, _ number: Int) {
    defer { close(target) }
    let room = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { room.deallocate() }
    var position = 0
    while true {
      condition.lock()
      while feeder == number && position == kept && !isAtEnd { condition.wait() }
      let place = position % PipeSpool.mostKept
      let available = min(kept - position, 1 << 16, PipeSpool.mostKept - place)
      let isOver = feeder != number || available == 0
      condition.unlock()
      if isOver { return }
      let count = pread(file, room, available, off_t(place))
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return }
      var done = 0
      while done < count {
        let written = write(target, room + done, count - done)
        if written < 0 && errno == EINTR { continue }
        if written <= 0 { return }  // that child is gone
        done += written
      }
      position += count
      condition.lock()
      if feeder == number { fed = position }
      condition.broadcast()
      condition.unlock()
    }
  }
}
