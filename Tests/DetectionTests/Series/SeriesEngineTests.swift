import Primitives
import Testing

@testable import Detection

@Suite("Series of a stream")
struct SeriesEngineTests {
  private let schema: Schema
  private var interner = Interner()

  init() throws { schema = try Schema([("series", .text), ("value", .number)]) }

  private func batch(
    _ rows: [(series: String, value: Double)], kind: String = "metric", first: UInt64 = 0
  )
    -> EventBatch
  {
    let batch = EventBatch(schema: schema)
    batch.firstArrival = first
    for (place, row) in rows.enumerated() {
      batch.set(text: interner.intern(row.series), slot: 0)
      batch.set(number: row.value, slot: 0)
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { id in
        batch.commit(
          time: Timestamp(seconds: (Int64(first) + Int64(place)) * 60), kind: interner.intern(kind),
          source: interner.intern("s"), primarySlot: 0, id: UnsafeBufferPointer(rebasing: id[..<0]))
      }
    }
    return batch
  }

  private func scores(_ engine: SeriesEngine, _ batches: [EventBatch], late: [Int] = [])
    -> [Double?]
  {
    var all: [Double?] = []
    for batch in batches {
      var verdicts = [SeriesDetector.Verdict?](repeating: nil, count: batch.count)
      verdicts.withUnsafeMutableBufferPointer { place in
        for shard in 0..<engine.shards {
          engine.process(batch, late: late, shard: shard, into: place.baseAddress!)
        }
      }
      all += verdicts.map { $0?.score }
    }
    return all
  }

  private func stream(_ count: Int, series: Int, seed: UInt64) -> [(series: String, value: Double)]
  {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in
      ("s\(random.below(series))", random.exponential(mean: random.chance(0.01) ? 50 : 1))
    }
  }

  private func engine(shards: Int, most: Int = 12_800) -> SeriesEngine {
    SeriesEngine(
      slot: 0, kind: interner.intern("metric"), schema: schema, interner: interner, shards: shards,
      mostSeries: most)
  }

  @Test("Verdicts are the same for any number of shards and any cut into batches")
  func shards() {
    let rows = stream(4_000, series: 9, seed: 1)
    let whole = scores(engine(shards: 1), [batch(rows)])
    #expect(whole.contains { ($0 ?? 0) > 0.3 })
    for count in [2, 3, 64] { #expect(scores(engine(shards: count), [batch(rows)]) == whole) }
    let cut = [batch(Array(rows[..<700])), batch(Array(rows[700...]), first: 700)]
    #expect(scores(engine(shards: 2), cut) == whole)
  }

  @Test("Each series is judged as if it were alone")
  func alone() {
    let rows = stream(3_000, series: 4, seed: 2)
    let all = scores(engine(shards: 2), [batch(rows)])
    for name in ["s0", "s3"] {
      var detector = SeriesDetector()
      for (place, row) in rows.enumerated() where row.series == name {
        #expect(all[place] == detector.observe(row.value, at: Int64(place) * 60)?.score)
      }
    }
  }

  @Test("Late rows, missing values and events of another kind have no verdict")
  func passedOver() {
    let rows: [(series: String, value: Double)] = [("a", 1), ("a", 2), ("a", .nan), ("a", 3)]
    #expect(
      scores(engine(shards: 1), [batch(rows)], late: [1]).map { $0 == nil } == [
        false, true, true, false,
      ])
    #expect(scores(engine(shards: 1), [batch(rows, kind: "login")]).allSatisfy { $0 == nil })
  }

  @Test("Beyond the most series the one silent longest starts anew")
  func eviction() {
    // One a partition: names that meet in a partition push each other out.
    let rows = stream(4_000, series: 300, seed: 3)
    let small = scores(engine(shards: 1, most: 1), [batch(rows)])
    #expect(small.allSatisfy { $0 == 0 })
    #expect(scores(engine(shards: 3, most: 1), [batch(rows)]) == small)
  }

  @Test("A state read back in another run, where texts have other numbers, goes on as before")
  func state() throws {
    let rows = stream(4_000, series: 9, seed: 4)
    for most in [12_800, 1] {
      let whole = scores(engine(shards: 1, most: most), [batch(rows)])
      #expect(whole.contains { ($0 ?? 0) > 0.1 } || most == 1)
      for cut in [1, 700, 3_900] {
        var resumed = self
        let first = resumed.engine(shards: 2, most: most)
        _ = resumed.scores(first, [resumed.batch(Array(rows[..<cut]))])
        let sections = (0..<2).map { first.encodedSection(shard: $0) }
        resumed.interner = Interner()
        for number in 0..<100 { _ = resumed.interner.intern("other \(number)") }
        let second = resumed.engine(shards: 3, most: most)
        for section in sections { try second.restore(section: section) }
        let rest = resumed.batch(Array(rows[cut...]), first: UInt64(cut))
        #expect(resumed.scores(second, [rest]) == Array(whole[cut...]))
      }
    }
  }

  @Test("A damaged state is refused, whatever the damage, and never ends the process")
  func damage() throws {
    let first = engine(shards: 1)
    _ = scores(first, [batch(stream(800, series: 3, seed: 5))])
    let whole = first.encodedSection(shard: 0)
    var random = SeededRandom(seed: 6)
    for _ in 0..<300 {
      var bytes = Array(whole.prefix(random.below(whole.count)))
      #expect(throws: StateDamage.self) { try engine(shards: 1).restore(section: bytes) }
      bytes = whole
      bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8))
      let other = engine(shards: 1)
      do throws(StateDamage) {
        try other.restore(section: bytes)
        _ = scores(other, [batch(stream(50, series: 3, seed: 7))])
      } catch { #expect(!error.what.isEmpty) }
    }
  }
}
