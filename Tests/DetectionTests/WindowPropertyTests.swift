import Detection
import Primitives
import Testing

@Suite("Windows against their definition")
struct WindowPropertyTests {
  @Test(
    "Every feature equals its naive definition on random streams",
    arguments: 0..<20)
  func equalsDefinition(part: Int) throws {
    var cases = 0
    for round in 0..<12 {
      var streams = RandomStreams(seed: UInt64(part * 1000 + round))
      let features = streams.features()
      let lateness = [TimeSpan.zero, .minutes(10), .days(1)][streams.random.below(3)]
      let values = RandomStreams.Values.allCases[round % 4]
      let events = streams.events(
        40 + streams.random.below(80), lateBy: lateness,
        pace: [.seconds(20), .minutes(30)][round % 2],
        values: values)
      let known = streams.verdicts(events)
      let naive = NaiveFeatures(events, lateness: lateness, known: known)
      let run = try EngineRun(events, features, lateness: lateness, known: known)
      #expect(run.late == naive.lateRows(features.compactMap(\.scope)))
      for row in events.indices {
        cases += 1
        let expected = naive.row(row, features)
        for (position, feature) in features.enumerated() {
          let (a, b) = (
            run.rows[row][position],
            made(of: feature, features, run.rows[row]) ?? expected[position]
          )
          // Sums of huge numbers of both signs are right to the rounding of the largest, not of what is left.
          let scale =
            values == .huge ? scaleOf(feature) : offsetScale(feature)
          if !close(a, b, tolerance(feature, values), scale: scale) {
            Issue.record("part \(part) round \(round) row \(row) \(feature): \(a), not \(b)")
            return
          }
        }
      }
    }
    #expect(cases >= 640)
  }

  /// A ratio or a difference of what the engine itself says of the parts, which are compared by themselves: what is left
  /// of two nearly equal numbers has no digits to compare.
  private func made(
    of feature: FeatureDefinition, _ features: [FeatureDefinition], _ row: [Double]
  ) -> Double? {
    func part(_ part: FeatureDefinition) -> Double? {
      features.firstIndex(of: part).map { row[$0] }
    }
    let value: Double
    switch feature {
    case .ratio(let a, let b):
      guard let a = part(a), let b = part(b) else { return nil }
      value = a / b
    case .minus(let a, let b):
      guard let a = part(a), let b = part(b) else { return nil }
      value = a - b
    default: return nil
    }
    return value.isFinite ? value : .nan
  }

  private func scaleOf(_ feature: FeatureDefinition) -> Double {
    switch feature {
    case .aggregate(.sum, _, _, _, _), .aggregate(.mean, _, _, _, _), .dailySum, .ewma: 1e16
    case .ratioToMean, .zScore, .calendar: 1
    default: 0
    }
  }

  private func offsetScale(_ feature: FeatureDefinition) -> Double {
    switch feature {
    case .zScore, .calendar: 1
    default: 0
    }
  }

  private func tolerance(_ feature: FeatureDefinition, _ values: RandomStreams.Values) -> Double {
    switch feature {
    // The naive angle has lost the digits of 300,000 turns.
    case .calendar: 1e-6
    case .aggregate(.std, _, _, _, _) where values == .offset: 1e-6
    case .zScore where values == .offset: 1e-6
    case .ratioToMean where values == .huge: 1e-3
    default: 1e-9
    }
  }

  @Test(
    "Adding a later event, or one of the same time that arrives later, changes no earlier row",
    arguments: 0..<8)
  func laterEventsChangeNothing(part: Int) throws {
    var rowsCompared = 0
    let interner = Interner()
    // So much lateness is allowed that an added event makes none too late.
    let limits = WindowLimits(allowedLateness: .days(30))
    for round in 0..<125 {
      var streams = RandomStreams(seed: UInt64(90_000 + part * 1000 + round))
      let features = streams.features()
      let plan = try FeaturePlan(
        features: features, schema: RandomStreams.schema, interner: interner)
      let events = streams.events(
        24, lateBy: .hours(2), pace: [.seconds(20), .minutes(30)][round % 2],
        values: RandomStreams.Values.allCases[round % 4], entities: 2)
      let known = streams.verdicts(events)
      let before = try EngineRun(events, features, plan, interner, limits: limits, known: known)
        .rows
      for _ in 0..<10 {
        let victim = streams.random.below(events.count)
        var added = events[streams.random.below(events.count)]
        let place: Int
        if streams.random.chance(0.5) {
          added.time = events[victim].time
          place = victim + 1 + streams.random.below(events.count - victim)
        } else {
          added.time = events[victim].time + streams.span()
          place = streams.random.below(events.count + 1)
        }
        var changed = events
        changed.insert(added, at: place)
        var verdicts = known
        verdicts.insert(streams.random.chance(0.5) ? added.time : nil, at: place)
        var after = try EngineRun(
          changed, features, plan, interner, limits: limits, known: verdicts
        ).rows
        after.remove(at: place)
        for row in events.indices {
          let isBefore =
            events[row].time < added.time || (events[row].time == added.time && row < place)
          if !isBefore { continue }
          rowsCompared += 1
          if !identical([before[row]], [after[row]]) {
            Issue.record("part \(part) round \(round): the event at \(place) changed row \(row)")
            return
          }
        }
      }
    }
    #expect(rowsCompared >= 1_250)
  }

