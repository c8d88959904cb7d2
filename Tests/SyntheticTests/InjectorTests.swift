import Detection
import Primitives
import Synthetic
import Testing

@Suite("Planting attacks")
struct InjectorTests {
  /// The victim's event at another time, with changes.
  private static func planned(
    _ victim: EventRecord, _ time: Timestamp, _ changes: [String: Value?] = [:],
    isLabelled: Bool = true
  ) -> PlannedEvent {
    var event = victim
    event.time = time
    for (field, value) in changes { event.fields[field] = value }
    return PlannedEvent(event, isLabelled: isLabelled)
  }

  private static let world = World(seed: 11, events: 20_000)

  /// A burst of sign-ins whose first event is harmless.
  private static var burst: PlantedScenario {
    PlantedScenario(
      id: "test.burst", label: ("anomaly", "burst", 3),
      onto: { $0.kind == "login" }, history: 5,
      plan: { victim, _, random in
        let count = 3 + random.below(6)
        return (0..<count).reversed().map { step in
          planned(
            victim, victim.time + .seconds(Int64(step) * 20), ["outcome": .text("success")],
            isLabelled: step > 0)
        }
      })
  }

  private static var spending: PlantedScenario {
    PlantedScenario(
      id: "test.spending", label: ("fraud", "spending", 5),
      onto: { $0.kind == "transaction" }, history: 3, quiet: .days(2),
      plan: { victim, _, random in
        [
          planned(
            victim, victim.time + .days(2),
            ["amount": .number(random.uniform(1, 9)), "device": Value?.none])
        ]
      })
  }

  private func labelled(_ planting: Planting) -> Set<String> {
    Set(planting.labels.map(\.eventID))
  }

