import Detection
import Primitives
import Testing

@Suite("Wrong clocks")
struct WrongClockTests {
  private func event(_ minute: Int, _ user: String = "ana", amount: Double = 1) -> EventRecord {
    EventRecord(
      time: Timestamp(seconds: 1_700_000_000) + .minutes(Int64(minute)), id: "", source: "s",
      kind: "login", fields: ["user": .text(user), "amount": .number(amount)], primaryField: "user")
  }

  private static let year = 365 * 24 * 60
  private let limits = WindowLimits(allowedLateness: .hours(1), timeToLive: .days(30))

  @Test("An event of next year makes no later event late, and takes nothing from the windows")
  func nextYear() throws {
    var events = (0..<100).map { event($0) }
    let features: [FeatureDefinition] = [
      .count(.primary, within: .minutes(30)), .history(.primary), .sinceLast(.primary),
      .aggregate(.std, .primary, of: nil, within: .days(1)),
    ]
    let plain = try EngineRun(events, features, limits: limits)
    events.insert(event(WrongClockTests.year, amount: 1e9), at: 50)
    let run = try EngineRun(events, features, limits: limits)
    #expect(run.late.isEmpty)
    #expect(run.statistics.expired == 0)
    #expect(Array(run.rows[50].prefix(3)) == [1, 50, Double(60 * (WrongClockTests.year - 49))])
    var others = run.rows
    others.remove(at: 50)
    #expect(zip(others, plain.rows).allSatisfy { $0 == $1 || identical([$0], [$1]) })
  }

  @Test(
    "What is usual is not learned from an event of next year, and goes on being learned after it")
  func usual() throws {
    var events = (0..<600).map { event($0, amount: 5) }
    events.insert(event(WrongClockTests.year, amount: 1e9), at: 300)
    let run = try EngineRun(events, [.field("amount")], sampled: [0], limits: limits)
    let own = run.usual.map { $0[0] }
    #expect(own.dropFirst(8).allSatisfy { $0?.median == 5 && $0?.high == 5 })
    #expect((own[600]?.count ?? 0) > (own[301]?.count ?? 0))
  }

  @Test("A stream that was silent for a year goes on, and lateness with it")
  func silence() throws {
    let after = (0..<100).map { event(WrongClockTests.year + $0) }
    let events =
      (0..<50).map { event($0) } + after + [event(100), event(WrongClockTests.year + 39)]
      + [event(WrongClockTests.year + 38)]
    let run = try EngineRun(events, [.history(.primary)], limits: limits)
    #expect(run.late == [150, 152])
    #expect(run.statistics.tooLate == 2)
    // The entity was silent for longer than its time to live: it starts anew once the year is believed.
    #expect(run.statistics.expired == 1)
  }

  @Test("A first event of next year is taken back when four others disagree")
  func first() throws {
    let events = [event(WrongClockTests.year)] + (0..<40).map { event($0) }
    let run = try EngineRun(events, [.history(.primary)], limits: limits)
    #expect(run.late == [1, 2, 3])
    #expect(run.rows[40][0] == 36)
  }

  @Test("A device whose clock is always a year ahead keeps nobody else from being late")
  func oneDevice() throws {
    var events: [EventRecord] = []
    for minute in 0..<500 {
      events.append(event(minute))
      if minute % 3 == 0 { events.append(event(WrongClockTests.year + minute, "bo")) }
    }
    events.append(event(300))
    let run = try EngineRun(events, [.history(.primary)], limits: limits)
    #expect(run.late == [events.count - 1])
  }
}
