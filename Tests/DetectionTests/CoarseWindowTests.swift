import Detection
import Primitives
import Testing

@Suite("Windows of very many events")
struct CoarseWindowTests {
  private static let lateness = TimeSpan.minutes(30)
  private static let limits = WindowLimits(allowedLateness: lateness)
  private static let short = TimeSpan.hours(1)
  private static let long = TimeSpan.hours(8)

  /// About an event a second of one user, some at the same time, some late, in order of arrival.
  private func events(_ count: Int, seed: UInt64) -> [EventRecord] {
    var random = SeededRandom(seed: seed, purpose: "coarse")
    var now = Timestamp(seconds: 1_700_000_000)
    return (0..<count).map { number in
      if !random.chance(0.05) { now = now + TimeSpan(seconds: random.exponential(mean: 1))! }
      let late = random.chance(0.02) ? TimeSpan(seconds: random.uniform(0, 1500))! : .zero
      return EventRecord(
        time: now - late, id: "", source: "s", kind: "login",
        fields: [
          "user": .text("ana"), "amount": .number(random.uniform(1, 500)),
          "terminal": .text("t\(random.below(150))"), "outcome": .text("o\(random.below(3000))"),
        ], primaryField: "user")
    }
  }

  private struct Content {
    var amounts: [Double] = []
    var terminals: Set<String> = []
    var outcomes: Set<String> = []
  }

  /// The past of a row within a time, and of that time and 1/256 more.
  private func content(_ events: [EventRecord], _ row: Int, within span: TimeSpan) -> Content {
    var content = Content()
    let now = events[row].time
    for earlier in 0..<row
    where events[earlier].time <= now && events[earlier].time >= now - span {
      content.amounts.append(events[earlier].number("amount") ?? 0)
      content.terminals.insert(events[earlier].text("terminal") ?? "")
      content.outcomes.insert(events[earlier].text("outcome") ?? "")
    }
    return content
  }

