import Foundation
import Synchronization

/// Runs the program on a thread whose stack is large whatever `ulimit -s` says.
///
/// Lua recurses on the stack of C with what it reads: 64 KB of `a.x.x.x` take 6 MB of it.
package enum LargeStack {
  private static let bytes = 64 << 20

  private final class Outcome: Sendable {
    let status = Atomic<Int32>(0)
    let done = DispatchSemaphore(value: 0)
  }

  package static func run(_ body: @escaping @Sendable () -> Int32) -> Int32 {
    let outcome = Outcome()
    let thread = Thread {
      outcome.status.store(body(), ordering: .releasing)
      outcome.done.signal()
    }
    thread.name = "main"
    thread.stackSize = bytes
    thread.start()
    outcome.done.wait()
    return outcome.status.load(ordering: .acquiring)
  }
}
