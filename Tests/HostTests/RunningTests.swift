import Detection
import Foundation
import Primitives
import Synchronization
import Testing

@testable import Host

@Suite("Reading ahead", .timeLimit(.minutes(20)))
struct BatchPumpTests {
  private let schema: Schema
  private let interner = Interner()

  init() throws { schema = try Schema([("user", .text)]) }

  /// Gives `batches` batches of one event each, then what `end` says.
  private func pump(
    _ batches: Int, end: Failure? = nil, made: Counter = Counter()
  ) -> BatchPump {
    let interner = interner
    return BatchPump(schema: schema) { (batch) throws(Failure) in
      let number = made.next()
      if number >= batches {
        if let end { throw end }
        return nil
      }
      batch.append(login("e\(number)", at: Int64(number)), interner: interner)
      return []
    }
  }

  @Test("Batches come in order, and then the end, again and again")
  func order() throws {
    let pump = pump(200)
    var ids: [String] = []
    while let batch = try pump.next() {
      ids.append(batch.events.id(0))
      pump.recycle(batch)
    }
    #expect(ids == (0..<200).map { "e\($0)" })
    #expect(try pump.next() == nil)
  }

  @Test("What could be read before an error is given first, then the error")
  func errors() throws {
    let pump = pump(3, end: Failure(.input, "the file broke off"))
    for _ in 0..<3 {
      let batch = try #require(try pump.next())
      pump.recycle(batch)
    }
    #expect(failure { _ = try pump.next() } == "the file broke off")
  }

  @Test("Reading stays at most three batches ahead of a reader that takes none")
  func backPressure() throws {
    let made = Counter()
    let pump = pump(1_000_000, made: made)
    _ = try pump.next()
    var seen = -1
    while made.value != seen || seen < 3 {
      seen = made.value
      Thread.sleep(forTimeInterval: 0.05)
    }
    #expect(made.value == 3)
    pump.cancel()
  }

  @Test("After a cancel the reader ends and so does whoever waits for it")
  func cancel() throws {
    for _ in 0..<50 {
      let pump = pump(1_000_000)
      let first = try #require(try pump.next())
      pump.recycle(first)
      pump.cancel()
      while let batch = try pump.next() { pump.recycle(batch) }
    }
  }
}

/// A number that any thread may count up.
final class Counter: Sendable {
  private let state = Mutex(0)
  /// The number so far, which then goes up.
  func next() -> Int {
    state.withLock { number in
      defer { number += 1 }
      return number
    }
  }
  var value: Int { state.withLock { $0 } }
}

@Suite("Workers", .timeLimit(.minutes(20)))
struct WorkerPoolTests {
  @Test(
    "Every worker runs each job once, and the call returns when all are done", arguments: [1, 2, 7])
  func once(_ workers: Int) {
    let pool = WorkerPool(count: workers)
    let counts = (0..<workers).map { _ in Counter() }
    for round in 1...2000 {
      pool.run { _ = counts[$0].next() }
      if counts.contains(where: { $0.value != round }) {
        Issue.record("after round \(round): \(counts.map(\.value))")
        return
      }
    }
  }

  @Test("A worker keeps its thread for life, and the first is the caller's")
  func threads() {
    let pool = WorkerPool(count: 3)
    let names = Mutex<[Int: Set<UInt>]>([:])
    for _ in 0..<20 {
      pool.run { worker in
        let thread = UInt(pthread_self())
        names.withLock { _ = $0[worker, default: []].insert(thread) }
      }
    }
    let seen = names.withLock { $0 }
    #expect(seen.values.allSatisfy { $0.count == 1 })
    #expect(Set(seen.values.flatMap { $0 }).count == 3)
    #expect(seen[0] == [UInt(pthread_self())])
  }

  @Test("More workers than the feature engine has shards compute the same features")
  func manyWorkers() throws {
    func values(_ workers: Int) throws -> [Double] {
      let schema = try Schema([("user", .text), ("device", .text)])
      let interner = Interner()
      let stage = try FeatureStage(
        features: FeatureSet.standard.features.map(\.definition), schema: schema,
        interner: interner, pool: WorkerPool(count: workers), allowedLateness: .days(1))
      let batch = EventBatch(schema: schema)
      for place in 0..<300 {
        batch.append(
          login("e\(place)", at: Int64(place * 60), user: "u\(place % 90)"), interner: interner)
      }
      stage.process(
        ReadBatch(events: batch, labels: [], readyAt: 0), labels: LabelIndex())
      return (0..<batch.count).flatMap { row in
        (0..<stage.plan.columns).map { stage.table[row, $0] }
      }
    }
    let one = try values(1)
    let many = try values(70)
    #expect(one.map(\.bitPattern) == many.map(\.bitPattern))
  }
}

@Suite("Repeated events")
struct DuplicateFilterTests {
  private func batch(_ ids: [String]) throws -> (EventBatch, Interner) {
    let interner = Interner()
    let batch = EventBatch(schema: try Schema([("user", .text), ("device", .text)]))
    for (place, id) in ids.enumerated() {
      batch.append(login(id, at: Int64(place), user: "u\(place)"), interner: interner)
    }
    return (batch, interner)
  }

  @Test("An event with an id that was there is dropped and counted, the others keep their order")
  func dropped() throws {
    let filter = DuplicateFilter()
    let (first, interner) = try batch(["a", "b", "a", "c", "b", "a"])
    filter.clean(first)
    #expect((0..<first.count).map { first.id($0) } == ["a", "b", "c"])
    #expect(
      (0..<first.count).map { first.record($0, interner: interner).text("user") }
        == ["u0", "u1", "u3"])
    let (second, _) = try batch(["c", "d"])
    filter.clean(second)
    #expect((0..<second.count).map { second.id($0) } == ["d"])
    #expect(filter.dropped == 4)
  }

  @Test("A batch of nothing but repeats becomes empty")
  func allDropped() throws {
    let filter = DuplicateFilter()
    filter.clean(try batch(["a"]).0)
    let (again, _) = try batch(["a", "a"])
    filter.clean(again)
    #expect(again.isEmpty)
    #expect(filter.dropped == 2)
  }

  @Test("The last 131,072 ids are remembered and no more")
  func bounded() throws {
    let filter = DuplicateFilter()
    let size = EventBatch.standardCapacity
    for start in stride(from: 0, to: 131_072, by: size) {
      filter.clean(try batch((start..<(start + size)).map { "e\($0)" }).0)
    }
    let (old, _) = try batch(["e0"])
    filter.clean(old)
    #expect(old.isEmpty)
    filter.clean(try batch(["new"]).0)
    let (forgotten, _) = try batch(["e0", "e5"])
    filter.clean(forgotten)
    #expect((0..<forgotten.count).map { forgotten.id($0) } == ["e0"])
  }
}

@Suite("Signals")
struct SignalTests {
  @Test("What comes directly and through the supervisor is one signal, and the next is a second")
  func copies() {
    func told(_ signals: [Bool]) -> [Bool] {
      var copies = Interrupt.Copies()
      return signals.map { !copies.isOfLast(isHandedOn: $0) }
    }
    #expect(told([false, true]) == [true, false])
    #expect(told([true, false]) == [true, false])
    #expect(told([false, true, true, false]) == [true, false, true, false])
    #expect(told([true, true]) == [true, true])
    #expect(told([false, false]) == [true, true])
  }
}