  @Test(
    "A window of up to 4,096 events is exact beside one of many more, and that one is right to 1/256 of its length",
    arguments: 0..<3)
  func bounds(part: Int) throws {
    let features: [FeatureDefinition] =
      [CoarseWindowTests.short, CoarseWindowTests.long].flatMap { span -> [FeatureDefinition] in
        [
          .count(.primary, within: span), .aggregate(.sum, .primary, of: nil, within: span),
          .aggregate(.min, .primary, of: nil, within: span),
          .aggregate(.max, .primary, of: nil, within: span),
          .aggregate(.mean, .primary, of: nil, within: span),
          .aggregate(.std, .primary, of: nil, within: span),
          .distinct(.primary, of: "terminal", within: span),
          .distinct(.primary, of: "outcome", within: span),
        ]
      } + [.sinceLast(.primary), .difference(.primary, of: nil, order: 1)]
    let events = events(45_000, seed: UInt64(part))
    let rows = try EngineRun(
      events, features, batchSize: 4096, limits: CoarseWindowTests.limits
    ).rows
    var newest = Timestamp.distantPast
    var compared = 0
    for row in events.indices {
      let isLate = events[row].time < newest
      newest = max(newest, events[row].time)
      if row % 997 != 0 || isLate { continue }
      compared += 1
      let got = rows[row]
      let exact = content(events, row, within: CoarseWindowTests.short)
      let terminals = exact.terminals.union([events[row].text("terminal") ?? ""])
      let outcomes = exact.outcomes.union([events[row].text("outcome") ?? ""])
      #expect(got[0] == Double(exact.amounts.count + 1))
      #expect(close(got[1], exact.amounts.reduce(0, +), 1e-9) || exact.amounts.isEmpty)
      #expect(got[2] == exact.amounts.min() || exact.amounts.isEmpty)
      #expect(got[3] == exact.amounts.max() || exact.amounts.isEmpty)
      #expect(got[6] == Double(terminals.count))
      #expect(got[7] == Double(outcomes.count))
      let span = CoarseWindowTests.long
      let low = content(events, row, within: span)
      let more = TimeSpan(microseconds: span.microseconds / 256 + 1)
      let high = content(events, row, within: span + more)
      #expect(got[8] >= Double(low.amounts.count + 1) && got[8] <= Double(high.amounts.count + 1))
      if low.amounts.isEmpty { continue }
      let slack = 1e-9 * high.amounts.reduce(0, +)
      #expect(got[9] >= low.amounts.reduce(0, +) - slack)
      #expect(got[9] <= high.amounts.reduce(0, +) + slack)
      #expect(got[10] <= low.amounts.min()! && got[10] >= high.amounts.min()!)
      #expect(got[11] >= low.amounts.max()! && got[11] <= high.amounts.max()!)
      #expect(close(got[12], got[9] / (got[8] - 1), 1e-9))
      if low.amounts.count > 1000 { #expect(got[13] > 135 && got[13] < 153) }
      // The event's own text counts as well.
      #expect(got[14] >= Double(low.terminals.count))
      #expect(got[14] <= Double(high.terminals.count + 1))
      #expect(got[15] >= Double(low.outcomes.count) * 0.93)
      #expect(got[15] <= Double(high.outcomes.count + 1) * 1.07)
    }
    #expect(compared > 30)
  }

  @Test("The memory of one entity is bounded, however many events it has")
  func memory() throws {
    let features = FeatureSet.standard.features.map(\.definition)
    func bytes(_ count: Int) throws -> Int {
      try EngineRun(
        events(count, seed: 9), features, batchSize: 4096, limits: CoarseWindowTests.limits
      ).statistics.stateBytes
    }
    let small = try bytes(40_000)
    #expect(small < 3 << 20)
    #expect(try bytes(160_000) < 3 << 20)
  }

  @Test("Events ahead of the clock take bounded memory and change no answer of the others")
  func ahead() throws {
    let features: [FeatureDefinition] = [
      .count(.primary, within: CoarseWindowTests.long),
      .aggregate(.std, .primary, of: nil, within: CoarseWindowTests.long),
      .distinct(.primary, of: "terminal", within: CoarseWindowTests.long),
      .distinct(.primary, of: "outcome", within: CoarseWindowTests.long),
    ]
    let honest = events(12_000, seed: 6)
    var random = SeededRandom(seed: 6, purpose: "ahead")
    var mixed: [EventRecord] = []
    var places: [Int] = []
    for event in honest {
      places.append(mixed.count)
      mixed.append(event)
      if mixed.count < 8_500 || !random.chance(0.45) { continue }
      var wrong = event
      wrong.time = event.time + .days(2) + TimeSpan(seconds: random.uniform(0, 1e8))!
      wrong.fields["terminal"] = .text("wrong\(mixed.count)")
      mixed.append(wrong)
    }
    let limits = CoarseWindowTests.limits
    let wanted = try EngineRun(honest, features, batchSize: 4096, limits: limits)
    let got = try EngineRun(mixed, features, batchSize: 4096, limits: limits)
    let isSame = identical(places.map { got.rows[$0] }, wanted.rows)
    #expect(isSame)
    #expect(got.statistics.stateBytes < wanted.statistics.stateBytes + 1 << 18)
  }

  @Test("A late event from before all that is held one by one gets windows and no more")
  func late() throws {
    var events = events(20_000, seed: 4)
    let features: [FeatureDefinition] = [
      .count(.primary, within: CoarseWindowTests.long), .history(.primary), .sinceLast(.primary),
    ]
    let limits = WindowLimits(allowedLateness: .days(2))
    var old = events[5_000]
    old.time = events[5_000].time + .seconds(1)
    let place = events.count
    events.append(old)
    events.append(events[place - 1])
    let rows = try EngineRun(events, features, batchSize: 4096, limits: limits).rows
    #expect(rows[place][0] > 4_800 && rows[place][0] < 5_200)
    #expect(rows[place][1].isNaN && rows[place][2].isNaN)
    #expect(rows[place + 1][1] == 20_001)
  }

  @Test("Shards and batches make no difference to it")
  func shards() throws {
    let features: [FeatureDefinition] = [
      .count(.primary, within: CoarseWindowTests.long),
      .aggregate(.std, .primary, of: nil, within: CoarseWindowTests.long),
      .distinct(.primary, of: "outcome", within: CoarseWindowTests.long),
      .ewma(.primary, of: nil, halfLife: .hours(1)), .dailySum(.primary, of: nil),
    ]
    let events = events(30_000, seed: 5)
    let one = try EngineRun(
      events, features, batchSize: 4096, limits: CoarseWindowTests.limits)
    let other = try EngineRun(
      events, features, shards: 3, batchSize: 701, limits: CoarseWindowTests.limits)
    #expect(identical(one.rows, other.rows))
  }
}
