import Foundation
import Glibc
package import Primitives

/// Runs this program a second time as a child with the same arguments, and again where a plugin ended it.
///
/// The child does the work. When one Lua instruction of a plugin takes longer than the watchdog allows, the child leaves
/// the plugin's name and ends with a status of its own; a new child finds the name, sets the plugin aside and starts
/// again from what it was given. Files are read anew; what came through a pipe is kept until the end, to be given again.
/// Signals go to the child, and the child goes with its supervisor.
package struct Supervisor {
  /// The variable that tells a child that it is one, and by which descriptor it notices that the supervisor is gone.
  static let mark = "MOONWATCH_SUPERVISED"
  /// Every restart sets another plugin aside, so this is only for a data directory that forgets.
  private static let mostRestarts = 100

  package static var isSupervised: Bool { ProcessInfo.processInfo.environment[mark] != nil }

  private let spool: PipeSpool?

  /// - Parameter readsInput: whether the job reads standard input.
  package init(readsInput: Bool) throws(Failure) {
    var status = stat()
    let isPipe = fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    // A child that waits for input which does not come must not wait for ever, nor take what it has for all of it.
    spool = readsInput && isPipe ? try PipeSpool { Interrupt.pass(SIGTERM) } : nil
  }

  /// The status of the last child.
  ///
  /// - Throws: where the input could not be given to its end, whatever the child made of the part that it got.
  package func run() throws(Failure) -> Int32 {
    let start = lseek(STDIN_FILENO, 0, SEEK_CUR)
    for _ in 0...Supervisor.mostRestarts {
      if start >= 0 { lseek(STDIN_FILENO, start, SEEK_SET) }
      let status = try runChild()
      if let failure = spool?.failure { throw failure }
      guard status == OverrunRecord.status else { return status }
    }
    throw Failure(
      .internal, "plugins ended the process \(Supervisor.mostRestarts) times",
      advice: "look at the plugins with 'moonwatch plugins check'")
  }

  private func runChild() throws(Failure) -> Int32 {
    let feed = try spool?.begin()
    // The child reads from this pipe and sees its end when this process is gone, however it went.
    let life = try Pipe.open()
    defer { close(life.write) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // A copy stays open in the child.
    let lifeline = dup(life.read)
    close(life.read)
    guard lifeline >= 0 else { throw Supervisor.failure("open a pipe") }
    defer { close(lifeline) }
    if let feed { posix_spawn_file_actions_adddup2(&actions, feed, STDIN_FILENO) }
    var environment = ProcessInfo.processInfo.environment
    environment[Supervisor.mark] = "\(lifeline)"
    var child: pid_t = 0
    let failed = Supervisor.withStrings(CommandLine.arguments) { arguments in
      Supervisor.withStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
        posix_spawn(&child, "/proc/self/exe", &actions, nil, arguments, variables)
      }
    }
    if let feed { close(feed) }
    guard failed == 0 else {
      throw Failure(
        .internal, "cannot start the supervised process: \(systemError(failed))",
        advice: "free memory or processes, or give --no-restart")
    }
    Interrupt.hand(to: child)
    if spool?.failure != nil { Interrupt.pass(SIGTERM) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw Supervisor.failure("wait for the supervised process") }
    }
    Interrupt.hand(to: 0)
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  /// In a child: ends the program when its supervisor is gone. Call where the program begins.
  package static func follow() {
    guard let text = ProcessInfo.processInfo.environment[mark], let lifeline = Int32(text),
      fcntl(lifeline, F_GETFD) >= 0
    else { return }
    _ = fcntl(lifeline, F_SETFD, FD_CLOEXEC)
    let thread = Thread {
      var byte: UInt8 = 0
      while read(lifeline, &byte, 1) < 0 && errno == EINTR {}
      kill(getpid(), SIGTERM)
    }
    thread.name = "lifeline"
    thread.start()
  }

  private static func failure(_ what: String) -> Failure {
    Failure(
      .internal, "cannot \(what): \(systemError(errno))",
      advice: "free memory or descriptors, or give --no-restart")
  }

  private static func withStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("the list ends with nil") }
      return body(base)
    }
  }
}
