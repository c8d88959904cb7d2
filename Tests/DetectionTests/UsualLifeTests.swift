import Detection
import Primitives
import Testing

@Suite("How what is usual for an entity comes about and changes")
struct UsualLifeTests {
  /// Three an hour.
  private func event(_ place: Int, _ amount: Double) -> EventRecord {
    EventRecord(
      time: Timestamp(seconds: Int64(place) * 1200), id: "", source: "a", kind: "login",
      fields: ["user": .text("ana"), "amount": .number(amount)], primaryField: "user")
  }

  private func usual(_ events: [EventRecord]) throws -> [Usual?] {
    try EngineRun(events, [.field("amount")], sampled: [0]).usual.map { $0[0] }
  }

  private func steady(_ count: Int) -> [EventRecord] {
    var random = SeededRandom(seed: 9)
    return (0..<count).map { event($0, random.normal(mean: 100, deviation: 10)) }
  }

  @Test("It is missing below eight earlier values and close to the truth after many")
  func learns() throws {
    let usual = try usual(steady(500))
    #expect(usual[..<8].allSatisfy { $0 == nil })
    #expect(usual[8]?.count == 8)
    let last = try #require(usual.last ?? nil)
    #expect(abs(last.median - 100) < 12)
    #expect(last.low > 70 && last.low < 100 && last.high > 100 && last.high < 130)
  }

  @Test("It does not hold the event itself")
  func excludesItself() throws {
    let events = steady(50)
    var other = events
    other[49] = event(49, 1e6)
    #expect(try usual(events)[49] == usual(other)[49])
  }

  @Test("An attack of twenty huge amounts does not become normal")
  func attack() throws {
    let calm = steady(300)
    let burst: [EventRecord] = (0..<20).map { second in
      var event = event(300, 1e9)
      event.time = event.time + .seconds(Int64(second))
      return event
    }
    let last = try #require(try usual(calm + burst + [event(301, 100)]).last ?? nil)
    #expect(last.median < 120)
  }

  @Test("A lasting change becomes normal in the end")
  func change() throws {
    let events = steady(300) + (300..<900).map { event($0, 1000) }
    let last = try #require(try usual(events).last ?? nil)
    #expect(last.median == 1000)
  }

  @Test("A late event has none and moves none")
  func late() throws {
    let events = steady(60)
    var withLate = events
    withLate.insert(event(3, 1e6), at: 40)
    var got = try usual(withLate)
    #expect(got[40] == nil)
    got.remove(at: 40)
    #expect(try usual(events) == got)
  }

  @Test("Values that do not fit single precision, or are missing, do no harm")
  func extremes() throws {
    var events = steady(20)
    for (position, amount) in [1e300, -1e300, .infinity, 3e38, -3e38, 3e38].enumerated() {
      events.insert(event(20 + position, amount), at: 20 + position)
    }
    for normal in try usual(events).compactMap({ $0 }) {
      #expect(normal.median.isFinite && normal.low.isFinite && normal.high.isFinite)
    }
  }
}
