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

  var isRaised: Bool { flag.load(ordering: .relaxed) }

  package func raise() {
    flag.store(true, ordering: .relaxed)
    interrupter.withLock { $0 }?()
  }

  func lower() { flag.store(false, ordering: .relaxed) }
}
