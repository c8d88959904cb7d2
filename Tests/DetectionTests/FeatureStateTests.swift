import Detection
import Primitives
import Testing

@Suite("Window state as bytes")
struct FeatureStateTests {
  private static let limits = WindowLimits(
    allowedLateness: .hours(3), timeToLive: .days(4), entities: 64 * 6)

  /// An engine with what feeds it; the texts that it met before are others in every one.
  private struct Machine {
    let interner = Interner()
    let engine: FeatureEngine
    let columns: [Int]
    let plan: FeaturePlan
    let schema: Schema

    init(
      _ features: [FeatureDefinition], shards: Int, met: Int = 0,
      limits: WindowLimits = FeatureStateTests.limits, schema: Schema? = nil
    ) throws {
      self.schema = try schema ?? RandomStreams.schema
      for number in 0..<met { _ = interner.intern("u\((number * 7) % 50)") }
      plan = try FeaturePlan(
        features: features, schema: self.schema, interner: interner)
      engine = FeatureEngine(plan: plan, shards: shards, sampled: [0, 3, 16], limits: limits)
      columns = features.map { [plan] in plan.column(of: $0) }
    }

    func run(_ events: ArraySlice<EventRecord>, _ known: ArraySlice<Timestamp?>) throws
      -> (rows: [[Double]], usual: [Usual?], late: [Int])
    {
      let batch = EventBatch(schema: schema, capacity: max(1, events.count))
      let table = FeatureTable(columns: plan.columns, capacity: max(1, events.count))
      let samples = engine.sampleTable(capacity: max(1, events.count))
      let verdicts = VerdictColumn(capacity: max(1, events.count))
      for (row, (event, time)) in zip(events, known).enumerated() {
        batch.append(event, interner: interner)
        verdicts.set(row, knownAt: time)
      }
      for shard in 0..<engine.shards {
        engine.process(batch, into: table, shard: shard, samples: samples, verdicts: verdicts)
      }
      engine.finish(batch, into: table)
      return (
        (0..<batch.count).map { row in columns.map { table[row, $0] } },
        (0..<batch.count).flatMap { row in
          var usuals = engine.usuals(row: row, in: samples)
          return (0..<3).flatMap { [usuals.own($0), usuals.peers($0)] }
        }, engine.lateRows
      )
    }
  }

  @Test("Encode, decode and go on gives the same rows bit for bit", arguments: 0..<8)
  func goesOn(part: Int) throws {
    for round in 0..<10 {
      var streams = RandomStreams(seed: UInt64(60_000 + part * 100 + round))
      let features = streams.features()
      let events = streams.events(
        700, lateBy: .hours(3), pace: [.minutes(1), .minutes(20)][round % 2],
        values: RandomStreams.Values.allCases[round % 4], entities: [2, 40, 600][round % 3])
      let known = streams.verdicts(events)
      let cut = streams.random.below(events.count)
      let whole = try Machine(features, shards: 1)
      _ = try whole.run(events[..<cut], known[..<cut])
      let first = try Machine(features, shards: 1 + streams.random.below(3), met: 20)
      _ = try first.run(events[..<cut], known[..<cut])
      let second = try Machine(features, shards: 1 + streams.random.below(3), met: 45)
      try second.engine.restore(first.engine.encodedState())
      let before = (first.engine.statistics, second.engine.statistics)
      #expect(before.0.entities == before.1.entities)
      #expect(before.0.evicted == before.1.evicted && before.0.expired == before.1.expired)
      #expect(before.0.tooLate == before.1.tooLate)
      let wanted = try whole.run(events[cut...], known[cut...])
      let got = try second.run(events[cut...], known[cut...])
      #expect(identical(wanted.rows, got.rows), "part \(part) round \(round)")
      #expect(wanted.usual == got.usual)
      #expect(wanted.late == got.late)
      #expect(whole.engine.statistics.evicted == second.engine.statistics.evicted)
      #expect(whole.engine.statistics.expired == second.engine.statistics.expired)
      #expect(whole.engine.statistics.tooLate == second.engine.statistics.tooLate)
    }
  }

  @Test("A state goes on where the fields of the events stand in another order", arguments: 0..<4)
  func otherOrder(round: Int) throws {
    var streams = RandomStreams(seed: UInt64(90_000 + round))
    let features =
      streams.features() + [
        .count(.field("terminal"), within: .days(1)), .count(.primary, within: .days(1)),
      ]
    let events = streams.events(
      700, lateBy: .hours(3), pace: .minutes(5), values: .plain, entities: 40)
    let known = streams.verdicts(events)
    let first = try Machine(features, shards: 1)
    _ = try first.run(events[..<400], known[..<400])
    var fields = try RandomStreams.schema.fields.map { ($0.name, $0.type) }
    fields = round == 0 ? fields.reversed() : Array(fields[round...] + fields[..<round])
    let second = try Machine(features, shards: 2, met: 20, schema: try Schema(fields))
    try second.engine.restore(first.engine.encodedState())
    let wanted = try first.run(events[400...], known[400...])
    let got = try second.run(events[400...], known[400...])
    #expect(identical(wanted.rows, got.rows))
    #expect(wanted.late == got.late)
  }

