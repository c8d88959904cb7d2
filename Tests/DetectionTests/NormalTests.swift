import Detection
import Primitives
import Testing

@Suite("What is normal for an entity")
struct NormalTests {
  private func event(_ second: Int, _ amount: Double) -> EventRecord {
    EventRecord(
      time: Timestamp(seconds: Int64(second)), id: "", source: "a", kind: "login",
      fields: ["user": .text("ana"), "amount": .number(amount)], primaryField: "user")
  }

  private func normals(_ events: [EventRecord]) throws -> [NormalTable.Normal?] {
    try EngineRun(events, [.field("amount")], normals: [0]).normals.map { $0[0] }
  }

  private func steady(_ count: Int) -> [EventRecord] {
    var random = SeededRandom(seed: 9)
    return (0..<count).map { event($0, random.normal(mean: 100, deviation: 10)) }
  }

  @Test("It is missing below eight earlier values and close to the truth after many")
  func learns() throws {
    let normals = try normals(steady(500))
    #expect(normals[..<8].allSatisfy { $0 == nil })
    #expect(normals[8]?.count == 8)
    let last = try #require(normals.last ?? nil)
    #expect(abs(last.center - 100) < 5)
    #expect(last.spread > 6 && last.spread < 14)
    #expect(last.count == 499)
  }

  @Test("It does not hold the event itself")
  func excludesItself() throws {
    let events = steady(50)
    var other = events
    other[49] = event(49, 1e6)
    #expect(try normals(events)[49] == normals(other)[49])
  }

  @Test("An attack of twenty huge amounts does not become normal")
  func attack() throws {
    let calm = steady(300)
    let attacked = try normals(calm + (300..<320).map { event($0, 1e9) } + [event(320, 100)])
    let last = try #require(attacked.last ?? nil)
    #expect(last.center < 140)
    #expect(last.spread < 40)
  }

  @Test("A lasting change becomes normal in the end")
  func change() throws {
    let events = steady(300) + (300..<900).map { event($0, 1000) }
    let last = try #require(try normals(events).last ?? nil)
    #expect(abs(last.center - 1000) < 50)
  }

  @Test("A late event has none and moves none")
  func late() throws {
    let events = steady(60)
    var withLate = events
    withLate.insert(event(3, 1e6), at: 40)
    var got = try normals(withLate)
    #expect(got[40] == nil)
    got.remove(at: 40)
    #expect(try normals(events) == got)
  }

  @Test("Values that do not fit single precision, or are missing, do no harm")
  func extremes() throws {
    var events = steady(20)
    for (position, amount) in [1e300, -1e300, .infinity, 3e38, -3e38, 3e38].enumerated() {
      events.insert(event(20 + position, amount), at: 20 + position)
    }
    for normal in try normals(events).compactMap({ $0 }) {
      #expect(normal.center.isFinite && normal.spread.isFinite)
    }
  }
}
