import Detection
import Plugins
import Primitives

extension AskedKinds {
  /// What a run asks for: what alerts are explained by and models look at on every event, what rules look at on events of
  /// their kinds.
  init(of plan: RunPlan, rules: [InstalledRule]) {
    self.init()
    func ask(_ definition: FeatureDefinition, on kinds: [Symbol]) {
      for one in [definition] + definition.companions { self.ask(one, on: kinds) }
    }
    for feature in plan.evidence.features + plan.set.features { ask(feature.definition, on: []) }
    ask(.history(.primary), on: [])
    for rule in rules {
      for feature in rule.rule.features { ask(feature.definition, on: rule.kinds) }
    }
  }
}
