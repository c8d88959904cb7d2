import Cases
import Detection
import Learning
import Plugins
import Response

extension Installation {
  /// Which plugins ask a model for what it does not say, in a sentence; missing where none does. One that asks for both,
  /// in different places, knows what it does.
  func asksInVain(of model: Model, named name: String) -> String? {
    let isRarity = model.meaning == .rarity
    let (vain, said) = isRarity ? (Rule.score, Rule.rarity) : (Rule.rarity, Rule.score)
    var asking: [String] = []
    func ask(_ what: String, _ id: String, _ conditions: [Predicate]) {
      let names = Set(conditions.map(\.name))
      if names.contains(vain) && !names.contains(said) { asking.append("\(what) \(id)") }
    }
    for rule in plugins.rules {
      ask("rule", rule.id, rule.when.filter { rule.asksModel(for: $0.name) })
    }
    for mapping in plugins.mappings {
      let choices = mapping.severities + mapping.responses
      ask(
        "mapping", mapping.id,
        mapping.on + mapping.rows.flatMap(\.when) + choices.flatMap(\.when))
    }
    for plugin in plugins.escalations {
      ask("escalation", plugin.id, plugin.escalation.when)
    }
    for plugin in plugins.playbooks { ask("playbook", plugin.id, plugin.playbook.when) }
    if asking.isEmpty { return nil }
    let what =
      isRarity
      ? "says how rare events are and gives no probability"
      : "gives a probability and does not say how rare events are"
    return "the model '\(name)' \(what): conditions on '\(vain)' never hold "
      + "(\(asking.joined(separator: ", ")); '\(said)' is what it says)"
  }
}
