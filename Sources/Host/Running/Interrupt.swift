import Foundation
import Glibc
import Synchronization

/// Ends the program within a moment of ^C or SIGTERM with nothing half written.
///
/// Every output is renamed into place when whole and every database change is a transaction, so ending at once is
/// safe: only the files still being written are removed.
package enum Interrupt {
  private static let unfinished = Mutex<Set<String>>([])
  private static let gentle = Mutex<(@Sendable () -> Void)?>(nil)

  /// The signal that came last; 0 before the first.
  package static var last: Int32 { latest.load(ordering: .relaxed) }

  private static let latest = Atomic<Int32>(0)

  /// For a job that can end by itself: the first signal calls this, and the second ends the program at once.
  package static func first(_ ask: @escaping @Sendable () -> Void) {
    gentle.withLock { $0 = ask }
  }

  /// Opens a file that is removed should the program end before `forget`; returns what `open` returned.
  static func opening(_ path: String, _ open: (String) -> Int32) -> Int32 {
    unfinished.withLock { paths in
      let descriptor = open(path)
      if descriptor >= 0 { paths.insert(path) }
      return descriptor
    }
  }

  static func forget(_ path: String) { unfinished.withLock { _ = $0.remove(path) } }

  /// Ends the program at once with this status, without what is half written.
  static func end(_ status: Int32) -> Never {
    unfinished.withLock { paths in
      for path in paths { unlink(path) }
      _exit(status)
    }
  }

  /// A signal goes to this process from now on instead of ending this program; 0 for none.
  static func hand(to child: pid_t) { heir.store(child, ordering: .relaxed) }

  /// Sends a signal to the process that signals are handed to; nothing where there is none.
  static func pass(_ signal: Int32) {
    let child = heir.load(ordering: .relaxed)
    if child != 0 { kill(child, signal) }
  }

  private static let heir = Atomic<pid_t>(0)

  /// Tells a signal that comes twice from two signals.
  ///
  /// What is sent to a whole group of processes, by ^C at a terminal or by a service manager, a supervised process gets
  /// by itself and once more from its supervisor.
  struct Copies {
    private var handedOn = 0
    private var direct = 0

    mutating func isOfLast(isHandedOn: Bool) -> Bool {
      if isHandedOn {
        handedOn += 1
        return handedOn <= direct
      }
      direct += 1
      return direct <= handedOn
    }
  }

  /// Call before any thread is started: the signals are blocked everywhere and one thread waits for them.
  package static func arm() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGHUP)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
    // A limit on the size of files is then an error of the write, with a message.
    signal(SIGXFSZ, SIG_IGN)
    let waiting = signals
    let thread = Thread {
      var received: Int32 = 0
      var set = waiting
      var copies = Copies()
      while true {
        var about = siginfo_t()
        received = sigwaitinfo(&set, &about)
        if received < 0 { continue }
        let child = heir.load(ordering: .relaxed)
        if child != 0 {
          kill(child, received)
          continue
        }
        let isHandedOn = Supervisor.isSupervised && about._sifields._kill.si_pid == getppid()
        if copies.isOfLast(isHandedOn: isHandedOn) { continue }
        latest.store(received, ordering: .relaxed)
        let ask = gentle.withLock { gentle in
          defer { gentle = nil }
          return gentle
        }
        guard let ask else { break }
        ask()
      }
      let message = "\nmoonwatch: interrupted (nothing half written was left; run again)\n"
      unfinished.withLock { paths in
        for path in paths { unlink(path) }
        _ = message.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        // Still under the lock: no other file is begun in between.
        _exit(128 + received)
      }
    }
    thread.name = "signals"
    thread.start()
  }
}
