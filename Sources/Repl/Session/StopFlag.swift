import Glibc
import Primitives
import Scripting
import Synchronization

/// Asks what runs to end: Lua within milliseconds, a question in SQL within a thousand steps. From any thread.
package final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  private let interrupter = Mutex<Script.Interrupter?>(nil)

  var end: Script.Interrupter? {
    get { interrupter.withLock { $0 } }
    set { interrupter.withLock { $0 = newValue } }
  }

  /// Processor nanoseconds of this process from which on what runs has had enough; none where that is the largest.
  private let most = Atomic<UInt64>(.max)

  var isRaised: Bool { flag.load(ordering: .relaxed) || isSpent }

  /// Whether what runs has used up the processor time that it was given.
  var isSpent: Bool {
    let most = most.load(ordering: .relaxed)
    return most != .max && StopFlag.processorNanoseconds() >= most
  }

  /// What runs from now on may use so much processor time, with all threads; any amount where missing.
  func give(_ time: TimeSpan?) {
    let nanoseconds = time.map {
      UInt64(max(0, $0.microseconds)).multipliedReportingOverflow(by: 1000)
    }
    most.store(
      nanoseconds.map { $0.overflow ? .max : StopFlag.processorNanoseconds() + $0.partialValue }
        ?? .max, ordering: .relaxed)
  }

  private static func processorNanoseconds() -> UInt64 {
    var used = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
    return UInt64(used.tv_sec) * 1_000_000_000 + UInt64(used.tv_nsec)
  }

  package func raise() {
    flag.store(true, ordering: .relaxed)
    interrupter.withLock { $0 }?()
  }

  func lower() { flag.store(false, ordering: .relaxed) }
}
