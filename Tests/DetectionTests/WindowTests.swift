import Detection
import Glibc
import Primitives
import Testing

@Suite("Windows")
struct WindowTests {
  private func event(
    _ seconds: Double, _ amount: Double? = nil, user: String? = "ana", kind: String = "login",
    fields: [String: Value] = [:], zone: Int32 = 0
  ) -> EventRecord {
    var fields = fields
    fields["user"] = user.map { .text($0) }
    fields["amount"] = amount.map { .number($0) }
    return EventRecord(
      time: Timestamp(microseconds: Int64(seconds * 1e6)), id: "", source: "a", kind: kind,
      fields: fields, primaryField: user == nil ? nil : "user", zoneOffsetSeconds: zone)
  }

  private func column(
    _ feature: FeatureDefinition, _ events: [EventRecord], limits: WindowLimits = WindowLimits()
  ) throws -> [Double] {
    try EngineRun(events, [feature], limits: limits).rows.map { $0[0] }
  }

  private func same(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }

  @Test("A window holds both its ends, and a count holds the event itself")
  func bothEnds() throws {
    let events = [event(0), event(3600), event(3600.000001), event(7200)]
    #expect(try column(.count(.primary, within: .hours(1)), events) == [1, 2, 2, 3])
  }

  @Test("Among events of the same time, those that arrived before are seen")
  func ties() throws {
    let events = [event(5, 1), event(5, 2), event(5, 4)]
    let sums = try column(.aggregate(.sum, .primary, of: nil, within: .seconds(1)), events)
    #expect(same(sums, [.nan, 1, 3]))
  }

