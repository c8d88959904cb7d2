package import Detection
package import Primitives

/// The tests of one plugin: named cases that send events and say what must be found.
package struct Suite: Hashable, Sendable {
  /// The id of the plugin under test.
  package let subject: String
  /// In the order in which they are written.
  package let cases: [Case]
  package let origin: PluginOrigin

  package struct Case: Hashable, Sendable {
    package let name: String
    package let line: Int
  }

  package var file: String { origin.file }
}

/// How one case of a suite went.
package struct SuiteCase: Hashable, Sendable {
  package let suite: String
  package let name: String
  package let file: String
  package let line: Int
  package let passed: Bool
  /// Why it failed; empty where it passed.
  package let message: String
  /// Where it failed with an expectation: what that was, and what was there instead.
  package var expected: String?
  package var got: String?
  /// How the rule under test saw the last events before the case failed, oldest first.
  package var course: [String] = []
}

/// What the evaluator under test found on one event.
package struct SuiteFinding: Hashable, Sendable {
  package var rule: String
  package var severity: Severity
  package var message: String
  /// The mapping row that judged it; missing where none did.
  package var mapping: String?
  package var eventID: String
  /// Whether it led an alert of its own, and joined none.
  package var raised: Bool
  /// Of the alert that it led, where it raised one.
  package var alertSeverity: Severity?
  package var response: String?

  package init(
    rule: String, severity: Severity, message: String, mapping: String?, eventID: String,
    raised: Bool = true
  ) {
    self.rule = rule
    self.severity = severity
    self.message = message
    self.mapping = mapping
    self.eventID = eventID
    self.raised = raised
  }
}

/// The evaluator that a suite runs on, the same that runs live. A new one is made for each case.
package protocol SuiteBench {
  /// Takes events in order of time and returns what was found on them.
  mutating func send(_ events: [EventRecord]) throws -> [SuiteFinding]
  /// Moves the time of the stream on without an event and returns what was found to be missing.
  mutating func advance(to time: Timestamp) throws -> [SuiteFinding]
  /// Stands in for a model: what it says of every event from here on.
  mutating func tell(score: ModelScore)
  /// From here on the course of this rule is noted.
  mutating func watch(rule: String)
  /// How the watched rule saw the last events, oldest first.
  var course: [String] { get }
  /// The last failure of each rule that failed since the case began.
  var failures: [RuleFailure] { get }
}
