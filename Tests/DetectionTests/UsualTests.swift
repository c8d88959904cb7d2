import Primitives
import Testing

@testable import Detection

@Suite("What is usual for an entity at an hour, and for its peers")
struct UsualTests {
  private static let features: [FeatureDefinition] = [
    .count(.primary, within: .hours(1)), .aggregate(.mean, .primary, of: nil, within: .days(1)),
    .field("amount"), .calendar(.hourOfDay), .count(.field("terminal"), within: .hours(6)),
  ]

  private struct Told: Equatable {
    var own: [Usual?]
    var peers: [Usual?]
  }

  /// What the engine says of each row, cut into shards and batches.
  private func run(
    _ events: [EventRecord], shards: Int = 1, batchSize: Int = 4096, limits: WindowLimits
  ) throws -> (told: [Told], rows: [[Double]]) {
    let interner = Interner()
    let schema = try RandomStreams.schema
    let plan = try FeaturePlan(
      features: UsualTests.features, schema: schema, interner: interner)
    let columns = UsualTests.features.map { plan.column(of: $0) }
    let engine = FeatureEngine(plan: plan, shards: shards, sampled: columns, limits: limits)
    var told: [Told] = []
    var rows: [[Double]] = []
    try feed(events, engine, plan, interner, batchSize: batchSize) { row, samples, table in
      var usuals = engine.usuals(row: row, in: samples)
      told.append(
        Told(
          own: columns.indices.map { usuals.own($0, byHour: $0 != 3) },
          peers: columns.indices.map { usuals.peers($0) }))
      rows.append(columns.map { table[row, $0] })
    }
    return (told, rows)
  }

  private func feed(
    _ events: [EventRecord], _ engine: FeatureEngine, _ plan: FeaturePlan, _ interner: Interner,
    batchSize: Int, each: (Int, SampleTable, FeatureTable) -> Void
  ) throws {
    let batch = EventBatch(schema: try RandomStreams.schema, capacity: batchSize)
    let table = FeatureTable(columns: plan.columns, capacity: batchSize)
    let samples = engine.sampleTable(capacity: batchSize)
    var next = 0
    while next < events.count {
      batch.removeAll()
      while !batch.isFull && next + batch.count < events.count {
        batch.append(events[next + batch.count], interner: interner)
      }
      for shard in 0..<engine.shards {
        engine.process(batch, into: table, shard: shard, samples: samples)
      }
      engine.finish(batch, into: table)
      for row in 0..<batch.count { each(row, samples, table) }
      next += batch.count
    }
  }

  /// The definition, word for word: all samples of an entity in a list, looked at from the event's own place.
  private struct Oracle {
    struct Sample {
      var hour: Int
      var values: [Double]
    }
    struct Entity {
      var samples: [Sample] = []
      var hour: Int64?
      var inHour = 0
      var step = 1
      var left = 1
      var taken = 0
      var events = 0
      var newest = Timestamp.distantPast
    }
    var entities: [String: Entity] = [:]
    /// An event that is far ahead of all others is answered, and not taken in.
    var clock = StreamClock()

    static func hours(_ event: EventRecord) -> Int64 {
      let local = event.time.microseconds + Int64(event.zoneOffsetSeconds) * 1_000_000
      return (Double(local) / 3.6e9).rounded(.down).exact
    }

    static func usual(_ samples: [Sample], _ lane: Int, hour: Int, byHour: Bool) -> Usual? {
      func values(_ holds: (Sample) -> Bool) -> [Double] {
        samples.filter(holds).map { $0.values[lane] }.filter { !$0.isNaN }.sorted()
      }
      func range(_ values: [Double], _ basis: Usual.Basis) -> Usual {
        func quantile(_ share: Double) -> Double {
          let place = share * Double(values.count - 1)
          let low = Int(place)
          let high = min(values.count - 1, low + 1)
          return values[low] + (place - Double(low)) * (values[high] - values[low])
        }
        return Usual(
          median: quantile(0.5), low: quantile(0.1), high: quantile(0.9), count: values.count,
          basis: basis)
      }
      let ofWeek = values { $0.hour == hour }
      if byHour && ofWeek.count >= 4 { return range(ofWeek, .hourOfWeek(hour)) }
      let ofDay = values { $0.hour % 24 == hour % 24 }
      if byHour && ofDay.count >= 6 { return range(ofDay, .hourOfDay(hour % 24)) }
      let all = values { _ in true }
      return all.count >= 8 ? range(all, .overall) : nil
    }

