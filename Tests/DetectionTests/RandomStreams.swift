import Detection
import Primitives

/// Random events and features for the property tests; every draw comes from one seed.
struct RandomStreams {
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed, purpose: "windows") }

  static var schema: Schema {
    get throws {
      try Schema([
        ("user", .text), ("terminal", .text), ("outcome", .text), ("amount", .number),
        ("value", .number), ("foreign", .flag),
      ])
    }
  }

  /// How wild the numbers are.
  enum Values: CaseIterable { case plain, offset, huge, few }

  /// Events with ties, exact duplicates, late ones, missing fields and entities, in order of arrival.
  mutating func events(
    _ count: Int, lateBy: TimeSpan, pace: TimeSpan, values: Values, entities: Int = 3
  ) -> [EventRecord] {
    var now = Timestamp(seconds: 1_700_000_000)
    var events: [EventRecord] = []
    for number in 0..<count {
      if number > 0 && random.chance(0.05) {
        var copy = events[random.below(number)]
        copy.time = random.chance(0.5) ? now : copy.time
        events.append(copy)
        continue
      }
      if !random.chance(0.3) {
        now = now + TimeSpan(seconds: random.exponential(mean: pace.seconds))!
        if random.chance(0.5) { now = Timestamp(seconds: now.microseconds / 1_000_000) }
      }
      var time = now
      if random.chance(0.2) {
        time = now - TimeSpan(seconds: random.uniform(0, lateBy.seconds * 1.3))!
      }
      // Now and then a clock is wrong by a year.
      if number > 40 && random.chance(0.02) { time = now + .days(365) }
      events.append(event(number, at: time, values, entities))
    }
    return events
  }

  private mutating func event(_ number: Int, at time: Timestamp, _ values: Values, _ entities: Int)
    -> EventRecord
  {
    var fields: [String: Value] = [:]
    if !random.chance(0.03) { fields["user"] = .text("u\(random.below(entities))") }
    if !random.chance(0.1) { fields["terminal"] = .text("t\(random.below(2))") }
    if !random.chance(0.2) {
      fields["outcome"] = .text(["success", "failure", "denied"][random.below(3)])
    }
    if !random.chance(0.15) { fields["amount"] = .number(draw(values)) }
    if random.chance(0.3) { fields["value"] = .number(draw(values)) }
    if random.chance(0.7) { fields["foreign"] = .flag(random.chance(0.3)) }
    return EventRecord(
      time: time, id: "e\(number)", source: random.chance(0.7) ? "a" : "b",
      kind: ["login", "logoff", "transaction"][random.below(3)], fields: fields,
      primaryField: random.chance(0.9) ? "user" : "terminal",
      zoneOffsetSeconds: Int32([0, 0, 3600, -18_000, 20_700][random.below(5)]))
  }

  private mutating func draw(_ values: Values) -> Double {
    switch values {
    case .plain: (random.uniform(-50, 500) * 100).rounded() / 100
    case .offset: 1e9 + random.uniform(0, 1e-3)
    case .huge: random.normal() * [1e-12, 1, 1e9, 1e15][random.below(4)]
    case .few: Double(random.below(3))
    }
  }

  /// From when on each event is known to be bad; missing for most.
  mutating func verdicts(_ events: [EventRecord]) -> [Timestamp?] {
    events.map { event in
      if !random.chance(0.3) { return nil }
      let delay = [TimeSpan.zero, .hours(-1), .minutes(10), .days(1), span()][random.below(5)]
      return event.time + delay
    }
  }

  mutating func span() -> TimeSpan {
    [
      .seconds(1), .seconds(90), .minutes(5), .hours(1), .hours(6), .days(1), .days(3),
      TimeSpan(microseconds: 1),
    ][random.below(8)]
  }

  private mutating func scope() -> EntityScope {
    if random.chance(0.15) { return .pair("user", "terminal") }
    return random.chance(0.7) ? .primary : .field(random.chance(0.5) ? "user" : "terminal")
  }

  private mutating func filter() -> [Predicate] {
    let choices: [[Predicate]] = [
      [], [], [Predicate("kind", .equals(.text("login")))],
      [Predicate("outcome", .not(.equals(.text("success"))))],
      [Predicate("outcome", .matches("*e*")), Predicate("source", .equals(.text("a")))],
      [Predicate("amount", .between(0, 100))], [Predicate("foreign", .equals(.flag(true)))],
      [Predicate("value", .missing)],
      [Predicate("outcome", .any([.equals(.text("denied")), .missing]))],
      [Predicate("amount", .any([.above(200), .below(0)])), Predicate("terminal", .present)],
    ]
    return choices[random.below(choices.count)]
  }

  private mutating func measured() -> String? { [nil, nil, "amount", "value"][random.below(4)] }

  private mutating func word() -> String {
    ["kind", "source", "outcome", "terminal"][random.below(4)]
  }

  /// One feature of each case, with random arguments.
  mutating func features() -> [FeatureDefinition] {
    var features: [FeatureDefinition] = [
      .count(scope(), within: span(), where: filter()),
      .distinct(scope(), of: word(), within: span(), where: filter()),
      .zScore(scope(), of: measured(), within: span()),
      .ratioToMean(scope(), of: measured(), within: span()),
      .percentChange(scope(), of: measured(), within: span()),
      .difference(scope(), of: measured(), order: 1),
      .difference(scope(), of: measured(), order: 2),
      .ratioToLast(scope(), of: measured()),
      .sinceLast(scope(), where: filter()),
      .dailyCount(scope()),
      .dailySum(scope(), of: measured()),
      .rate(scope(), within: span()),
      .ewma(scope(), of: measured(), halfLife: span()),
      .hourRarity(scope()),
      .isNew(scope(), of: word()),
      .history(scope()),
      .labelRate(scope(), within: span(), knownAfter: random.chance(0.3) ? .zero : span()),
      .seasonal(scope(), of: measured(), within: random.chance(0.5) ? .days(28) : span()),
      .sinceLabel(scope(), knownAfter: random.chance(0.3) ? .zero : span()),
      .field(random.chance(0.5) ? "amount" : "foreign"),
      .equals(word(), random.chance(0.5) ? "login" : "failure"),
    ]
    for aggregate in FeatureDefinition.Aggregate.allCases {
      features.append(
        .aggregate(aggregate, scope(), of: measured(), within: span(), where: filter()))
    }
    for _ in 0..<3 {
      let a = features[random.below(features.count)]
      let b = features[random.below(features.count)]
      features += [.ratio(a, b), .minus(b, a)]
    }
    for calendar in FeatureDefinition.Calendar.allCases { features.append(.calendar(calendar)) }
    return features
  }
}

