import Detection
import Plugins
import Primitives
import Synchronization

/// One call of a rule's Lua with all that it was given.
struct RuleCall: Sendable {
  var event: EventRecord
  /// In the rule's order.
  var features: [Double]
  var score: ModelScore
}

/// Takes down what some rules are asked, so that their variables can be brought to where they were.
final class CallRecord: Sendable {
  /// More calls of one rule are not taken down: to repeat them for every value that is tried would take too long.
  static let most = 500

  private let calls: Mutex<[String: [RuleCall]]>

  init(of rules: [String]) {
    calls = Mutex(Dictionary(uniqueKeysWithValues: rules.map { ($0, []) }))
  }

  /// By the worker that owns the rule, in order of arrival.
  func note(_ rule: String, _ call: () -> RuleCall) {
    calls.withLock { calls in
      guard let known = calls[rule], known.count <= CallRecord.most else { return }
      calls[rule]?.append(call())
    }
  }

  /// What a rule was asked; missing where that was too often.
  func calls(of rule: String) -> [RuleCall]? {
    calls.withLock { $0[rule] }.flatMap { $0.count > CallRecord.most ? nil : $0 }
  }
}
