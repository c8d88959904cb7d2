import Primitives

/// What made the figures of an alert, part by part: the parts of each add up to what the alert states.
///
/// The model's margin is parted by feature and stands with the features (`FrozenEvidence`): the bias and all contributions sum
/// to it, and the score is its calibration. Beside it:
///
/// - `confidence` goes step by step from what is believed of the rule to what is stated, each part the difference that a step
///   made, from 0 to 1: how often the rule that did best was right, what further rules add, what the model adds, what is
///   taken off for how little is known of the entity.
/// - `severity` is in steps from info (1) to critical (5).
package struct Contributions: Hashable, Sendable {
  package struct Part: Hashable, Sendable {
    /// Who: a rule's id, `model`, `mapping`, `rules`, `history` …
    package var by: String
    package var value: Double
    /// Why, in a few words.
    package var why: String

    package init(_ by: String, _ value: Double, _ why: String) {
      self.by = by
      self.value = value
      self.why = why
    }
  }

  /// Missing where no confidence is stated.
  package var confidence: [Part]?
  package var severity: [Part]

  package static func sum(_ parts: [Part]) -> Double { parts.reduce(0) { $0 + $1.value } }

  static func json(_ parts: [Part]) -> JSONValue {
    .list(parts.map { ["by": .text($0.by), "value": .of($0.value), "why": .text($0.why)] })
  }

  var json: JSONValue {
    [
      "confidence": confidence.map(Contributions.json) ?? .null,
      "severity": Contributions.json(severity),
    ]
  }
}

extension Contributions {
  init(_ fields: JSONFields) throws(Failure) {
    func parts(_ key: String) throws(Failure) -> [Part] {
      try fields.objects(key).map { (part) throws(Failure) in
        Part(
          try part.text("by"), try part.numberOrNull("value") ?? .nan, try part.text("why"))
      }
    }
    confidence = fields.optional("confidence")?.list == nil ? nil : try parts("confidence")
    severity = try parts("severity")
  }
}
