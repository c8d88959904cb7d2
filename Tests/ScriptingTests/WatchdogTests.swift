import Foundation
import Primitives
import Scripting
import Testing

/// The names that the watchdog was told. Behind a lock that ThreadSanitizer knows, as it does not know `Mutex`.
private final class Overrun: @unchecked Sendable {
  // Unchecked: the set is read and written under the lock only.
  private let lock = NSLock()
  private var names: Set<String> = []

  func insert(_ name: String) { lock.withLock { _ = names.insert(name) } }
  func contains(_ name: String) -> Bool { lock.withLock { names.contains(name) } }
}

private let overran = Overrun()

/// What happens to the one call that no deadline ends, and that no library function can be that call.
@Suite("The watchdog", .timeLimit(.minutes(20)), .serialized)
struct WatchdogTests {
  private func listening(after grace: Int64, _ body: () throws -> Void) rethrows {
    Watchdog.onOverrun(after: TimeSpan(microseconds: grace)) { name in
      guard let name else { return }
      overran.insert(String(cString: name))
    }
    defer { Watchdog.onOverrun(nil) }
    try body()
  }

  @Test("A call that cannot be ended is reported by name")
  func watchdog() throws {
    let name = "stuck"
    let stuck = HostFunction("stuck") { _ in
      while !overran.contains(name) {}
      return .nil
    }
    try listening(after: 20_000) {
      var limits = ScriptLimits()
      limits.load.microseconds = 10_000
      let script = try Script(name: name, limits: limits, functions: [stuck])
      #expect(script.failure(of: "stuck()")?.kind == .deadline)
    }
  }

  /// Each scans megabytes of pattern or text at every place, which Lua's hook cannot interrupt.
  static let scanning: [Hostile] = [
    Hostile(
      "long set",
      "return (('a'):rep(400):rep(500)):gsub('[a' .. ('b'):rep(3000):rep(2000) .. ']', 'x')", ""),
    Hostile(
      "long set of a frontier",
      "return (('a '):rep(400):rep(500)):gsub('%f[a' .. ('b'):rep(3000):rep(2000) .. ']', 'x')", ""),
    Hostile(
      "long set that is optional",
      "return (('a'):rep(400):rep(500)):find('[a' .. ('b'):rep(3000):rep(2000) .. ']?c')", ""),
    Hostile("back references", "return (('a'):rep(2000):rep(1000)):find('(a*)%1%1b')", ""),
    Hostile(
      "long names", "local t = {} for i = 1, 1e9 do t[('x'):rep(100000) .. i % 7] = i end", ""),
  ]

  @Test("never meets a library function: each looks at the clock often enough", arguments: scanning)
  func scans(_ hostile: Hostile) throws {
    try listening(after: 500_000) {
      var limits = ScriptLimits.action
      limits.load.microseconds = 50_000
      let script = try Script(name: hostile.name, limits: limits)
      #expect(script.failure(of: hostile.source)?.kind == .deadline)
      #expect(!overran.contains(hostile.name))
    }
  }
}
