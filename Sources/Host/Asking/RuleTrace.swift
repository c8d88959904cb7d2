import Detection
import Plugins

/// How one rule met one event: every condition with what it saw, and the values of the rule's features.
struct RuleTrace: Sendable {
  var on: [CompiledCondition.Seen]
  var when: [CompiledCondition.Seen]
  /// In the rule's order.
  var features: [(feature: NamedFeature, value: Double)]
  /// What its last step, or what begins its wait, asks; nothing for rules of one event.
  var step: [CompiledCondition.Seen]
  var score: ModelScore
}

extension RuleStage {
  /// How a rule meets a row of the last batch; missing where there is no such rule.
  func trace(
    of rule: String, _ batch: EventBatch, _ row: Int, _ table: FeatureTable,
    scores: DetectionRun.ScoreColumn?
  ) -> RuleTrace? {
    guard let installed = installed(rule) else { return nil }
    let score = scores?[row] ?? .missing
    var step: [CompiledCondition.Seen] = []
    if let pattern = installed.pattern {
      let place: Int
      if case .absence = pattern.pattern { place = 0 } else { place = pattern.stepCount - 1 }
      step = pattern.seen(step: place, batch, row, interner: interner)
    }
    return RuleTrace(
      on: installed.on.seen(batch, row, interner: interner),
      when: installed.when.seen(batch, row, table, score: score, interner: interner),
      features: zip(installed.rule.features, installed.columns).map { ($0, table[row, $1]) },
      step: step, score: score)
  }
}
