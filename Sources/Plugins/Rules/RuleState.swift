package import Detection
import Primitives

/// What a rule says of one event.
package struct RuleVerdict: Hashable, Sendable {
  package let severity: Severity
  /// One sentence with the numbers in it.
  package let message: String
}

/// Why a rule could not judge one event, or any.
package struct RuleFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let rule: String
  package let file: String
  package let line: Int?
  /// Missing where the rule could not even be loaded.
  package let eventID: String?
  package let reason: String

  package init(rule: String, file: String, line: Int?, eventID: String?, reason: String) {
    self.rule = rule
    self.file = file
    self.line = line
    self.eventID = eventID
    self.reason = reason
  }

  init(_ rule: Rule, line: Int?, eventID: String?, reason: String) {
    self.rule = rule.id
    file = rule.file
    self.line = line
    self.eventID = eventID
    self.reason = printable(reason, limit: 500)
  }

  package var description: String {
    let place = "\(file)\(line.map { ":\($0)" } ?? "")"
    guard let eventID else { return "\(place): \(rule) cannot run: \(reason)" }
    return "\(place): \(rule) failed on event \(eventID): \(reason)"
  }
}

/// Whether a rule is still asked.
package enum RuleState: Hashable, Sendable {
  case running
  /// It failed too often, or took too much time, and is asked no more.
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

  /// Notes a call that did not fail, as almost all do.
  mutating func noteSuccess() {
    if failures > 0 {
      _ = note(failed: false)
      return
    }
    // Where none of the last calls failed, none is written over.
    next = next + 1 == FailureWindow.calls ? 0 : next + 1
    calls += 1
  }

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

/// Counts calls that were ended for taking too long: one costs as much as ten thousand others, so that a few of them are
/// more than a few failures of another kind.
struct OverrunWindow {
  static let calls = 10_000
  static let tolerated = 5

  /// The numbers of the last calls that were ended.
  private var last: [Int] = []

  /// Notes that a call was ended; true where this one was one too many.
  mutating func note(call: Int) -> Bool {
    last.append(call)
    if last.count > OverrunWindow.tolerated { last.removeFirst() }
    return last.count == OverrunWindow.tolerated && call - last[0] < OverrunWindow.calls
  }
}

/// What the calls of a rule on one batch of events may cost together, beside the limit of each call.
///
/// A call takes a third of a microsecond. A rule of which each call stays just below its limit would slow the stream
/// a thousandfold without ever failing, so a rule is set aside that took 0.1 s for one batch, at more than 0.1 ms a
/// call, with 20 such calls: a busy machine that took the processor away now and then is not mistaken for it.
struct CallBudget {
  static let batch = 100_000_000
  static let slow = 100_000
  static let slowCalls = 20

  private var spent = 0
  private var calls = 0
  private var slowOnes = 0

  /// Notes a call of so many nanoseconds; true where the calls so far cost too much.
  mutating func isSpent(by nanoseconds: Int) -> Bool {
    spent += nanoseconds
    calls += 1
    if nanoseconds > CallBudget.slow { slowOnes += 1 }
    return spent > CallBudget.batch && spent / calls > CallBudget.slow
      && slowOnes >= CallBudget.slowCalls
  }

  var reason: String {
    let milliseconds = Figures.text(Double(spent / max(1, calls)) / 1e6)
    return "took too long: \(calls) calls on one batch of events took \(milliseconds) ms each"
  }
}
