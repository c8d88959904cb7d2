package import Detection
package import Primitives

/// Why a rule raised no alert on an event.
package struct Miss: Sendable {
  /// One word for programs.
  package enum Cause: String, Sendable, CaseIterable {
    /// None: it did.
    case raised
    /// It found the event, and the finding was counted with an alert that was open.
    case joined
    /// It found the event, and somebody had muted whom it is about.
    case muted
    /// It found the event when it had raised too many alerts within an hour already.
    case flood
    /// It did, and the alert stands behind what there is time for.
    case beyondBudget = "beyond_budget"
    /// It found the event, which had been told already.
    case repeated
    /// It finds the event now, and no alert of then says so.
    case otherThen = "other_then"
    /// It found the event, which is told in an alert that another rule leads.
    case led
    case beforeJudging = "before_judging"
    case late
    case kind
    case condition
    case scoreMissing = "score_missing"
    case detectNothing = "detect_nothing"
    case luaError = "lua_error"
    case setAside = "set_aside"
    case fieldsMissing = "fields_missing"
    /// It names nobody by whom the rule could go.
    case noEntity = "no_entity"
    case noStep = "no_step"
    case notLastStep = "not_last_step"
    case stepMissing = "step_missing"
    case broken
    case tooSlow = "too_slow"
    case alreadyWaiting = "already_waiting"
    case notKnown = "not_known"
    case ended
    case stillWaiting = "still_waiting"
    case notInstalled = "not_installed"
    case deadLetter = "dead_letter"
    /// The block that keeps the event cannot be read.
    case damaged
  }

  /// A condition as the event met it.
  package struct Condition: Sendable {
    /// `on`, `when` or `step`.
    package var part: String
    package var test: String
    package var value: String
    package var holds: Bool
    /// What would have to be added to the value for it to hold; missing where no number is near.
    package var shortfall: Double?
  }

  package struct Window: Sendable {
    package var name: String
    package var definition: String
    /// NaN where missing.
    package var value: Double
  }

  package var rule: String
  package var eventID: String
  /// Missing where the event is not kept.
  package var event: EventRecord?
  package var cause: Cause
  /// What happened, in a sentence.
  package var sentence: String
  /// What the rule asks, in order; the first that does not hold is the one that decided.
  package var conditions: [Condition] = []
  package var windows: [Window] = []
  /// Where the rule's function decided, where it was asked and said nothing.
  package var decidedAt: DecidingLine?
  /// Of the alert that it is told in.
  package var alert: String?
  /// From when on events are kept: windows know nothing of before.
  package var keptSince: Timestamp?
  /// Settings by which the run judged, and so does the answer, where they are others now.
  package var settingsThen: [String] = []

  /// Says at which line the rule's function returned nothing, and which comparison there would have had to be otherwise.
  mutating func decide(at visits: [RuleWalk.Visit], in text: String) {
    guard let event,
      let line = DecidingLine(
        visits, in: text,
        features: Dictionary(
          windows.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
        event: event)
    else { return }
    decidedAt = line
    sentence += " at \(line.sentence)"
  }

  /// The first that did not hold: of those that are declared, then of those in the rule's function.
  package var failing: Condition? { conditions.first { !$0.holds } ?? decidedAt?.condition }

  package var json: JSONValue {
    func number(_ x: Double?) -> JSONValue { x.map { $0.isFinite ? .number($0) : .null } ?? .null }
    return [
      "rule": .text(rule), "event": .text(eventID), "cause": .text(cause.rawValue),
      "sentence": .text(sentence),
      "time": event.map { .text($0.time.description) } ?? .null,
      "first_failed": failing.map { Miss.json($0) } ?? .null,
      "conditions": .list(conditions.map(Miss.json)),
      "windows": .list(
        windows.map {
          [
            "name": .text($0.name), "definition": .text($0.definition), "value": number($0.value),
          ]
        }),
      "decided_at": decidedAt?.json ?? .null,
      "alert": alert.map { .text($0) } ?? .null,
      "kept_since": keptSince.map { .text($0.description) } ?? .null,
      "settings_then": .list(settingsThen.map { .text($0) }),
    ]
  }

  private static func json(_ condition: Condition) -> JSONValue {
    [
      "part": .text(condition.part), "test": .text(condition.test),
      "value": .text(condition.value), "holds": .flag(condition.holds),
      "shortfall": condition.shortfall.map { .number($0) } ?? .null,
    ]
  }
}
