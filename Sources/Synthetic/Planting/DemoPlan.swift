package import Primitives

/// How the demo is laid out in time: attacks to learn from first, then others on other people to be found.
///
/// Training takes the first 18 of 30 days (or that share of another length). What is planted for the test has its own
/// seed, entities and draws. Training incidents end a day before the test begins, so that all their labels are known.
package struct DemoPlan: Sendable {
  package let seed: UInt64
  package let days: Int
  package let events: Int
  package let start: Timestamp
  /// Training ends and the test begins.
  package let split: Timestamp
  package let end: Timestamp
  package let training: Injector
  package let test: Injector

  /// `incidents` of each scenario in each period; where nil, 14 for 200,000 events and fewer for fewer, at least 2.
  package init(
    seed: UInt64, days: Int = 30, events: Int = 200_000, start: Timestamp = World.usualStart,
    incidents: Int? = nil
  ) {
    self.seed = seed
    self.days = days
    self.events = events
    self.start = start
    end = start + .days(Int64(days))
    let day = LocalDay.length
    split = start + TimeSpan(microseconds: Int64(days) * day * 3 / 5)
    let calm = start + TimeSpan(microseconds: Int64(days) * day / 15)
    let learnt = max(split - Injector.reportingDelay, calm + .seconds(1))
    let count = incidents ?? max(2, min(14, events / 14_000))
    training = Injector(
      seed: StableHash.of(seed, 1) >> 32, count: count, period: calm..<learnt,
      share: .part(0, of: 2, seed: seed))
    test = Injector(
      seed: StableHash.of(seed, 2) >> 32, count: count, period: split..<end,
      share: .part(1, of: 2, seed: seed))
  }

  package func world() -> World { World(seed: seed, days: days, events: events, start: start) }

  /// Plants both halves into the demo's world.
  package func plant(_ scenarios: [PlantedScenario], into world: World) throws -> (
    training: Planting, test: Planting
  ) {
    (try training.plant(scenarios, into: world), try test.plant(scenarios, into: world))
  }
}
