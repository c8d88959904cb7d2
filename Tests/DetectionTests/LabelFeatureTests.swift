import Detection
import Primitives
import Testing

@Suite("Features of labels")
struct LabelFeatureTests {
  private func event(_ day: Double, terminal: String = "t1") -> EventRecord {
    EventRecord(
      time: Timestamp(microseconds: Int64(day * 86_400e6)), id: "", source: "s",
      kind: "transaction", fields: ["terminal": .text(terminal)], primaryField: "terminal")
  }

  private func day(_ day: Double) -> Timestamp { event(day).time }

  private func column(
    _ feature: FeatureDefinition, _ events: [EventRecord], _ known: [Timestamp?],
    lateness: TimeSpan = .days(1)
  ) throws -> [Double] {
    try EngineRun(events, [feature], lateness: lateness, known: known).rows.map { $0[0] }
  }

  private func same(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }

  @Test("A rate counts events that are old enough to have a verdict, and the bad ones among them")
  func rate() throws {
    let events = [0, 1, 2, 8, 9.5, 20].map { event($0) }
    let known: [Timestamp?] = [day(3), nil, day(8.5), nil, nil, nil]
    let rates = try column(
      .labelRate(.field("terminal"), within: .days(7), knownAfter: .days(7)), events, known)
    // On day 8 two events are 7 days old, one of them bad; on day 9.5 three, two of them; on day 20 those of 8 and 9.5.
    #expect(same(rates, [.nan, .nan, .nan, 0.5, 2.0 / 3, 0]))
  }

  @Test(
    "A label that becomes known late counts from that instant on, and not a microsecond earlier")
  func knownAt() throws {
    let events = [event(0), event(9.999_999), event(10), event(10.5)]
    let feature = FeatureDefinition.labelRate(.primary, within: .days(30), knownAfter: .days(1))
    let rates = try column(feature, events, [day(10), nil, nil, nil])
    #expect(same(rates, [.nan, 0, 1, 1]))
    #expect(
      same(
        try column(.sinceLabel(.primary, knownAfter: .zero), events, [day(10), nil, nil, nil]),
        [.nan, .nan, 864_000, 907_200]))
  }

  @Test(
    "A label never reaches an event before it is known: it could as well not exist",
    arguments: 0..<6)
  func neverEarly(part: Int) throws {
    var compared = 0
    var changed = 0
    for round in 0..<40 {
      var streams = RandomStreams(seed: UInt64(40_000 + part * 100 + round))
      let features = streams.features()
      let events = streams.events(
        60, lateBy: .hours(2), pace: .minutes(30), values: .plain, entities: 2)
      let known = streams.verdicts(events)
      let with = try EngineRun(events, features, known: known).rows
      for row in events.indices {
        // What nobody can know at this event is taken away: nothing about the event may change.
        let now = events[row].time
        let without = known.map { time in time.flatMap { $0 <= now ? $0 : nil } }
        let rows = try EngineRun(Array(events[...row]), features, known: without).rows
        compared += 1
        #expect(identical([with[row]], [rows[row]]), "part \(part) round \(round) row \(row)")
      }
      if try !identical(with, EngineRun(events, features).rows) { changed += 1 }
    }
    #expect(compared == 2_400)
    #expect(changed > 30)
  }

  @Test("Bad events without end leave the memory when no window can reach them")
  func memory() throws {
    let features: [FeatureDefinition] = [
      .labelRate(.primary, within: .days(1), knownAfter: .days(1)),
      .sinceLabel(.primary, knownAfter: .days(1)),
    ]
    func bytes(_ count: Int) throws -> Int {
      let events = (0..<count).map { event(Double($0) / 24) }
      let known = events.map { Optional($0.time + .hours(3)) }
      let run = try EngineRun(events, features, known: known)
      #expect(run.rows[count - 1] == [1, 86_400])
      return run.statistics.stateBytes
    }
    #expect(try bytes(20_000) == bytes(2_000))
  }

  @Test("A delay that makes no sense is refused")
  func refusals() throws {
    func refusal(_ feature: FeatureDefinition) -> String? {
      do {
        _ = try FeaturePlan(
          features: [feature], schema: try RandomStreams.schema, interner: Interner())
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      refusal(.labelRate(.field("terminal"), within: .days(7), knownAfter: .seconds(-1)))
        == "the feature 'label rate per terminal within 7 days known after -1 seconds' has labels "
        + "known after -1 seconds (give 0 or more and at most 3660 days)")
    #expect(
      refusal(.labelRate(.primary, within: .zero, knownAfter: .zero))
        == "the feature 'label rate per primary entity within 0 seconds known after 0 seconds' has "
        + "a window of 0 seconds (give it a length above 0 and at most 3660 days)")
    #expect(refusal(.sinceLabel(.primary, knownAfter: .zero)) == nil)
  }

  @Test("It is said in words that an analyst reads")
  func words() {
    let rate = FeatureDefinition.labelRate(
      .field("terminal"), within: .days(7), knownAfter: .days(7))
    #expect(
      rate.words.sentence(0.25)
        == "a share of 0.25 of the events of the terminal in the last 7 days known bad (7 days and older)"
    )
    #expect(
      FeatureDefinition.sinceLabel(.primary, knownAfter: .zero).words.sentence(60)
        == "1 min after the last event of the entity known bad")
  }
}