    /// What the entity knows before the event; then it takes the event in.
    mutating func take(_ name: String, _ event: EventRecord, _ values: [Double]) -> [Usual?] {
      var entity = entities[name] ?? Entity()
      defer { entities[name] = entity }
      guard event.time >= entity.newest else { return values.map { _ in nil } }
      let isBelieved = event.time.microseconds <= clock.watermark
      let hours = Oracle.hours(event)
      let hour = Int(((hours + 72) % 168 + 168) % 168)
      let known = Array(entity.samples.suffix(Oracle.limit(entity.samples.count)))
      let answer = values.indices.map {
        Oracle.usual(known, $0, hour: hour, byHour: values.count == 1 || $0 != 3)
      }
      guard isBelieved else { return answer }
      entity.newest = event.time
      if let last = entity.hour, last != hours {
        entity.step = max(1, entity.inHour)
        entity.left = min(entity.left, entity.step)
        (entity.inHour, entity.taken) = (0, 0)
      }
      entity.hour = hours
      entity.inHour += 1
      entity.left -= 1
      entity.events += 1
      let isDue = entity.left == 0
      if isDue { entity.left = entity.step }
      if entity.events <= 8 || (isDue && entity.taken < 2) {
        entity.taken += 1
        entity.samples.append(Sample(hour: hour, values: values))
      }
      return answer
    }

    /// Room for 8, doubled whenever it is full, up to 256.
    static func limit(_ count: Int) -> Int {
      var limit = 8
      while limit < 256 && count > limit { limit *= 2 }
      return limit
    }
  }

  private func same(_ a: Usual?, _ b: Usual?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a.basis == b.basis && a.count == b.count && close(a.median, b.median, 1e-6, scale: 100)
      && close(a.low, b.low, 1e-6, scale: 100) && close(a.high, b.high, 1e-6, scale: 100)
  }

  /// Weeks of a few busy and quiet users, in time and late.
  private func stream(_ seed: UInt64, pace: TimeSpan, entities: Int) -> [EventRecord] {
    var streams = RandomStreams(seed: seed)
    return streams.events(
      1_500, lateBy: .hours(2), pace: pace, values: .plain, entities: entities)
  }

  @Test("It equals the median and the tenths of a list of all samples, whatever the rhythm")
  func oracle() throws {
    var bases: Set<String> = []
    for (seed, pace, entities) in [
      (1, .minutes(20), 2), (2, .minutes(2), 3), (3, .hours(1), 1), (4, .minutes(40), 5),
    ] as [(UInt64, TimeSpan, Int)] {
      let events = stream(seed, pace: pace, entities: entities)
      let (told, rows) = try run(
        events, limits: WindowLimits(allowedLateness: .hours(3), timeToLive: .days(900)))
      var oracle = Oracle()
      var terminals = Oracle()
      for (place, event) in events.enumerated() {
        let primary = event.primaryEntity.map { "\($0.field)=\($0.value)" }
        oracle.clock.see(event.time.microseconds)
        terminals.clock = oracle.clock
        if let primary {
          let wanted = oracle.take(primary, event, Array(rows[place][..<4]))
          for lane in 0..<4 {
            if let basis = wanted[lane]?.basis { bases.insert("\(basis)".prefix(8).description) }
            guard same(told[place].own[lane], wanted[lane]) else {
              Issue.record(
                "seed \(seed), event \(place), lane \(lane): \(told[place].own[lane].debugDescription) is not \(wanted[lane].debugDescription)"
              )
              return
            }
          }
        }
        if let terminal = event.text("terminal") {
          let wanted = terminals.take(terminal, event, [rows[place][4]])
          #expect(same(told[place].own[4], wanted[0]), "seed \(seed), event \(place)")
        }
      }
    }
    #expect(bases == ["hourOfWe", "hourOfDa", "overall"])
  }

