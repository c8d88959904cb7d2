package import Detection

/// What a rule says of one event.
package struct RuleVerdict: Hashable, Sendable {
  package let severity: Severity
  /// One sentence with the numbers in it.
  package let message: String
}

/// Why a rule could not judge one event.
package struct RuleFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let rule: String
  package let file: String
  package let line: Int?
  package let eventID: String
  package let reason: String

  package var description: String {
    "\(file)\(line.map { ":\($0)" } ?? ""): \(rule) failed on event \(eventID): \(reason)"
  }
}

/// Whether a rule is still asked.
package enum RuleState: Hashable, Sendable {
  case running
  /// It failed too often and is asked no more.
  case setAside(last: RuleFailure, failures: Int, calls: Int)
}

/// Counts failures among the last calls.
struct FailureWindow {
  static let calls = 100
  static let tolerated = 5

  private var failed = [Bool](repeating: false, count: FailureWindow.calls)
  private var next = 0
  private(set) var failures = 0
  private(set) var calls = 0

  /// Notes a call; true where this one was a failure too many.
  mutating func note(failed now: Bool) -> Bool {
    if failed[next] { failures -= 1 }
    failed[next] = now
    if now { failures += 1 }
    next = (next + 1) % FailureWindow.calls
    calls += 1
    return now && failures >= FailureWindow.tolerated
  }
}
