import Detection
import Plugins
import Primitives
import Synthetic

/// Installed scenarios as the injector takes them: Lua makes the events of each attack.
enum ScenarioPlanter {
  /// - Throws: `Failure(.usage)` where a scenario's file does not load again.
  static func scenarios(
    _ scenarios: [Scenario], vocabulary: Vocabulary, lists: TextLists
  ) throws(Failure) -> [PlantedScenario] {
    var planted: [PlantedScenario] = []
    for scenario in scenarios {
      let runner: ScenarioRunner
      do {
        runner = try ScenarioRunner(scenario: scenario, vocabulary: vocabulary)
      } catch {
        throw Failure(.usage, error.description)
      }
      planted.append(
        PlantedScenario(
          id: scenario.id,
          label: (scenario.label.type, scenario.label.name, scenario.label.severity),
          onto: { accepts($0, scenario.onto, lists) }, history: scenario.history,
          quiet: scenario.quiet,
          plan: { victim, history, random in
            try runner.inject(victim: victim, history: history, random: &random).map {
              PlannedEvent($0.record, isLabelled: $0.isLabelled)
            }
          }))
    }
    return planted
  }

  private static func accepts(
    _ event: EventRecord, _ onto: [Predicate], _ lists: TextLists
  ) -> Bool {
    onto.allSatisfy { predicate in
      let value: Value =
        switch predicate.name {
        case "kind": .text(event.kind)
        case "source": .text(event.source)
        default: event.fields[predicate.name] ?? .missing
        }
      return predicate.test.accepts(value, lists: { lists.has($0, $1) })
    }
  }
}