  @Test("Any number of shards and any cut into batches give the same bits", arguments: 0..<6)
  func sameForAnyShards(part: Int) throws {
    var streams = RandomStreams(seed: UInt64(7_000 + part))
    let features = streams.features()
    let values = RandomStreams.Values.allCases[part % 4]
    let events = streams.events(
      1_500, lateBy: .hours(3), pace: .minutes(1), values: values, entities: 20)
    let limits = WindowLimits(
      allowedLateness: .hours(3), timeToLive: .days(4), entities: part < 3 ? 1_000_000 : 128)
    let known = streams.verdicts(events)
    let wanted = [0, 3, 16]
    let first = try EngineRun(
      events, features, batchSize: 4096, sampled: wanted, limits: limits, known: known)
    #expect(!first.late.isEmpty)
    for shards in 1...4 {
      for batchSize in [1, 7, 64, 4096] {
        let other = try EngineRun(
          events, features, shards: shards, batchSize: batchSize, sampled: wanted, limits: limits,
          known: known)
        #expect(identical(first.rows, other.rows), "\(shards) shards, batches of \(batchSize)")
        #expect(first.late == other.late)
        #expect(first.usual == other.usual)
        #expect(first.statistics.evicted == other.statistics.evicted)
        #expect(first.statistics.expired == other.statistics.expired)
        #expect(first.statistics.entities == other.statistics.entities)
      }
    }
  }

  @Test("Windows of thousands of events equal their definition, also with late events")
  func longWindows() throws {
    for seed in 0..<3 as Range<UInt64> {
      var streams = RandomStreams(seed: 500 + seed)
      let features: [FeatureDefinition] = [
        .count(.primary, within: .days(7)),
        .aggregate(.sum, .primary, of: nil, within: .days(7)),
        .aggregate(.mean, .primary, of: nil, within: .hours(2)),
        .aggregate(.std, .primary, of: nil, within: .days(7)),
        .aggregate(.min, .primary, of: nil, within: .hours(1)),
        .aggregate(.max, .primary, of: nil, within: .days(2)),
        .zScore(.primary, of: nil, within: .hours(2)),
        .distinct(.primary, of: "terminal", within: .hours(1)),
        .ewma(.primary, of: nil, halfLife: .hours(1)),
        .hourRarity(.primary), .history(.primary), .dailySum(.primary, of: nil),
      ]
      let events = streams.events(
        3_000, lateBy: .minutes(30), pace: .seconds(10), values: seed == 1 ? .offset : .plain,
        entities: 1
      ).map { event in
        var event = event
        event.fields["user"] = .text("hot")
        event.primaryField = "user"
        return event
      }
      let run = try EngineRun(events, features, lateness: .minutes(30))
      let kept = events.indices.filter { !run.late.contains($0) }
      // The naive side is quadratic: it gets the events that were not too late, and only some rows are compared.
      let survivors = kept.map { events[$0] }
      let naive = NaiveFeatures(survivors, lateness: .days(300))
      for position in stride(from: 50, to: survivors.count, by: 211) {
        let expected = naive.row(position, features)
        for (column, feature) in features.enumerated() {
          let (a, b) = (run.rows[kept[position]][column], expected[column])
          #expect(
            close(a, b, seed == 1 ? 1e-6 : 1e-9, scale: offsetScale(feature)),
            "seed \(seed) row \(position) \(feature): \(a), not \(b)")
        }
      }
    }
  }
}