/// Runs events through an engine in batches of a size and gathers the table's rows.
struct EngineRun {
  var rows: [[Double]] = []
  var late: Set<Int> = []
  /// By row, what was usual before it in the columns that were asked for, the entity's own and its peers'.
  var usual: [[Usual?]] = []
  var statistics = WindowStatistics()

  init(
    _ events: [EventRecord], _ features: [FeatureDefinition], lateness: TimeSpan = .days(1),
    shards: Int = 1, batchSize: Int = 64, sampled wanted: [Int] = [], limits: WindowLimits? = nil,
    known: [Timestamp?] = []
  ) throws {
    let interner = Interner()
    let plan = try FeaturePlan(
      features: features, schema: RandomStreams.schema, interner: interner)
    try self.init(
      events, features, plan, interner, shards: shards, batchSize: batchSize, sampled: wanted,
      limits: limits ?? WindowLimits(allowedLateness: lateness), known: known)
  }

  init(
    _ events: [EventRecord], _ features: [FeatureDefinition], _ plan: FeaturePlan,
    _ interner: Interner, shards: Int = 1, batchSize: Int = 64, sampled wanted: [Int] = [],
    limits: WindowLimits, known: [Timestamp?] = []
  ) throws {
    let schema = try RandomStreams.schema
    let engine = FeatureEngine(plan: plan, shards: shards, sampled: wanted, limits: limits)
    let columns = features.map { plan.column(of: $0) }
    let batch = EventBatch(schema: schema, capacity: batchSize)
    let table = FeatureTable(columns: plan.columns, capacity: batchSize)
    let samples = wanted.isEmpty ? nil : engine.sampleTable(capacity: batchSize)
    let verdicts = VerdictColumn(capacity: batchSize)
    var next = 0
    while next < events.count {
      batch.removeAll()
      batch.firstArrival = UInt64(next)
      while !batch.isFull && next + batch.count < events.count {
        batch.append(events[next + batch.count], interner: interner)
      }
      for row in 0..<batch.count {
        let time = next + row < known.count ? known[next + row] : nil
        verdicts.set(row, knownAt: time)
      }
      // A pattern that no feature yields: a cell that nobody writes would keep it.
      for cell in 0..<(plan.columns * batchSize) { table.values[cell] = -1e77 }
      for shard in 0..<shards {
        engine.process(batch, into: table, shard: shard, samples: samples, verdicts: verdicts)
      }
      engine.finish(batch, into: table)
      for row in 0..<batch.count {
        rows.append(columns.map { table[row, $0] })
        if let samples {
          var usuals = engine.usuals(row: row, in: samples)
          usual.append(wanted.indices.flatMap { [usuals.own($0), usuals.peers($0)] })
        }
      }
      for row in engine.lateRows { late.insert(next + row) }
      next += batch.count
    }
    statistics = engine.statistics
  }
}

/// Equal to a relative tolerance, or both missing.
func close(_ a: Double, _ b: Double, _ tolerance: Double, scale: Double = 0) -> Bool {
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
  return abs(a - b) <= tolerance * max(abs(a), abs(b), scale)
}

func identical(_ a: [[Double]], _ b: [[Double]]) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { zip($0, $1).allSatisfy { $0.bitPattern == $1.bitPattern } }
}
