import Detection
package import Primitives

extension Alert {
  /// Who gave how much of what it states, as one block for programs: the parts of each figure sum to it.
  ///
  /// `score` in the units of the model's margin, where the parts, one a feature, and the base sum to `margin`, of which the score
  /// is the calibration; `confidence` from 0 to 1; `severity` in steps from info (1) to critical (5). Each is null where the
  /// alert states no such figure or nothing of it was kept.
  package func contributions(_ frozen: FrozenEvidence?) -> JSONValue {
    var score = JSONValue.null
    if let frozen, let margin = frozen.margin, let value = self.score {
      let parts = frozen.features.filter { $0.contribution ?? 0 != 0 }
      score = [
        "value": .number(value), "meaning": .of(scoreMeaning?.rawValue), "by": .of(model),
        "margin": .number(margin), "base": .number(frozen.bias),
        "parts": .list(
          parts.map { ["by": .text($0.name), "value": .of($0.contribution)] }),
      ]
    }
    let made = frozen?.contributions
    var ofConfidence = JSONValue.null
    if let confidence, let parts = made?.confidence {
      ofConfidence = ["value": .number(confidence), "parts": Contributions.json(parts)]
    }
    return [
      "score": score, "confidence": ofConfidence,
      "severity": made.map {
        [
          "value": .text(severity.word), "steps": .integer(Int64(severity.rawValue)),
          "parts": Contributions.json($0.severity),
        ]
      } ?? .null,
    ]
  }
}