  @Test("A late event is placed by time")
  func lateIsPlaced() throws {
    let events = [event(100, 1), event(200, 2), event(150, 10), event(210, 3)]
    #expect(
      same(try column(.difference(.primary, of: nil, order: 1), events), [.nan, 1, 9, 1]))
    #expect(try column(.history(.primary), events) == [0, 1, 1, 3])
    #expect(same(try column(.sinceLast(.primary), events), [.nan, 100, 50, 10]))
  }

  @Test("An event later than allowed is reported, gets nothing and leaves no trace")
  func tooLate() throws {
    let limits = WindowLimits(allowedLateness: .seconds(60))
    let events = [event(1000), event(940), event(939.999999), event(1001)]
    let run = try EngineRun(events, [.history(.primary)], limits: limits)
    #expect(same(run.rows.map { $0[0] }, [0, 0, .nan, 2]))
    #expect(run.late == [2])
    #expect(run.statistics.tooLate == 1)
  }

  @Test("Without an entity the features of that entity are missing, the others are not")
  func noEntity() throws {
    let events = [event(0, 5, user: nil, fields: ["terminal": .text("t1")])]
    let features: [FeatureDefinition] = [
      .count(.primary, within: .hours(1)), .count(.field("terminal"), within: .hours(1)),
      .field("amount"), .history(.field("user")),
    ]
    #expect(same(try EngineRun(events, features).rows[0], [.nan, 1, 5, .nan]))
  }

  @Test("The same word in two fields is two entities")
  func entitiesAreFieldAndValue() throws {
    var other = event(1, user: nil, fields: ["terminal": .text("ana")])
    other.primaryField = "terminal"
    #expect(try column(.history(.primary), [event(0), other, event(2)]) == [0, 0, 1])
  }

  @Test("Amounts near a thousand million with a spread of a thousandth keep six digits of it")
  func smallSpread() throws {
    for count in [2, 7, 100, 5000] {
      var random = SeededRandom(seed: UInt64(count))
      let amounts = (0...count).map { _ in 1e9 + random.uniform(0, 1e-3) }
      let events = amounts.enumerated().map { event(Double($0.offset), $0.element) }
      let past = amounts.dropLast().map { Float80($0) - 1e9 }
      let mean = past.reduce(0, +) / Float80(count)
      let squares = past.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let exact = Double((squares / Float80(count - 1)).squareRoot())
      let got = try column(.aggregate(.std, .primary, of: nil, within: .days(1)), events).last!
      #expect(abs(got - exact) <= 1e-6 * exact, "\(count) events: \(got), not \(exact)")
    }
  }

  @Test("A huge value that has left the window leaves no trace in it")
  func noDrift() throws {
    var events = [event(0, 1e17)]
    for second in 1...300 {
      events.append(event(Double(second) + 10_000, 0.1 * Double(second % 7)))
    }
    for aggregate in FeatureDefinition.Aggregate.allCases {
      let feature = FeatureDefinition.aggregate(aggregate, .primary, of: nil, within: .hours(1))
      let with = try column(feature, events).dropFirst()
      let without = try column(feature, Array(events.dropFirst()))
      for (a, b) in zip(with, without) { #expect(close(a, b, 1e-14), "\(aggregate)") }
    }
  }

  @Test("Equal amounts have no spread, so no z-score, whatever their number", arguments: [2, 500])
  func noSpread(count: Int) throws {
    let events = (0...count).map { event(Double($0), 0.1) }
    #expect(
      try column(.aggregate(.std, .primary, of: nil, within: .days(1)), events).last == 0)
    #expect(try column(.zScore(.primary, of: nil, within: .days(1)), events).last!.isNaN)
  }

  @Test("An infinite amount is missing and spoils nothing")
  func infinite() throws {
    let events = [event(0, 1), event(1, .infinity), event(2, 3), event(3, -.infinity), event(4, 5)]
    #expect(
      same(
        try column(.aggregate(.mean, .primary, of: nil, within: .hours(1)), events),
        [.nan, 1, 1, 2, 2]))
    #expect(same(try column(.field("amount"), events), [1, .nan, 3, .nan, 5]))
  }

  @Test("What cannot be held in a number is missing, also when it has gone through every window")
  func overflow() throws {
    let big = Double.greatestFiniteMagnitude
    let events = [event(0, big), event(1, -big), event(2, big), event(3, 1), event(90_000, 2)]
    var random = RandomStreams(seed: 3)
    for row in try EngineRun(events, random.features()).rows {
      #expect(row.allSatisfy { $0.isNaN || $0.isFinite })
    }
    let mean = try column(.ewma(.primary, of: nil, halfLife: .seconds(1)), events)
    #expect(mean.dropFirst().allSatisfy { $0.isFinite })
  }

  @Test("Times at the ends of the calendar do no harm")
  func endsOfTime() throws {
    var random = RandomStreams(seed: 4)
    let features = random.features()
    for times in [
      [Int64.min, 0, .max], [.max, .max, .min], [0, .min, .min + 1], [.max, 5, .max],
    ] {
      let events = times.map { time in
        var event = event(0, 3, zone: time < 0 ? -3600 : 3600)
        event.time = Timestamp(microseconds: time)
        return event
      }
      #expect(try EngineRun(events, features, shards: 2).rows.count == 3)
    }
  }

  @Test("Today begins at midnight of the source's clock")
  func today() throws {
    // 23:30 and 00:10 in a zone an hour east of Greenwich, then 00:20 in Greenwich, which is another day's clock.
    let events = [event(81_000, 1, zone: 3600), event(83_400, 2, zone: 3600), event(87_600, 4)]
    #expect(try column(.dailyCount(.primary), events) == [1, 1, 1])
    #expect(try column(.dailySum(.primary, of: nil), events) == [1, 2, 4])
    let greenwich = events.map { event(Double($0.time.microseconds) / 1e6, 1) }
    #expect(try column(.dailyCount(.primary), greenwich) == [1, 2, 1])
  }

  @Test("A clock put back makes the day longer and loses none of its events")
  func clockPutBack() throws {
    let events = [event(80_000, zone: 7200), event(86_000, zone: 7200), event(90_000, zone: -7200)]
    #expect(try column(.dailyCount(.primary), events) == [1, 2, 3])
  }

  @Test("Second differences need two earlier amounts and skip events without one")
  func secondDifference() throws {
    let events = [event(0, 1), event(1), event(2, 4), event(3, 9), event(4)]
    #expect(
      same(
        try column(.difference(.primary, of: nil, order: 2), events), [.nan, .nan, .nan, 2, .nan]))
  }

  @Test("An hour in which the entity is never seen is rarer than its usual one")
  func hourRarity() throws {
    let events = (0..<9).map { event(Double($0) * 86_400 + 36_000) } + [event(9 * 86_400 + 7200)]
    let rarity = try column(.hourRarity(.primary), events)
    #expect(rarity[..<8].allSatisfy { $0.isNaN })
    #expect(rarity[8] == 1 - 9.0 / 16)
    #expect(rarity[9] == 1 - 1.0 / 17)
  }

  @Test("A value is new once, and new again to an event that happened before it")
  func isNew() throws {
    let at = { (second: Double, terminal: String?) in
      event(second, fields: terminal.map { ["terminal": .text($0)] } ?? [:])
    }
    let events = [at(10, "x"), at(20, "x"), at(30, nil), at(5, "x"), at(7, "x"), at(40, "y")]
    #expect(
      same(try column(.isNew(.primary, of: "terminal"), events), [1, 0, .nan, 1, 0, 1]))
  }

  @Test("An entity that was silent for longer than its time to live starts anew")
  func timeToLive() throws {
    let limits = WindowLimits(allowedLateness: .zero, timeToLive: .hours(2))
    let events = [event(0), event(7200), event(14_401)]
    let run = try EngineRun(events, [.history(.primary)], limits: limits)
    #expect(run.rows.map { $0[0] } == [0, 1, 0])
    #expect(run.statistics.expired == 1)
  }

  @Test("Above the cap the least recently seen entities go first, and are counted")
  func cap() throws {
    let limits = WindowLimits(entities: 64 * 20)
    var events: [EventRecord] = []
    for number in 0..<4_000 {
      events.append(event(Double(number), user: "u\(number)"))
      if number % 10 == 0 { events.append(event(Double(number), user: "regular")) }
    }
    let run = try EngineRun(
      events, [.history(.primary), .isNew(.primary, of: "user")], limits: limits)
    #expect(run.statistics.entities <= 64 * 20)
    #expect(run.statistics.evicted == 4_001 - run.statistics.entities)
    let regular = events.indices.filter { events[$0].fields["user"] == .text("regular") }
    #expect(regular.map { run.rows[$0][0] } == (0..<400).map { Double($0) })
  }

  @Test("Memory follows the events in the windows, not all events ever")
  func memory() throws {
    let features = FeatureSet.standard.features.map(\.definition)
    let few = (0..<3_000).map { event(Double($0) * 60, 1) }
    let many = (0..<60_000).map { event(Double($0) * 60, 1) }
    let small = try EngineRun(few, features).statistics.stateBytes
    let large = try EngineRun(many, features).statistics.stateBytes
    // The longest window with its lateness is eight days: 11,520 events of 40 bytes.
    #expect(large < small + 2 * 11_520 * 48)
  }

  @Test("Equal features are computed once")
  func sharedColumns() throws {
    let plan = try FeaturePlan(
      FeatureSet.standard, schema: RandomStreams.schema, interner: Interner())
    let columns = try ["delta_1", "amount_diff_1"].map {
      plan.column(of: try #require(FeatureSet.standard.definition(of: $0)))
    }
    #expect(columns[0] == columns[1])
    #expect(plan.columns == FeatureSet.standard.features.count - 1)
  }
}
