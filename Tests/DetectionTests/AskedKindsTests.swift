import Primitives
import Testing

@testable import Detection

@Suite("Features that are asked for on events of some kinds")
struct AskedKindsTests {
  private static let kinds = ["login", "logoff", "transaction"]

  @Test(
    "Are there what they are everywhere, also when more is asked for later, and missing elsewhere",
    arguments: 0..<20)
  func asked(seed: Int) throws {
    var streams = RandomStreams(seed: UInt64(9000 + seed))
    let features = streams.features()
    let schema = try RandomStreams.schema
    let interner = Interner()
    let plan = try FeaturePlan(features: features, schema: schema, interner: interner)
    let shards = 1 + seed % 3
    let whole = FeatureEngine(plan: plan, shards: shards)
    let some = FeatureEngine(plan: plan, shards: shards)
    var wanted: [FeatureDefinition: Set<String>] = [:]
    for feature in features {
      wanted[feature] = Set(AskedKindsTests.kinds.filter { _ in streams.random.chance(0.4) })
    }
    let events = streams.events(
      300, lateBy: .minutes(10), pace: .minutes(5), values: .plain, entities: 3)
    let batch = EventBatch(schema: schema, capacity: 50)
    var asked = AskedKinds()
    var checked = 0
    var missing = 0
    for start in stride(from: 0, to: events.count, by: 50) {
      // From the middle on everything is asked for on logins, too.
      if start == 0 || start == 150 {
        asked = AskedKinds()
        for feature in features {
          if start > 0 { wanted[feature]?.insert("login") }
          guard let kinds = wanted[feature], !kinds.isEmpty else { continue }
          asked.ask(feature, on: kinds.sorted().map { interner.intern($0) })
        }
        some.ask(asked)
      }
      batch.removeAll()
      for event in events[start..<start + 50] { batch.append(event, interner: interner) }
      let full = table(whole, batch)
      let part = table(some, batch)
      for row in 0..<batch.count {
        let kind = events[start + row].kind
        for feature in features {
          let column = plan.column(of: feature)
          let (a, b) = (part[row, column], full[row, column])
          let isAsked = asked.kinds(of: feature)?.contains(interner.intern(kind)) ?? true
          if isAsked {
            #expect(a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN), "\(feature)")
            checked += 1
          } else if a.bitPattern != b.bitPattern {
            #expect(a.isNaN, "\(feature)")
            missing += 1
          }
        }
      }
    }
    #expect(checked > 1000)
    #expect(missing > 100)
  }

  private func table(_ engine: FeatureEngine, _ batch: EventBatch) -> FeatureTable {
    let table = FeatureTable(columns: engine.plan.columns, capacity: batch.count)
    // What a batch before left in a row must not be taken for an answer.
    for row in 0..<batch.count {
      table.row(row).update(repeating: -77.25, count: engine.plan.columns)
    }
    for shard in 0..<engine.shards { engine.process(batch, into: table, shard: shard) }
    engine.finish(batch, into: table)
    return table
  }

  @Test("More kinds than have a bit of their own are asked for together with all others")
  func manyKinds() {
    let interner = Interner()
    let kinds = (0..<40).map { interner.intern("kind \($0)") }
    let other = interner.intern("another")
    var bits = KindBits()
    let masks = kinds.map { bits.mask(of: [$0]) }
    for (kind, mask) in zip(kinds, masks) {
      #expect(bits.bit(of: kind) & mask != 0)
      #expect(kinds.prefix(31).count { bits.bit(of: $0) & mask != 0 } <= 1)
    }
    #expect(bits.bit(of: other) & masks[0] == 0)
    #expect(bits.bit(of: other) & masks[39] != 0)
    #expect(bits.bit(of: other) & bits.mask(of: nil) != 0)
  }
}
