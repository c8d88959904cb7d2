import Foundation
import Glibc
import Primitives

/// Standard input that can be given to one process after another, each time from its beginning.
///
/// What is read is kept in a file without a name, of 1 GiB at most; beyond it the file is a ring, and the input can no
/// longer be given again. Where the file cannot be written or read, the input is never taken to have ended: `failed` is
/// called, and `failure` says why.
final class PipeSpool: @unchecked Sendable {
  // Unchecked: every field that changes is read and written under `condition` only.
  private static let chunk = 1 << 16
  private let mostKept: Int
  private let input: Int32
  private let failed: @Sendable () -> Void
  private let condition = NSCondition()
  private let folder: String
  private let file: Int32
  private var kept = 0
  private var isAtEnd = false
  private var problem: Failure?
  /// What the living child was given.
  private var fed = 0
  /// Whether all of the input so far is kept.
  private var isComplete = true
  /// The feeder whose child lives; those before it stop.
  private var feeder = 0

  /// - Parameters:
  ///   - mostKept: bytes; a chunk of 64 KiB or more.
  ///   - failed: called once, on a thread of the spool, when the input can be given no further.
  init(
    mostKept: Int = 1 << 30, input: Int32 = STDIN_FILENO, failed: @escaping @Sendable () -> Void
  ) throws(Failure) {
    precondition(mostKept >= PipeSpool.chunk, "a ring holds what is read at once")
    self.mostKept = mostKept
    self.input = input
    self.failed = failed
    folder = NSTemporaryDirectory()
    var name = Array("\(folder)/moonwatch-input-XXXXXX".utf8CString)
    file = mkstemp(&name)
    guard file >= 0 else {
      throw Failure(
        .internal, "cannot keep standard input in '\(folder)': \(systemError(errno))",
        advice: "set TMPDIR to a folder that you may write to, or give --no-restart")
    }
    unlink(name)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(file) }

  /// Why the input can be given no further; missing where it can.
  var failure: Failure? {
    condition.lock()
    defer { condition.unlock() }
    return problem
  }

  /// A descriptor from which the next child reads everything from the beginning.
  ///
  /// - Throws: `Failure(.input)` where the beginning is not kept any more.
  func begin() throws(Failure) -> Int32 {
    let number = try takeOver()
    let ends = try Pipe.open()
    let target = ends.write
    start("feeder") { [self] in feed(target, number) }
    if number == 1 { start("spool") { [self] in fill() } }
    return ends.read
  }

  /// The number of the next feeder. From now on nothing that it has to give is overwritten.
  private func takeOver() throws(Failure) -> Int {
    condition.lock()
    defer { condition.unlock() }
    guard isComplete else {
      throw Failure(
        .input, "a plugin ended the process after more input than could be kept to start again",
        advice: "the plugin is set aside: give the input again")
    }
    feeder += 1
    fed = 0
    condition.broadcast()
    return feeder
  }

  private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.start()
  }

  /// Reads the input to its end. The file takes everything; the feeders read it from there.
  private func fill() {
    let room = UnsafeMutableRawPointer.allocate(byteCount: PipeSpool.chunk, alignment: 16)
    defer { room.deallocate() }
    while true {
      let count = read(input, room, PipeSpool.chunk)
      if count < 0 && errno == EINTR { continue }
      if count < 0 {
        return fail(
          Failure(
            .input, "cannot read standard input: \(systemError(errno))",
            advice: "give the events as a file"))
      }
      if count == 0 { break }
      if let reason = store(room, count, at: place(for: count)) { return failKeeping(reason) }
      condition.lock()
      kept += count
      condition.broadcast()
      condition.unlock()
    }
    condition.lock()
    isAtEnd = true
    condition.broadcast()
    condition.unlock()
  }

  /// Where so many bytes go, as soon as nothing is there that the living child has not been given.
  private func place(for count: Int) -> Int {
    condition.lock()
    defer { condition.unlock() }
    while kept + count - fed > mostKept { condition.wait() }
    if kept + count > mostKept { isComplete = false }
    return kept
  }

  /// What the system said where the file did not take it all.
  private func store(_ bytes: UnsafeMutableRawPointer, _ count: Int, at position: Int) -> Int32? {
    var done = 0
    while done < count {
      let place = (position + done) % mostKept
      let length = min(count - done, mostKept - place)
      let written = pwrite(file, bytes + done, length, off_t(place))
      if written < 0 && errno == EINTR { continue }
      if written <= 0 { return written < 0 ? errno : EIO }
      done += written
    }
    return nil
  }

  private func failKeeping(_ reason: Int32) {
    fail(
      Failure(
        .internal, "cannot keep standard input in '\(folder)': \(systemError(reason))",
        advice: "set TMPDIR to a folder with more room, or give --no-restart"))
  }

  private func fail(_ failure: Failure) {
    condition.lock()
    let isFirst = problem == nil
    problem = problem ?? failure
    condition.unlock()
    if isFirst { failed() }
  }

  private func feed(_ target: Int32, _ number: Int) {
    let room = UnsafeMutableRawPointer.allocate(byteCount: PipeSpool.chunk, alignment: 16)
    defer { room.deallocate() }
    var position = 0
    while true {
      condition.lock()
      while feeder == number && position == kept && !isAtEnd { condition.wait() }
      let place = position % mostKept
      let available = min(kept - position, PipeSpool.chunk, mostKept - place)
      let isOver = feeder != number || available == 0
      condition.unlock()
      if isOver { break }
      let count = pread(file, room, available, off_t(place))
      if count < 0 && errno == EINTR { continue }
      // The pipe stays open: its end would be that of the input to the child.
      if count <= 0 { return failKeeping(count < 0 ? errno : EIO) }
      var done = 0
      while done < count {
        let written = write(target, room + done, count - done)
        if written < 0 && errno == EINTR { continue }
        if written <= 0 { break }  // that child is gone
        done += written
      }
      if done < count { break }
      position += count
      condition.lock()
      if feeder == number { fed = position }
      condition.broadcast()
      condition.unlock()
    }
    close(target)
  }
}
