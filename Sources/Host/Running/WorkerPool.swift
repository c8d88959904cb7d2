import Foundation
import Glibc
import Synchronization

/// A fixed crew of threads that do one phase of work together and wait for each other.
///
/// Each worker keeps its number for life, so that state owned by "worker 2" is only ever touched by one thread.
/// Worker 0 is the calling thread. Threads have 16 MiB of stack because Lua's C functions recurse.
package final class WorkerPool: Sendable {
  package let count: Int
  private let shared: Shared

  private final class Shared: @unchecked Sendable {
    // Unchecked: every field is read and written under `condition` only.
    let condition = NSCondition()
    var job: (@Sendable (Int) -> Void)?
    var round = 0
    var running = 0
    var isStopped = false
  }

  package init(count: Int) {
    precondition(count >= 1, "a pool has at least one worker")
    self.count = count
    let shared = Shared()
    self.shared = shared
    for index in 1..<max(1, count) {
      let thread = Thread { WorkerPool.work(index, shared) }
      thread.stackSize = 16 << 20
      thread.name = "worker-\(index)"
      thread.start()
    }
  }

  deinit {
    shared.condition.lock()
    shared.isStopped = true
    shared.condition.broadcast()
    shared.condition.unlock()
  }

  /// Runs the job once on every worker, with its number, and returns when all are done.
  package func run(_ job: @escaping @Sendable (Int) -> Void) {
    if count > 1 {
      shared.condition.lock()
      shared.job = job
      shared.round += 1
      shared.running = count - 1
      shared.condition.broadcast()
      shared.condition.unlock()
    }
    job(0)
    if count > 1 {
      shared.condition.lock()
      while shared.running > 0 { shared.condition.wait() }
      shared.job = nil
      shared.condition.unlock()
    }
  }

  /// What each of the first workers makes, in the order of their numbers; `count` is at most that of the pool.
  package func map<Value: Sendable>(
    _ count: Int, _ make: @escaping @Sendable (Int) -> Value
  ) -> [Value] {
    let made = Mutex([Value?](repeating: nil, count: count))
    run { worker in
      guard worker < count else { return }
      let value = make(worker)
      made.withLock { $0[worker] = value }
    }
    return made.withLock { $0.compactMap { $0 } }
  }

  private static func work(_ index: Int, _ shared: Shared) {
    var done = 0
    while true {
      shared.condition.lock()
      while shared.round == done && !shared.isStopped { shared.condition.wait() }
      if shared.isStopped {
        shared.condition.unlock()
        return
      }
      done = shared.round
      let job = shared.job
      shared.condition.unlock()
      job?(index)
      shared.condition.lock()
      shared.running -= 1
      if shared.running == 0 { shared.condition.broadcast() }
      shared.condition.unlock()
    }
  }
}
