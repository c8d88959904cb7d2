import Detection
import Foundation
import Ingest
import Primitives

/// The events that `bench features` works on: a source's, held in memory, or a stream made from a seed batch by batch.
package struct BenchStream: Sendable {
  /// How a stream is made: so many entities, each with so many events a day, one of them with a share of all events.
  package struct Recipe: Sendable {
    package var events: Int
    package var entities: Int
    package var perDay: Double
    package var hotShare: Double

    package init(
      events: Int = 1_000_000, entities: Int = 5000, perDay: Double = 3, hotShare: Double = 0
    ) {
      self.events = events
      self.entities = entities
      self.perDay = perDay
      self.hotShare = hotShare
    }
  }

  let schema: Schema
  let interner: Interner
  private let batches: [EventBatch]
  private let recipe: Recipe?

  static func made(_ recipe: Recipe) throws(Failure) -> BenchStream {
    BenchStream(
      schema: try Schema([("card", .text), ("amount", .number)]), interner: Interner(),
      batches: [], recipe: recipe)
  }

  /// Reads everything at once, without the events' ids.
  static func read(
    _ inputs: [String], mapping: SourceMapping, settings: Settings
  ) throws(Failure) -> BenchStream {
    let input = try EventInput(inputs, mapping: mapping, settings: settings, strict: false)
    var batches: [EventBatch] = []
    let pump = input.pump()
    defer { pump.cancel() }
    while let batch = try pump.next() {
      batches.append(copy(of: batch.events))
      pump.recycle(batch)
    }
    try input.finish()
    return BenchStream(
      schema: input.schema, interner: input.interner, batches: batches, recipe: nil)
  }

  private static func copy(of batch: EventBatch) -> EventBatch {
    let copy = EventBatch(schema: batch.schema, capacity: batch.count)
    let noID = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    for row in 0..<batch.count {
      for slot in 0..<batch.schema.numberCount {
        copy.set(number: batch.number(row, slot), slot: slot)
      }
      for slot in 0..<batch.schema.textCount { copy.set(text: batch.text(row, slot), slot: slot) }
      copy.commit(
        time: batch.time(row), zoneOffsetSeconds: batch.zoneOffsets[row], kind: batch.kinds[row],
        source: batch.sources[row], primarySlot: batch.primarySlots[row], id: noID)
    }
    return copy
  }

  var events: Int { recipe?.events ?? batches.reduce(0) { $0 + $1.count } }

  var settings: [JSONValue.Member] {
    guard let recipe else { return [.init("events", .integer(Int64(events)))] }
    return [
      .init("events", .integer(Int64(recipe.events))),
      .init("entities", .integer(Int64(recipe.entities))),
      .init("events_a_day_and_entity", .number(recipe.perDay)),
      .init("hot_share", .number(recipe.hotShare)),
    ]
  }

  /// Hands over every batch in order; the same ones every time.
  func play(_ body: (EventBatch) -> Void) {
    guard let recipe else {
      for batch in batches { body(batch) }
      return
    }
    var random = SeededRandom(seed: 1, purpose: "bench stream")
    let names = (0..<recipe.entities).map { interner.intern("card-\($0)") }
    let kind = interner.intern("transaction")
    let source = interner.intern("bench")
    let gap = 86_400 / (recipe.perDay * Double(recipe.entities))
    let noID = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    let batch = EventBatch(schema: schema)
    var time = Timestamp(seconds: 1_700_000_000)
    for number in 0..<recipe.events {
      if batch.isFull {
        body(batch)
        batch.removeAll()
      }
      time =
        time + TimeSpan(microseconds: Int64(random.exponential(mean: gap) * 1e6))
      let isHot = recipe.hotShare > 0 && random.chance(recipe.hotShare)
      // Every entity comes once before any comes by chance, so that there are as many as were asked for.
      let entity =
        isHot ? 0 : number < recipe.entities ? number : random.below(recipe.entities)
      batch.set(text: names[entity], slot: 0)
      batch.set(number: random.uniform(1, 200), slot: 0)
      batch.commit(time: time, kind: kind, source: source, primarySlot: 0, id: noID)
    }
    body(batch)
  }
}
