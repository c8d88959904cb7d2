import Dispatch
import Glibc
import Synchronization

/// Spreads numbered tasks over threads; which thread runs a task must not matter for its result.
package struct Workers: Sendable {
  package let threads: Int

  /// As many threads as asked for; 0 means one a core.
  package init(threads: Int) {
    self.threads = threads > 0 ? min(threads, 256) : Workers.cores
  }

  /// Cores that this process may use.
  package static var cores: Int {
    max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Runs tasks 0 ..< `count` and returns when all are done. No two tasks may write to the same place.
  package func perform(_ count: Int, _ task: (Int) -> Void) {
    if count <= 0 { return }
    let used = min(threads, count)
    if used == 1 {
      for index in 0..<count { task(index) }
      return
    }
    let next = Atomic<Int>(0)
    withoutActuallyEscaping(task) { task in
      // Tasks run at the same time but, by contract, write nothing in common; all end before this returns.
      nonisolated(unsafe) let shared = task
      DispatchQueue.concurrentPerform(iterations: used) { _ in
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          if index >= count { return }
          shared(index)
        }
      }
    }
  }

  /// Cuts 0 ..< `count` into ranges of at most `size` and runs them as tasks.
  package func performChunks(_ count: Int, of size: Int, _ task: (Range<Int>) -> Void) {
    perform((count + size - 1) / size) { chunk in
      task((chunk * size)..<min(count, (chunk + 1) * size))
    }
  }
}
