import Detection
import Primitives
import Testing

@Suite("Entities together, features together, hours of the week")
struct SeasonTests {
  private func event(
    _ hours: Double, _ amount: Double? = 1, user: String = "ana", device: String? = "d1"
  ) -> EventRecord {
    var fields: [String: Value] = ["user": .text(user)]
    fields["terminal"] = device.map { .text($0) }
    fields["amount"] = amount.map { .number($0) }
    return EventRecord(
      time: Timestamp(microseconds: Int64(hours * 3600e6)), id: "", source: "s", kind: "login",
      fields: fields, primaryField: "user")
  }

  private func column(_ feature: FeatureDefinition, _ events: [EventRecord]) throws -> [Double] {
    try EngineRun(events, [feature]).rows.map { $0[0] }
  }

  private func same(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }

  @Test("Two fields together are an entity of their own")
  func pairs() throws {
    let events = [
      event(0), event(1, device: "d2"), event(2), event(3, user: "bo"), event(4, device: nil),
      event(5),
    ]
    let together = EntityScope.pair("user", "terminal")
    #expect(
      same(try column(.count(together, within: .hours(3)), events), [1, 1, 2, 1, .nan, 2]))
    #expect(same(try column(.history(together), events), [0, 0, 1, 0, .nan, 2]))
    let other = try column(.history(.pair("terminal", "user")), events)
    #expect(same(other, [0, 0, 1, 0, .nan, 2]))
  }

  @Test("Many pairs come and go within their cap")
  func manyPairs() throws {
    let limits = WindowLimits(entities: 64 * 8)
    let events = (0..<6_000).map { number in
      event(Double(number) / 60, user: "u\(number % 91)", device: "d\(number * 7 % 300)")
    }
    let run = try EngineRun(events, [.history(.pair("user", "terminal"))], limits: limits)
    #expect(run.statistics.entities <= 64 * 8)
    #expect(run.statistics.evicted > 4_000)
  }

  @Test("A ratio and a difference of two features, of one entity or of two")
  func derived() throws {
    let hour = FeatureDefinition.count(.primary, within: .hours(1))
    let day = FeatureDefinition.count(.field("terminal"), within: .days(1))
    let events = [event(0), event(0.5, user: "bo"), event(0.75), event(10)]
    #expect(same(try column(.ratio(hour, day), events), [1, 0.5, 2.0 / 3, 0.25]))
    #expect(same(try column(.minus(day, hour), events), [0, 1, 1, 3]))
    let nothing = FeatureDefinition.minus(hour, hour)
    #expect(same(try column(.ratio(hour, nothing), events), [.nan, .nan, .nan, .nan]))
    #expect(
      same(
        try column(.ratio(.sinceLast(.primary), hour), events), [.nan, .nan, 1350, 33_300]))
  }

  @Test("What is usual on Monday at nine says nothing about Sunday at three")
  func seasons() throws {
    let week = 168.0
    // 1970-01-05 was a Monday.
    let monday = 96.0 + 9
    var events: [EventRecord] = []
    for number in 0..<5 {
      events.append(event(monday + week * Double(number), [100, 110, 90, 105, 95][number]))
      events.append(event(monday + week * Double(number) + 5, 3))
    }
    events.append(event(monday + week * 5 + 0.5, 200))
    events.append(event(monday + week * 5 + 5, 200))
    events.append(event(monday + week * 5 + 7, 200))
    let got = try column(.seasonal(.primary, of: nil, within: .days(60)), events)
    // Four values are enough; before the fifth week: median 102.5 of 90 100 105 110, deviations 2.5 2.5 7.5 12.5.
    #expect(got[8] == (95 - 102.5) / (1.4826 * 5))
    #expect(got[..<8].allSatisfy { $0.isNaN })
    #expect(got[10] == (200 - 100) / (1.4826 * 5))
    // Five equal values have no spread, and at four in the afternoon there was never anything.
    #expect(got[11].isNaN && got[12].isNaN)
  }
}
