import Cases
import Foundation
import GRDB
import Primitives
import Testing

@testable import Store

@Suite("Kept events in the database")
struct KeptEventsTests {
  private let folder: Folder
  private let store: AlertStore

  init() throws {
    folder = try Folder()
    store = AlertStore(try Store.Database.open(dataDirectory: folder.path))
  }

  private func block(
    _ start: Int, _ events: Int = 10, bytes: Int = 100, replaces: [Int64] = []
  ) -> KeptBlock {
    KeptBlock(
      start: start, events: events, first: afternoon + .seconds(Int64(start)),
      last: afternoon + .seconds(Int64(start + events)), filter: [UInt8(start % 251)],
      body: (0..<bytes).map { UInt8(($0 &* 31 ^ start) & 0xFF) }, replaces: replaces)
  }

  private func kept(
    _ blocks: [KeptBlock], input: String = "", replaces: Bool = false
  ) -> KeptEvents {
    KeptEvents(
      source: "s", input: input, fields: "{}", replacesEarlier: replaces, blocks: blocks)
  }

  @Test("Events are written with the alerts of their batch, or neither is")
  func together() throws {
    let run = try store.begin(aRun)
    let last = try store.write(
      [NewAlert(alert(1))], kept: kept([block(0), block(10)]), run: run, at: afternoon)
    let stream = try #require(try store.keptStreams().first)
    #expect(stream.events == 20 && stream.source == "s" && stream.written == afternoon)
    let places = try store.keptPlaces(stream: stream.id)
    #expect(places.map(\.start) == [0, 10])
    #expect(places.last?.id == last)
    #expect(try store.keptBody(places[1].id) == block(10).body)
    #expect(try store.keptPlaces { $0 == [10] }.map(\.start) == [10])
    #expect(
      try store.keptPlaces(stream: stream.id, since: afternoon + .seconds(11)).map(\.start) == [10])
    #expect(
      try store.keptPlaces(stream: stream.id, until: afternoon + .seconds(9)).map(\.start) == [0])
    // A run that does not exist: the alert is refused, and with it the events.
    #expect(throws: Failure.self) {
      try store.write(
        [NewAlert(alert(2))], kept: kept([block(20)]), run: run + 9, at: afternoon)
    }
    #expect(try store.keptStreams().first?.events == 20)
  }

  @Test("A block takes the place of those that held its events before")
  func replacing() throws {
    let run = try store.begin(aRun)
    let first = try #require(
      try store.write([], kept: kept([block(0, 3)]), run: run, at: afternoon))
    let second = try #require(
      try store.write([], kept: kept([block(3, 2)]), run: run, at: afternoon))
    try store.write(
      [], kept: kept([block(0, 6, replaces: [second, first])]), run: run, at: afternoon)
    let stream = try #require(try store.keptStreams().first)
    #expect(stream.events == 6)
    #expect(try store.keptPlaces(stream: stream.id).map(\.events) == [6])
    #expect(try store.keptBody(first) == nil)
  }

  @Test("A second run over the same input replaces what the first kept, and only that")
  func secondRun() throws {
    let first = try store.begin(aRun)
    try store.write(
      [], kept: kept([block(0)], input: "a", replaces: true), run: first, at: afternoon)
    try store.write(
      [], kept: kept([block(10)], input: "a", replaces: true), run: first, at: afternoon)
    try store.write([], kept: kept([block(0)]), run: first, at: afternoon)
    let second = try store.begin(aRun)
    try store.write(
      [], kept: kept([block(0, 7)], input: "a", replaces: true), run: second, at: afternoon)
    try store.write([], kept: kept([block(10, 5)]), run: second, at: afternoon)
    let streams = try store.keptStreams()
    #expect(streams.map(\.input) == ["", "a"])
    #expect(streams.map(\.events) == [15, 7])
  }

  @Test("What is older than the limit leaves in bounded steps, alerts with their features too")
  func age() throws {
    let run = try store.begin(aRun)
    let limits = KeepingLimits(span: .days(30), bytes: .max)
    for day in 0..<3 {
      try store.write(
        (0..<400).map { number in NewAlert(alert(day * 400 + number)) },
        kept: kept((0..<100).map { block(day * 1000 + $0 * 10) }), run: run,
        at: afternoon + .days(Int64(day * 20)))
    }
    // Written on days 0, 20 and 40; on day 51 the first two are too old.
    var steps = 0
    var left = Left(hasMore: true)
    var blocks = 0
    var alerts = 0
    while left.hasMore {
      left = try store.leave(limits, at: afternoon + .days(51))
      #expect(left.blocks <= AlertStore.mostBlocks && left.alerts <= AlertStore.mostAlerts)
      blocks += left.blocks
      alerts += left.alerts
      steps += 1
    }
    #expect(blocks == 200 && alerts == 800 && steps > 1)
    let stream = try #require(try store.keptStreams().first)
    #expect(try store.keptPlaces(stream: stream.id).map(\.start).min() == 2000)
    #expect(try store.alerts(AlertFilter(limit: nil)).count == 400)
    #expect(try store.leave(limits, at: afternoon + .days(51)) == Left())
  }

  @Test("An alert that is written again stays as old as it was")
  func oldAlerts() throws {
    let run = try store.begin(aRun)
    try store.write([NewAlert(alert(1))], run: run, at: afternoon)
    try store.write([NewAlert(alert(1)), NewAlert(alert(2))], run: run, at: afternoon + .days(20))
    _ = try store.leave(KeepingLimits(span: .days(30), bytes: 1), at: afternoon + .days(31))
    #expect(try store.alerts().map(\.alert.id) == [alert(2).id])
  }

  @Test("Beyond the size limit the oldest leave, and the file shrinks")
  func size() throws {
    let run = try store.begin(aRun)
    try store.write(
      [], kept: kept((0..<120).map { block($0 * 10, bytes: 100_000) }), run: run, at: afternoon)
    let limits = KeepingLimits(span: .days(30), bytes: 1_000_100)
    func pages() throws -> Int {
      try store.database.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    }
    let before = try pages()
    var left = Left(hasMore: true)
    while left.hasMore { left = try store.leave(limits, at: afternoon) }
    for _ in 0..<4 { _ = try store.leave(limits, at: afternoon) }
    let stream = try #require(try store.keptStreams().first)
    #expect(stream.bytes <= limits.bytes && stream.events == 100)
    #expect(try store.keptPlaces(stream: stream.id).map(\.start).min() == 1100)
    #expect(try pages() < before / 4)
  }

  @Test("A database of an older version learns to shrink, and its alerts are as old as their run")
  func older() throws {
    let other = try Folder()
    do {
      let queue = try DatabaseQueue(path: other.path + "/moonwatch.db")
      try Schema.migrator.migrate(queue, upTo: "2 sources")
      try queue.write { database in
        try database.execute(
          sql: "INSERT INTO runs VALUES (1, 'detect', ?, 'x', NULL, 0)",
          arguments: [aRun.started.microseconds])
        try database.execute(
          sql: """
            INSERT INTO alerts (id, time, event_id, source, kind, severity, title, message,
              compliance, recurrence, incident, json, run, highest_severity)
            VALUES (?, 0, 'e', 's', 'rule', 3, 't', 'm', '[]', 0, 'i', ?, 1, 3)
            """,
          arguments: [alert(1).id, String(decoding: AlertWriter.line(alert(1)), as: UTF8.self)])
      }
    }
    let store = AlertStore(try Store.Database.open(dataDirectory: other.path))
    #expect(
      try store.database.read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
    #expect(
      try store.leave(KeepingLimits(span: .days(30), bytes: 1), at: afternoon + .days(29)).alerts
        == 0)
    #expect(
      try store.leave(KeepingLimits(span: .days(30), bytes: 1), at: afternoon + .days(31)).alerts
        == 1)
  }
}
