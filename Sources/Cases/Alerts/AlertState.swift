/// Where an alert stands in the hands of people. An alert that is not resolved is open.
///
///     new ──ack──► acknowledged ──start──► in progress ──close──► resolved
///
/// Steps may be left out, an alert may be closed from any open state, and what was resolved is opened again as
/// acknowledged: somebody has seen it.
package enum AlertState: String, Hashable, Sendable, CaseIterable {
  case new, acknowledged
  case inProgress = "in_progress"
  case resolved

  package var isOpen: Bool { self != .resolved }

  /// As it is written on the command line and read in a sentence.
  package var word: String { rawValue.replacing("_", with: "-") }
  package var phrase: String { rawValue.replacing("_", with: " ") }
}