  @Test("Hours are usual over midnight, and what is near is near the short way round")
  func overMidnight() {
    var hours: [Float] = [22, 23, 23, 0, 0, 1, 2, 3]
    let usual = Usual(&hours, period: 24, basis: .overall)
    #expect(usual.low > usual.high && usual.low >= 22 && usual.high <= 3)
    for hour in [23.0, 0, 1] { #expect(usual.contains(hour), "\(hour)") }
    for hour in [5.0, 12, 20] { #expect(!usual.contains(hour), "\(hour)") }
    #expect(usual.distance(23) <= 2 && usual.distance(12) >= 10 && usual.spread < 4)
    var office: [Float] = [8, 9, 9, 10, 11, 14, 15, 17]
    let day = Usual(&office, period: 24, basis: .overall)
    #expect(day.low < day.high && !day.contains(3) && day.contains(12))
  }

  @Test("Any number of shards and any cut into batches give the same answers", arguments: 0..<3)
  func sameForAny(part: Int) throws {
    let events = stream(UInt64(20 + part), pace: .minutes(3), entities: [3, 40, 700][part])
    let limits = WindowLimits(
      allowedLateness: .hours(3), timeToLive: .days(2), entities: part == 2 ? 64 * 4 : 1_000_000,
      profileBytes: part == 1 ? 64 * 1500 : 64 << 20)
    let first = try run(events, limits: limits).told
    #expect(first.contains { $0.own[0] != nil } || part == 2)
    #expect(first.contains { $0.peers[0] != nil } || part == 0)
    for shards in [1, 3] {
      for batchSize in [1, 97] {
        let other = try run(events, shards: shards, batchSize: batchSize, limits: limits).told
        #expect(first == other, "\(shards) shards, batches of \(batchSize)")
      }
    }
  }

  @Test("Later events change no earlier answer")
  func noLookAhead() throws {
    let events = stream(30, pace: .minutes(10), entities: 30)
    let limits = WindowLimits(allowedLateness: .hours(3))
    let whole = try run(events, limits: limits).told
    for cut in [10, 500, 1_200] {
      #expect(try run(Array(events[..<cut]), limits: limits).told == Array(whole[..<cut]))
    }
  }

  @Test("An entity is no peer of its own, and fewer than three others are none")
  func peers() throws {
    func event(_ user: String, _ hour: Int, _ amount: Double) -> EventRecord {
      EventRecord(
        time: Timestamp(seconds: 1_772_442_000 + Int64(hour) * 3600), id: "", source: "a",
        kind: "login", fields: ["user": .text(user), "amount": .number(amount)],
        primaryField: "user")
    }
    let limits = WindowLimits()
    let two = (0..<10).flatMap { [event("a", $0, 1), event("b", $0, 2), event("x", $0, 99)] }
    #expect(try run(two, limits: limits).told.last?.peers[2] == nil)
    let three = (0..<10).flatMap {
      [event("a", $0, 1), event("b", $0, 2), event("c", $0, 3), event("x", $0, 99)]
    }
    let last = try #require(try run(three, limits: limits).told.last?.peers[2])
    #expect(last.median == 2 && last.low == 1 && last.high == 3)
    // A terminal is no peer of a user, though both are the first entity of their events.
    let mixed = three.map { event in
      var event = event
      if event.text("user") == "x" {
        event.fields = ["terminal": .text("x"), "amount": .number(99)]
        event.primaryField = "terminal"
      }
      return event
    }
    #expect(try run(mixed, limits: limits).told.last?.peers[2] == nil)
  }

  @Test("Memory stays within the share, and those who came too late have no samples")
  func bounded() throws {
    let events = stream(40, pace: .minutes(1), entities: 700)
    let interner = Interner()
    let plan = try FeaturePlan(
      features: UsualTests.features, schema: try RandomStreams.schema, interner: interner)
    func bytes(_ share: Int) throws -> Int {
      let engine = FeatureEngine(
        plan: plan, shards: 2, sampled: [0], limits: WindowLimits(profileBytes: share))
      try feed(events, engine, plan, interner, batchSize: 512) { _, _, _ in }
      return engine.statistics.stateBytes
    }
    let without = try bytes(0)
    let with = try bytes(64 * 1024)
    #expect(with > without)
    // Room for 8 samples is 12 in memory, and there are two scopes at most.
    #expect(with - without < 2 * 2 * 64 * 1024)
  }
}

extension Double {
  fileprivate var exact: Int64 { Int64(self) }
}
