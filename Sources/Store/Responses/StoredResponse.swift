package import Primitives

/// An escalation or a playbook that an alert sets off, before it is written down.
package struct OwedResponse: Hashable, Sendable {
  package var plugin: String
  package var kind: StoredResponse.Kind
  package var alert: String
  /// Earliest time; of the machine.
  package var due: Timestamp
  /// Values that its limit is counted apart for, as one text.
  package var limitedBy: String
  /// The source of the service that raised the alert; empty where none did.
  package var input: String
  /// Why it is written down and not done; missing where it is to be done.
  package var withheld: String?

  package init(
    plugin: String, kind: StoredResponse.Kind, alert: String, due: Timestamp,
    limitedBy: String = "", input: String = "", withheld: String? = nil
  ) {
    self.plugin = plugin
    self.kind = kind
    self.alert = alert
    self.due = due
    self.limitedBy = limitedBy
    self.input = input
    self.withheld = withheld
  }
}

/// An escalation or a playbook on an alert, and how far it has come.
package struct StoredResponse: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable { case escalation, playbook }

  package enum State: String, Hashable, Sendable, CaseIterable {
    /// Waits for its time.
    case due
    /// Was begun, and goes on where it was.
    case running
    /// Waits for a person's answer.
    case asking
    case done
    /// An act of it failed, or its function did.
    case failed
    /// Is not done at all, for a reason that stands beside.
    case withheld
  }

  package struct Answer: Hashable, Sendable {
    package var step: String
    package var choice: String
    /// Who said so; missing where nobody answered in time.
    package var by: String?
    package var time: Timestamp

    package init(step: String, choice: String, by: String?, time: Timestamp) {
      self.step = step
      self.choice = choice
      self.by = by
      self.time = time
    }
  }

  package struct Question: Hashable, Sendable {
    package var step: String
    package var text: String
    package var choices: [String]
    package var until: Timestamp

    package init(step: String, text: String, choices: [String], until: Timestamp) {
      self.step = step
      self.text = text
      self.choices = choices
      self.until = until
    }
  }

  package var id: Int64
  package var plugin: String
  package var kind: Kind
  package var alert: String
  package var state: State
  package var due: Timestamp
  package var reason: String?
  /// The digest of the plugin's text when it was begun; missing where a person has it go on with that of now.
  package var source: String?
  package var begun: Timestamp?
  package var question: Question?
  /// In the order of the steps.
  package var answers: [Answer]
  /// The source of the service that raised the alert; empty where none did.
  package var input: String
  package var updated: Timestamp
}

/// One act in the journal.
package struct StoredAct: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable {
    /// Under way.
    case begun
    /// Failed, and is tried again.
    case waiting
    case done
    case failed
    /// Its end did not come or could not be written down: whether it was done, nobody here knows.
    case unknown
    /// A person has seen that it failed.
    case dropped
  }

  /// The same for the same act of the same step on the same alert; the other side is told it as `Idempotency-Key`.
  package var key: String
  package var response: Int64
  package var plugin: String
  package var alert: String
  package var step: String
  package var isUndo: Bool
  /// Such as `http.post`.
  package var act: String
  /// JSON, secrets as ‹secret›.
  package var arguments: String
  package var state: State
  package var attempts: Int
  package var answer: String?
  package var reason: String?
  package var begun: Timestamp
  package var ended: Timestamp?
}

/// An act that is about to be done.
package struct ActEntry: Hashable, Sendable {
  package var key: String
  package var response: Int64
  package var plugin: String
  package var alert: String
  package var step: String
  package var isUndo: Bool
  package var act: String
  package var arguments: String

  package init(
    key: String, response: Int64, plugin: String, alert: String, step: String, isUndo: Bool,
    act: String, arguments: String
  ) {
    self.key = key
    self.response = response
    self.plugin = plugin
    self.alert = alert
    self.step = step
    self.isUndo = isUndo
    self.act = act
    self.arguments = arguments
  }
}
