import Detection
import Primitives
import Synthetic
import Testing

@Suite("The demo's plan")
struct DemoPlanTests {
  private static let plan = DemoPlan(seed: 7, events: 60_000, incidents: 12)
  private static let world = plan.world()

  private static func scenario(_ id: String, _ kind: String, _ channel: String? = nil)
    -> PlantedScenario
  {
    PlantedScenario(
      id: id, label: ("anomaly", "x", 2),
      onto: { $0.kind == kind && (channel == nil || $0.text("channel") == channel) },
      plan: { victim, _, random in
        let count = 5 + random.below(20)
        return (0..<count).map {
          var event = victim
          event.time = victim.time + .seconds(Int64($0 * (30 + random.below(60))))
          return PlannedEvent(event)
        }
      })
  }

  private static var scenarios: [PlantedScenario] {
    [
      scenario("a", "login"), scenario("b", "transaction", "payment"),
      scenario("c", "transaction", "card_present"), scenario("d", "metric"),
    ]
  }

  @Test("Training and test are planted in full, on different entities and apart in time")
  func halves() throws {
    let (training, test) = try Self.plan.plant(Self.scenarios, into: Self.world)
    #expect(training.shortfalls.isEmpty && test.shortfalls.isEmpty)
    #expect(training.incidents.count == 48 && test.incidents.count == 48)
    let trained = Set(training.incidents.map(\.entity))
    #expect(trained.isDisjoint(with: test.incidents.map(\.entity)))
    #expect(training.events.allSatisfy { $0.time < Self.plan.split })
    #expect(training.labels.allSatisfy { $0.knownAt <= Self.plan.split })
    #expect(test.events.allSatisfy { $0.time >= Self.plan.split && $0.time < Self.plan.end })
    #expect(Self.plan.training.seed != Self.plan.test.seed)
    #expect(Set(training.events.map(\.id)).isDisjoint(with: test.events.map(\.id)))
  }

  @Test("The plan splits thirty days at eighteen and repeats by seed")
  func split() throws {
    #expect(Self.plan.split == World.usualStart + .days(18))
    #expect(Self.plan.end == World.usualStart + .days(30))
    let both = try Self.plan.plant(Self.scenarios, into: Self.world)
    let again = try Self.plan.plant(Self.scenarios, into: Self.world)
    #expect(
      digest((both.training + both.test).events) == digest((again.training + again.test).events))
    #expect(
      (both.training + both.test).labels.count == both.training.labels.count
        + both.test.labels.count)
  }

  @Test("Incidents follow the number of events", arguments: [(200_000, 14), (50_000, 3), (100, 2)])
  func scale(events: Int, incidents: Int) {
    let plan = DemoPlan(seed: 1, events: events)
    #expect(plan.training.wanted == incidents && plan.test.wanted == incidents)
  }
}