  @Test("No id tells a planted event from another")
  func idsTellNothing() throws {
    let planting = try Injector(seed: 5, count: 8).plant(
      [Self.burst, Self.spending], into: Self.world)
    let ids = Array(planting.merged(into: Self.world)).map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(
      ids.allSatisfy { $0.count == 16 && $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } })
  }

  @Test("The same seed plants the same bytes, another seed plants others")
  func repeats() throws {
    func planted(_ seed: UInt64) throws -> Planting {
      try Injector(seed: seed, count: 6).plant([Self.burst, Self.spending], into: Self.world)
    }
    let one = try planted(5)
    let again = try planted(5)
    #expect(digest(one.merged(into: Self.world)) == digest(again.merged(into: Self.world)))
    #expect(one.labels == again.labels)
    #expect(one.events.map(\.time) != (try planted(6)).events.map(\.time))
  }

  @Test("What was there before is still there, untouched and in order")
  func keepsOriginals() throws {
    let planting = try Injector(seed: 5, count: 9).plant(
      [Self.burst, Self.spending], into: Self.world)
    let merged = Array(planting.merged(into: Self.world))
    let planted = Set(planting.events.map(\.id))
    #expect(merged.count == Self.world.count + planting.events.count)
    #expect(merged.filter { !planted.contains($0.id) } == Array(Self.world))
    #expect(zip(merged, merged.dropFirst()).allSatisfy { $0.time <= $1.time })
  }

  @Test("A stream that is not in time order keeps its order")
  func keepsDisorder() throws {
    var random = SeededRandom(seed: 3)
    let shuffled = Self.world.prefix(3000).shuffled(using: &random)
    let planting = try Injector(seed: 5, count: 3).plant([Self.burst], into: shuffled)
    let planted = Set(planting.events.map(\.id))
    #expect(planting.merged(into: shuffled).filter { !planted.contains($0.id) } == shuffled)
  }

  @Test("At one instant the planted event comes after the original one")
  func ties() throws {
    let planting = try Injector(seed: 5, count: 4).plant([Self.burst], into: Self.world)
    let merged = Array(planting.merged(into: Self.world))
    let first = planting.events.filter { !labelled(planting).contains($0.id) }
    #expect(first.count == 4)
    for event in first {
      let place = try #require(merged.firstIndex { $0.id == event.id })
      #expect(
        merged[..<place].contains {
          $0.time == event.time && $0.primaryEntity! == event.primaryEntity!
        })
    }
  }

  @Test("Exactly the planted attack events are labelled, each once, known a day after the incident")
  func labels() throws {
    let planting = try Injector(seed: 5, count: 8).plant(
      [Self.burst, Self.spending], into: Self.world)
    // A burst begins with a harmless event, and a spending is one event.
    let runUp = planting.events.filter { !labelled(planting).contains($0.id) }
    #expect(runUp.count == 8)
    #expect(runUp.allSatisfy { $0.kind == "login" })
    for event in runUp {
      #expect(
        planting.incidents.contains {
          $0.entity == event.primaryEntity!.value && $0.start > event.time
        })
    }
    let attack = Set(planting.events.map(\.id)).subtracting(runUp.map(\.id))
    #expect(planting.labels.count == attack.count)
    #expect(Set(planting.labels.map(\.eventID)) == attack)
    for incident in planting.incidents {
      let labels = planting.labels.filter { incident.events.contains($0.eventID) }
      let times = planting.events.filter { incident.events.contains($0.id) }.map(\.time)
      #expect(labels.count == incident.events.count)
      #expect(incident.start == times.min() && incident.end == times.max())
      for label in labels {
        #expect(label.start == incident.start && label.end == incident.end)
        #expect(label.knownAt == incident.end + .days(1))
        #expect(label.entity == incident.entity && label.entityField == incident.entityField)
        #expect(label.name == (incident.scenario == "test.burst" ? "burst" : "spending"))
      }
    }
  }

  @Test("A planted event is its victim's but for the changes")
  func copies() throws {
    let planting = try Injector(seed: 5, count: 8).plant([Self.spending], into: Self.world)
    #expect(planting.events.count == 8)
    for event in planting.events {
      let earlier = Self.world.filter {
        $0.primaryEntity! == event.primaryEntity! && $0.time < event.time
      }
      let victim = try #require(earlier.last)
      #expect(event.time == victim.time + .days(2))
      #expect(event.text("device") == nil)
      #expect(event.number("amount")! < 9)
      #expect(event.text("merchant") == victim.text("merchant"))
      #expect(event.source == victim.source && event.kind == victim.kind)
      #expect(event.zoneOffsetSeconds == victim.zoneOffsetSeconds)
      // It did nothing in between, and had done enough before.
      #expect(earlier.count >= 4)
    }
  }

  @Test(
    "In a stream of whole seconds planted times are whole seconds too, elsewhere they are as planned"
  )
  func resolution() throws {
    let scenario = PlantedScenario(
      id: "s", label: ("anomaly", "s", 1), onto: { $0.kind == "login" },
      plan: { victim, _, _ in
        [Self.planned(victim, victim.time + TimeSpan(microseconds: 1_700_000))]
      })
    let injector = Injector(seed: 5, count: 5)
    let whole = try injector.plant([scenario], into: Self.world)
    #expect(whole.events.allSatisfy { $0.time.microseconds % 1_000_000 == 0 })
    #expect(whole.labels.map(\.start).sorted() == whole.events.map(\.time))
    let finer = Self.world.map { event in
      var event = event
      event.time = event.time + TimeSpan(microseconds: 5000)
      return event
    }
    let planting = try injector.plant([scenario], into: finer)
    #expect(planting.events.allSatisfy { $0.time.microseconds % 1_000_000 == 705_000 })
  }

  @Test("Nobody is hit twice while there are others to hit")
  func fairness() throws {
    let planting = try Injector(seed: 5, count: 20).plant([Self.burst], into: Self.world)
    #expect(Set(planting.incidents.map(\.entity)).count == 20)
    let alone = Self.world.filter { $0.primaryEntity?.value == planting.incidents[0].entity }
    let repeated = try Injector(seed: 5, count: 3).plant([Self.burst], into: alone)
    #expect(repeated.incidents.count == 3)
    #expect(Set(repeated.incidents.map(\.entity)).count == 1)
    #expect(Set(repeated.incidents.map(\.start)).count == 3)
  }

  @Test("Everything planted lies in the period and on entities of the share")
  func bounds() throws {
    let half = Self.world.start + .days(12)..<Self.world.end
    let shares = [0, 1].map { EntityShare.part($0, of: 2, seed: 1) }
    var hit: [Set<String>] = []
    for share in shares {
      let planting = try Injector(seed: 5, count: 15, period: half, share: share).plant(
        [Self.burst, Self.spending], into: Self.world)
      #expect(planting.events.allSatisfy { half.contains($0.time) })
      #expect(
        planting.incidents.allSatisfy { share.holds(field: $0.entityField, value: $0.entity) })
      hit.append(Set(planting.incidents.map(\.entity)))
    }
    #expect(!hit[0].isEmpty && !hit[1].isEmpty && hit[0].isDisjoint(with: hit[1]))
  }

  @Test("Intensity multiplies the number of incidents")
  func intensity() throws {
    let planting = try Injector(seed: 5, count: 4, intensity: 2.5).plant(
      [Self.burst], into: Self.world)
    #expect(planting.incidents.count == 10)
    #expect(Injector(seed: 5, count: 4, intensity: 0.01).wanted == 1)
  }

  @Test("What could not be planted is said")
  func shortfall() throws {
    let never = PlantedScenario(
      id: "test.never", label: ("anomaly", "never", 1), onto: { $0.kind == "reboot" },
      plan: { victim, _, _ in [Self.planned(victim, victim.time)] })
    let late = PlantedScenario(
      id: "test.late", label: ("anomaly", "late", 1), onto: { $0.kind == "login" },
      plan: { victim, _, _ in [Self.planned(victim, victim.time + .days(90))] })
    let period = Self.world.start..<Self.world.end
    let victim = try #require(Self.world.last { $0.kind == "login" }).id
    let once = PlantedScenario(
      id: "test.once", label: ("anomaly", "once", 1),
      onto: { $0.id == victim },
      plan: { victim, _, _ in [Self.planned(victim, victim.time)] })
    let old = PlantedScenario(
      id: "test.old", label: ("anomaly", "old", 1), onto: { $0.kind == "login" },
      history: 1_000_000, plan: { victim, _, _ in [Self.planned(victim, victim.time)] })
    let planting = try Injector(seed: 5, count: 2, period: period).plant(
      [never, late, once, old], into: Self.world)
    #expect(planting.incidents.map(\.scenario) == ["test.once"])
    let messages = planting.shortfalls.map(\.description)
    #expect(
      messages[0]
        == "scenario 'test.never' was planted 0 of 2 times: no event is of the kind that it is planted on"
    )
    let fitting = planting.shortfalls[1].victims
    #expect(fitting > 10)
    #expect(
      messages[1]
        == "scenario 'test.late' was planted 0 of 2 times: \(fitting) entities have fitting events, "
        + "and \(planting.shortfalls[1].leaving) of the incidents drawn on them would have left the "
        + "time range")
    #expect(
      messages[2]
        == "scenario 'test.once' was planted 1 of 2 times: only 1 entity has fitting events, and each "
        + "event is used once")
    #expect(
      messages[3]
        == "scenario 'test.old' was planted 0 of 2 times: no fitting event has the history and the "
        + "time around it that it needs")
  }

  @Test(
    "A scenario that plants nothing, too much, or on somebody else is refused",
    arguments: [
      (
        0,
        "scenario 's' planted nothing that is labelled (call emit at least once in inject, without label = false)"
      ),
      (
        10_001,
        "scenario 's' planted 10001 events in one incident, more than 10000 (emit fewer, and plant more incidents instead)"
      ),
      (
        -1,
        "scenario 's' changed 'user', whose attack this is (leave that field as it is in the victim's event)"
      ),
    ])
  func refusals(count: Int, message: String) {
    let scenario = PlantedScenario(
      id: "s", label: ("anomaly", "s", 1), onto: { $0.kind == "login" },
      plan: { victim, _, _ in
        if count < 0 { return [Self.planned(victim, victim.time, ["user": .text("eve")])] }
        return (0..<count).map { _ in Self.planned(victim, victim.time) }
      })
    let failure = #expect(throws: Failure.self) {
      try Injector(seed: 5, count: 1).plant([scenario], into: Self.world)
    }
    #expect(failure?.description == message)
  }
}