  @Test("An entity with very many events goes on as it was too")
  func goesOnHot() throws {
    for seed in 0..<2 as Range<UInt64> {
      var streams = RandomStreams(seed: 80_000 + seed)
      let limits = WindowLimits(allowedLateness: .minutes(30))
      let features: [FeatureDefinition] =
        streams.features() + [
          .distinct(.primary, of: "outcome", within: .days(3)),
          .aggregate(.std, .primary, of: nil, within: .days(3)),
          .distinct(.primary, of: "terminal", within: .days(2)),
        ]
      let events = streams.events(
        24_000, lateBy: .minutes(30), pace: .seconds(4), values: .plain, entities: 1
      ).map { event in
        var event = event
        event.fields["terminal"] = .text("t\(abs(event.time.microseconds / 1000 % 700))")
        return event
      }
      let known = streams.verdicts(events)
      let whole = try Machine(features, shards: 1, limits: limits)
      _ = try whole.run(events[..<17_000], known[..<17_000])
      let second = try Machine(features, shards: 2, met: 30, limits: limits)
      try second.engine.restore(whole.engine.encodedState())
      let wanted = try whole.run(events[17_000...], known[17_000...])
      let got = try second.run(events[17_000...], known[17_000...])
      #expect(identical(wanted.rows, got.rows), "seed \(seed)")
    }
  }

  @Test("A state that is read and written again is the same bytes")
  func sameBytes() throws {
    var streams = RandomStreams(seed: 9)
    let features = streams.features()
    let events = streams.events(
      500, lateBy: .hours(3), pace: .minutes(5), values: .plain, entities: 30)
    let first = try Machine(features, shards: 1)
    _ = try first.run(events[...], streams.verdicts(events)[...])
    let bytes = first.engine.encodedState()
    let second = try Machine(features, shards: 1, met: 50)
    try second.engine.restore(bytes)
    #expect(second.engine.encodedState() == bytes)
  }

  private func refusal(_ bytes: [UInt8], _ machine: Machine) -> String {
    do {
      try machine.engine.restore(bytes)
      return "taken"
    } catch { return "\(error)" }
  }

  @Test("A damaged state is refused, whatever the damage")
  func damage() throws {
    var streams = RandomStreams(seed: 11)
    let features = streams.features()
    let events = streams.events(
      200, lateBy: .hours(3), pace: .minutes(5), values: .plain, entities: 10)
    let first = try Machine(features, shards: 2)
    _ = try first.run(events[...], streams.verdicts(events)[...])
    let bytes = first.engine.encodedState()
    for _ in 0..<400 {
      var damaged = bytes
      switch streams.random.below(3) {
      case 0: damaged[streams.random.below(bytes.count)] ^= UInt8(1 << streams.random.below(8))
      case 1: damaged.removeLast(1 + streams.random.below(bytes.count))
      default: damaged.append(UInt8(streams.random.below(256)))
      }
      let said = refusal(damaged, try Machine(features, shards: 2))
      #expect(said.hasPrefix("the window state cannot be used: "), "\(said)")
    }
    let machine = try Machine(features, shards: 2)
    #expect(
      refusal([], machine)
        == "the window state cannot be used: it does not begin as a window state does "
        + "(start from an earlier one, or without)")
    var later = bytes
    later[7] = 9
    #expect(
      refusal(later, machine)
        == "the window state cannot be used: it is of version 9, and this program reads 4 "
        + "(start from an earlier one, or without)")
    later = bytes
    later[later.count - 40] ^= 4
    #expect(
      refusal(later, machine)
        == "the window state cannot be used: its checksum does not match "
        + "(start from an earlier one, or without)")
    let others = try Machine(features.reversed(), shards: 2)
    #expect(
      refusal(bytes, others)
        == "the window state cannot be used: it was written for other features or another "
        + "allowed lateness (start from an earlier one, or without)")
    #expect(refusal(bytes, try Machine(features, shards: 3)) == "taken")
  }

  @Test("An event takes about as many bytes in a state as it brings numbers")
  func compact() throws {
    let features = FeatureSet.standard.features.map(\.definition)
    let events = (0..<2_000).map { number in
      EventRecord(
        time: Timestamp(seconds: Int64(number * 60)), id: "", source: "s", kind: "login",
        fields: ["user": .text("u\(number % 20)"), "amount": .number(Double(number))],
        primaryField: "user")
    }
    let machine = try Machine(features, shards: 1, limits: WindowLimits())
    _ = try machine.run(events[...], events.map { _ in nil }[...])
    // And about as many again as there are samples of what is usual: one an hour of an entity, of three numbers.
    #expect(machine.engine.encodedState().count < 2_000 * 24 + 20 * 34 * 16)
  }
}
