import Cases
import Detection
import Foundation
import Ingest
import Primitives
import Store
import Synchronization
import Testing

@testable import Host

@Suite("Kept events")
struct RetainedEventsTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func store(_ access: Store.Database.Access = .readOnly) throws -> AlertStore {
    AlertStore(try Database.open(dataDirectory: scratch.path + "/var", access: access))
  }

  private func events(_ count: Int) -> [EventRecord] {
    (0..<count).map { number in
      var event = login(
        "e\(number)", at: Int64(number * 7), user: "u\(number % 13)", device: "pc-\(number % 5)")
      event.source = "generic-jsonl"
      return event
    }
  }

  private func write(_ events: [EventRecord], to name: String = "day.jsonl") throws -> String {
    try scratch.write(name, events.map(EventWriter.line).joined(separator: "\n") + "\n")
  }

  private func detect(_ inputs: String..., days: Double = 30) throws {
    var settings = try shipped(scratch)
    settings.retention.days = days
    _ = try DetectJob(
      settings: settings, options: DetectOptions(inputs: inputs, source: "generic-jsonl")
    ).run(progress: NoProgress())
  }

  /// Everything that is kept of a stream, in order.
  private func all(
    _ kept: RetainedEvents, _ stream: KeptStream
  ) throws -> [EventRecord] {
    let schema = try kept.schema(of: stream)
    let interner = Interner()
    let feed = try kept.feed(stream, schema: schema, interner: interner)
    var events: [EventRecord] = []
    let batch = EventBatch(schema: schema)
    while case .filled = try feed.fill(batch) {
      for row in 0..<batch.count { events.append(batch.record(row, interner: interner)) }
      batch.removeAll()
    }
    return events
  }

  private func kept() throws -> RetainedEvents {
    RetainedEvents(try store()) { Issue.record("\($0)") }
  }

  @Test("detect keeps the events that it judged, once however often it is run over the same file")
  func detecting() throws {
    let events = events(9000)
    let path = try write(events)
    try detect(path)
    try detect(path)
    let other = try write(Array(events.prefix(10)), to: "other.jsonl")
    try detect(other)
    let kept = try kept()
    let streams = try kept.streams()
    #expect(streams.map(\.events) == [10, 9000])
    #expect(try all(kept, streams[1]) == events)
    #expect(streams[1].input == path)
  }

  @Test("An event is found by its id, and an entity's by its value")
  func finding() throws {
    let events = events(6000)
    try detect(try write(events))
    let kept = try kept()
    let found = try kept.events(id: "e4711")
    #expect(found.map(\.event) == [events[4711]])
    #expect(found.first?.number == 4711)
    #expect(try kept.events(id: "e47111").isEmpty)
    let ofUser = try kept.events(field: "user", value: "u3")
    #expect(ofUser.map(\.event) == events.filter { $0.text("user") == "u3" }.reversed())
    #expect(try kept.events(field: "device", value: "u3").isEmpty)
    #expect(try kept.events(field: nil, value: "u3", limit: 5).count == 5)
  }

  @Test("A replay that unpacks ahead finds what one that stops finds, on any number of threads")
  func ahead() throws {
    try detect(try write(events(9000)))
    try scratch.write(
      "plugins/many.lua",
      """
      return rule {
        id = "test.many", title = "Many logins", severity = "high", on = { kind = "login" }, per = "user",
        features = { logins = count { within = 5 * minute } }, when = { logins = at_least(4) },
      }
      """)
    let kept = try kept()
    let stream = try #require(try kept.streams().first)
    func replay(threads: Int) throws -> Replay {
      var settings = try shipped(scratch, threads: threads)
      settings.plugins = [scratch.path + "/plugins"]
      return try Replay(
        stream, of: kept, installation: try Installation(settings), settings: settings)
    }
    var found: [[String]] = []
    for (threads, stops) in [(1, []), (2, []), (3, []), (2, [4500])] as [(Int, [Int])] {
      var output = Capture()
      var next = 0
      var steps = 0
      try replay(threads: threads).drive(stops: stops, output: &output, progress: NoProgress()) {
        (step, _) in
        #expect(step.first == next && step.newest == step.events.time(step.events.count - 1))
        next = step.next
        steps += 1
        return true
      }
      #expect(next == 9000 && steps > 1)
      found.append(output.lines + output.joins.map(\.findingID))
    }
    #expect(found[0].count > 100)
    for other in found.dropFirst() { #expect(other == found[0]) }
    let odd: (EventBatch, Int) -> Bool = { _, row in row % 2 == 1 }
    // Rows that are left out keep their numbers, and who has seen enough ends it.
    var output = Capture()
    var steps = 0
    try replay(threads: 2).drive(
      stops: [], output: &output, progress: NoProgress(), keeps: odd
    ) { (step, _) in
      #expect(step.first == 0 && step.next == 2 * step.events.count)
      steps += 1
      return false
    }
    #expect(steps == 1)
  }

  @Test("With 0 days nothing is kept, and ground truth never is")
  func nothing() throws {
    try detect(try write(events(100)), days: 0)
    #expect(try kept().streams().isEmpty)
    let path = try scratch.write(
      "payments.csv",
      """
      TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO
      1,2018-04-01 00:00:31,596,3156,57.16,1,2
      2,2018-04-01 00:02:10,4961,3412,81.51,0,0

      """)
    let settings = try shipped(scratch)
    _ = try DetectJob(
      settings: settings, options: DetectOptions(inputs: [path], source: "card-transactions")
    ).run(progress: NoProgress())
    let kept = try kept()
    let stream = try #require(try kept.streams().first)
    let names = try kept.schema(of: stream).fields.map(\.name)
    #expect(names.contains("amount"))
    #expect(!names.contains { $0.lowercased().contains("fraud") })
  }

  @Test("A damaged block is told and left out; the others are read")
  func damaged() throws {
    let events = events(9000)
    try detect(try write(events))
    let stream = try #require(try kept().streams().first)
    let packed = try ZstdPacker().pack([99, 1, 2])
    for (body, start) in [([UInt8](repeating: 7, count: 100), 9000), (packed, 9010)] {
      try store(.readWrite).write(
        [],
        kept: KeptEvents(
          source: stream.source, input: stream.input, fields: stream.fields,
          replacesEarlier: false,
          blocks: [
            KeptBlock(
              start: start, events: 10, first: events[1].time, last: events[2].time, filter: [],
              body: body)
          ]), run: stream.run)
    }
    let told = Mutex<[String]>([])
    let kept = RetainedEvents(try store()) { text in told.withLock { $0.append(text) } }
    #expect(try all(kept, stream) == events)
    let what = "10 kept events, \(events[1].time) to \(events[2].time), are damaged and left out"
    #expect(
      told.withLock { $0 } == [what, "\(what): it was written by another version"])
    // A search passes them, too.
    #expect(try kept.events(id: "e8999").map(\.number) == [8999])
  }

  @Test("Blocks wait until they are taken, whoever packed them")
  func waiting() throws {
    let schema = try Schema([("user", .text), ("device", .text)])
    let interner = Interner()
    let queue = try PackingQueue(interner: interner)
    let batch = queue.batch(schema)
    for event in events(5) { batch.append(event, interner: interner) }
    #expect(
      try queue.packNow(batch, PackingQueue.Order(rows: 0..<5, start: 0, replaces: [])) == 1)
    #expect(queue.waiting == 1)
    queue.pack(batch, PackingQueue.Order(rows: 0..<5, start: 5, replaces: []))
    #expect(queue.waiting == 2)
    #expect(try queue.take().count == 2 && queue.waiting == 0)
  }

  @Test(
    "However events come in batches and transactions, each is kept once, in order and in few blocks"
  )
  func keeping() throws {
    for seed in UInt64(0)..<12 {
      let scratch = try Scratch()
      let store = AlertStore(try Database.open(dataDirectory: scratch.path))
      let run = try store.begin(
        RunRecord(command: "run", started: WallClock.now(), input: ""))
      var random = SeededRandom(seed: seed)
      let schema = try Schema([("user", .text), ("device", .text)])
      let interner = Interner()
      let keeper = try EventKeeper(
        .service("s"), schema: schema, interner: interner, known: nil)
      let all = events(12_000)
      var next = 0
      var written = 0
      let most = [3, 50, 700, 4096][Int(seed % 4)]
      var transactions = 0
      while next < all.count && transactions < 600 {
        let size = min(all.count - next, 1 + random.below(most))
        let batch = EventBatch(schema: schema)
        for event in all[next..<next + size] { batch.append(event, interner: interner) }
        keeper.keep(batch, rows: 0..<size, first: next)
        next += size
        guard random.chance(0.5) else { continue }
        transactions += 1
        let block = try store.write([], kept: try keeper.take(), run: run, at: WallClock.now())
        keeper.wrote(block)
        written = next
      }
      let kept = RetainedEvents(store) { Issue.record("\($0)") }
      let stream = try #require(try kept.streams().first)
      #expect(try self.all(kept, stream).map(\.id) == all.prefix(written).map(\.id), "seed \(seed)")
      let places = try store.keptPlaces(stream: stream.id)
      #expect(places.count <= 12 + 2 * written / 1024, "seed \(seed): \(places.count) blocks")
      var expected = 0
      for place in places {
        #expect(place.start == expected, "seed \(seed)")
        expected += place.events
      }
    }
  }
}
