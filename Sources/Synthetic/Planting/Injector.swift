package import Detection
package import Primitives

/// Plants attacks into a stream: chooses victims by seed, makes their events and labels exactly those.
///
/// The stream itself is not touched. An entity is hit once by a scenario as long as there are others to hit. Victims
/// are drawn uniformly over entities, then over the entity's fitting events. One seed and one stream give the same
/// incidents, byte for byte; incidents draw from streams of their own, so one more does not move the others.
package struct Injector: Sendable {
  /// An incident becomes known one day after its last event.
  package static let reportingDelay = TimeSpan.days(1)
  private static let historyKept = 256
  private static let eventsAllowed = 10_000

  package var seed: UInt64
  /// Incidents of each scenario, times `intensity`, rounded, at least one.
  package var count: Int
  package var intensity: Double
  /// All planted events lie in it; the whole of time where there is none.
  package var period: Range<Timestamp>?
  package var share: EntityShare

  package init(
    seed: UInt64, count: Int, intensity: Double = 1, period: Range<Timestamp>? = nil,
    share: EntityShare = .all
  ) {
    self.seed = seed
    self.count = count
    self.intensity = intensity
    self.period = period
    self.share = share
  }

  /// Incidents wanted of each scenario.
  package var wanted: Int {
    Int(exactly: (Double(count) * intensity).rounded()).map { max(1, $0) } ?? 1
  }

  /// Plants every scenario. What could not be planted is listed in the result, not passed over.
  package func plant<Events: RandomAccessCollection<EventRecord>>(
    _ scenarios: [PlantedScenario], into events: Events
  ) throws -> Planting where Events.Index == Int {
    let victims = Victims(events, scenarios: scenarios, period: period, share: share)
    var planting = Planting()
    for (number, scenario) in scenarios.enumerated() {
      var draw = SeededRandom(seed: seed, purpose: "victims of \(scenario.id)")
      let candidates = victims.candidates(scenario: number, quiet: scenario.quiet)
        .shuffled(using: &draw)
      var done = 0
      var leaving = 0
      var used: Set<Int> = []
      // Every candidate is visited once a round, and again only when all have had their turn.
      var rounds = 0
      while done < wanted && rounds < max(8, wanted) && !candidates.isEmpty {
        for (entity, orders) in candidates where done < wanted {
          let free = orders.filter { !used.contains(victims.places[entity][$0]) }
          guard !free.isEmpty else { continue }
          let order = free[draw.below(free.count)]
          let place = victims.places[entity][order]
          used.insert(place)
          let earlier = victims.places[entity][max(0, order - Injector.historyKept)..<order]
          let incident = try incident(
            scenario, number: done, victim: events[place], history: earlier.map { events[$0] })
          guard let incident else {
            leaving += 1
            continue
          }
          planting.add(incident, scenario: scenario)
          done += 1
        }
        rounds += 1
      }
      if done < wanted {
        planting.shortfalls.append(
          Shortfall(
            scenario: scenario.id, wanted: wanted, planted: done, victims: candidates.count,
            leaving: leaving, isFitted: victims.isFitted[number]))
      }
    }
    planting.sort()
    return planting
  }

  /// The events of one incident, with ids that tell nothing; missing where they would leave the period.
  private func incident(
    _ scenario: PlantedScenario, number: Int, victim: EventRecord, history: [EventRecord]
  ) throws -> [(event: EventRecord, isLabelled: Bool)]? {
    var random = SeededRandom(seed: seed, purpose: "\(scenario.id) \(number)")
    var planned = try scenario.plan(victim, history, &random)
    guard planned.contains(where: \.isLabelled) else {
      throw Failure(
        .usage, "scenario '\(scenario.id)' planted nothing that is labelled",
        advice: "call emit at least once in inject, without label = false")
    }
    guard planned.count <= Injector.eventsAllowed else {
      throw Failure(
        .usage,
        "scenario '\(scenario.id)' planted \(planned.count) events in one incident, more than 10000",
        advice: "emit fewer, and plant more incidents instead")
    }
    if victim.time.microseconds % 1_000_000 == 0 {
      // In a stream of whole seconds a fraction would give the attack away.
      for place in planned.indices {
        let seconds = planned[place].event.time.microseconds.flooredDivision(by: 1_000_000).quotient
        planned[place].event.time = Timestamp(seconds: seconds)
      }
    }
    if let period, planned.contains(where: { !period.contains($0.event.time) }) { return nil }
    planned = planned.enumerated()
      .sorted { ($0.element.event.time, $0.offset) < ($1.element.event.time, $1.offset) }
      .map(\.element)
    let base = StableHash.of("\(scenario.id) on \(victim.id)".utf8, seed: seed)
    return try planned.enumerated().map { place, plan in
      var event = plan.event
      event.id = EventID.of(StableHash.of(base, UInt64(number), UInt64(place)))
      guard let entity = event.primaryEntity, let hit = victim.primaryEntity, entity == hit else {
        throw Failure(
          .usage,
          "scenario '\(scenario.id)' changed '\(victim.primaryField ?? "")', whose attack this is",
          advice: "leave that field as it is in the victim's event")
      }
      return (event, plan.isLabelled)
    }
  }
}
