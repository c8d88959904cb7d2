// The C library declares `stdout` as a variable; nobody assigns it.
@preconcurrency import Glibc
import Host
package import Primitives
import Synchronization

/// Where a command's words go: results to standard output, what it is doing to standard error.
///
/// The two are apart so that `moonwatch … --format json | jq` sees results only.
package final class Screen: JobProgress {
  package let output: Terminal
  package let paint: Paint
  private let errors: Terminal
  private let quiet: Bool
  private let seconds: @Sendable () -> Double
  private let write: @Sendable (String) -> Void
  private let result: @Sendable (String) -> Void
  private let stage = Mutex<Stage?>(nil)

  private struct Stage {
    var name: String
    var started: Double
    var bar: ProgressBar
  }

  /// `quiet` leaves results and errors only. `write` is standard error, `result` standard output and `seconds` a
  /// clock that never goes back, except in tests.
  package init(
    quiet: Bool, output: Terminal = .output, errors: Terminal = .errors,
    seconds: @escaping @Sendable () -> Double = monotonicSeconds,
    write: @escaping @Sendable (String) -> Void = writeToStandardError,
    result: @escaping @Sendable (String) -> Void = { Swift.print($0, terminator: "") }
  ) {
    self.quiet = quiet
    self.output = output
    self.errors = errors
    self.seconds = seconds
    self.write = write
    self.result = result
    paint = Paint(output)
  }

  /// Writes a result. What could not be written shows when the program flushes standard output at its end.
  package func print(_ text: String, terminator: String = "\n") {
    endStage(nil)
    result(text + terminator)
  }

  /// Tells what was done, to people only.
  package func note(_ text: String) {
    if quiet { return }
    endStage(nil)
    tell(text)
  }

  package func begin(_ stage: String, total: Int?) {
    endStage(nil)
    let terminal = quiet ? Terminal() : errors
    let bar = ProgressBar(
      stage, total: total, terminal: terminal, seconds: seconds, write: write)
    self.stage.withLock { $0 = Stage(name: stage, started: seconds(), bar: bar) }
  }

  package func advance(to done: Int) { stage.withLock { $0?.bar }?.advance(to: done) }

  package func advance(to done: Int, share: Double?) {
    stage.withLock { $0?.bar }?.advance(to: done, share: share)
  }

  package func end(_ result: String) { endStage(result) }

  /// The stage goes on; its bar is drawn again below.
  package func warn(_ text: String) {
    if !quiet { tell(error: text) }
  }

  package func tell(error text: String) {
    if errors.canRedraw { write("\r\u{1B}[K") }
    tell("\(Paint(errors)("warning:", .yellow)) \(safe(text))")
  }

  /// Wipes the bar; a result leaves one line with the stage and the seconds that it took.
  private func endStage(_ result: String?) {
    let ended = stage.withLock { stage in
      defer { stage = nil }
      return stage
    }
    guard let ended else { return }
    ended.bar.finish()
    guard let result, !quiet else { return }
    let took = Format.decimal(seconds() - ended.started, 1)
    let paint = Paint(errors)
    tell("\(paint(safe(ended.name), .bold))  \(safe(result))  \(paint("\(took) s", .dim))")
  }

  private func tell(_ line: String) { write(line + "\n") }

  /// Writes out what `print` gathered.
  ///
  /// - Throws: `Failure(.internal)` where it could not be written; not where the reader went away (`| head`).
  package static func flush() throws(Failure) {
    let flushed = fflush(stdout)
    let reason = errno
    if flushed == 0 && ferror(stdout) == 0 || reason == EPIPE { return }
    throw Failure(
      .internal, "cannot write standard output: \(systemError(reason))",
      advice: reason == ENOSPC ? "free some space and run again" : "check where it goes")
  }
}

/// One write, so that lines of several threads do not mix.
@Sendable package func writeToStandardError(_ text: String) {
  text.withCString { _ = Glibc.write(STDERR_FILENO, $0, strlen($0)) }
}
