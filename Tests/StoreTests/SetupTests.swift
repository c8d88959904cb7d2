import Cases
import Foundation
import GRDB
import Primitives
import Testing

@testable import Store

/// What judged at a time, as the database has it.
struct SetupTests {
  private let folder: Folder
  private let database: Store.Database
  private let store: SetupStore
  private let alerts: AlertStore

  init() throws {
    folder = try Folder()
    database = try Store.Database.open(dataDirectory: folder.path)
    store = SetupStore(database)
    alerts = AlertStore(database)
  }

  /// A setup of one rule in one file and of one list; its contents are named by what is in them.
  private func setup(_ rule: String, _ list: String = "l") -> NewSetup {
    NewSetup(
      digest: "setup \(rule) \(list)", pluginsDigest: "plugins \(rule)",
      parts: [
        SetupPart(.file, "plugins/a.lua", digest: "file \(rule)", bytes: 0),
        SetupPart(.rule, "a", digest: "file \(rule)", bytes: 0, detail: ["file": "plugins/a.lua"]),
        SetupPart(.list, "vips", digest: "list \(list)", bytes: 0, detail: ["entries": 3]),
      ])
  }

  private func contents(_ setup: NewSetup, size: Int = 10) -> [String: SetupStore.Content] {
    Dictionary(
      setup.parts.map {
        ($0.digest, SetupStore.Content(bytes: 99, body: Array(repeating: 7, count: size)))
      }, uniquingKeysWith: { first, _ in first })
  }

  private func record(
    _ setup: NewSetup, from minute: Int64, written day: Int64 = 0, run: Int64, source: String = "s",
    input: String = "", size: Int = 10
  ) throws {
    let missing = try store.record(
      setup, contents: contents(setup, size: size), source: source, input: input, run: run,
      first: afternoon + .minutes(minute), at: afternoon + .days(day))
    #expect(missing == [])
  }

  private func digest(at minute: Int64, source: String = "s") throws -> String? {
    try store.inForce(at: afternoon + .minutes(minute)).first { $0.source == source }?.pluginsDigest
  }

  private func count(_ table: String) throws -> Int {
    try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
  }

  private var limits: KeepingLimits { KeepingLimits(span: .days(30), bytes: .max) }

  private func leaveAll(_ limits: KeepingLimits, at day: Int64) throws -> Int {
    var left = Left(hasMore: true)
    var all = 0
    while left.hasMore {
      left = try alerts.leave(limits, at: afternoon + .days(day))
      all += left.setups
    }
    return all
  }

  @Test("Contents that the database lacks are asked for, and nothing is written until they come")
  func asking() throws {
    let run = try alerts.begin(aRun)
    let first = setup("one")
    let missing = try store.record(
      first, source: "s", input: "", run: run, first: afternoon, at: afternoon)
    #expect(missing == ["file one", "list l"])
    #expect(try store.inForce(at: afternoon).isEmpty && count("setups") == 0)
    try record(first, from: 0, run: run)
    // The list is the same: only the file is asked for.
    #expect(
      try store.record(
        setup("two"), source: "s", input: "", run: run, first: afternoon, at: afternoon)
        == ["file two"])
    let known = try #require(try store.inForce(at: afternoon).first)
    let parts = try store.parts(of: known.setup)
    #expect(parts.map(\.name) == ["plugins/a.lua", "a", "vips"])
    #expect(parts.map(\.bytes) == [99, 99, 99] && parts.allSatisfy(\.isKept))
    #expect(parts[1].detail == ["file": "plugins/a.lua"])
    #expect(try store.body("file one") == Array(repeating: 7, count: 10))
  }

  @Test(
    "At every time that is in force which began last, of a stream judged again by the later run")
  func times() throws {
    let run = try alerts.begin(aRun)
    let next = try alerts.begin(aRun)
    try record(setup("one"), from: 0, run: run)
    try record(setup("two"), from: 10, run: run)
    // Undone: the first judges again.
    try record(setup("one"), from: 20, run: run)
    #expect(try digest(at: -1) == nil)
    #expect(try digest(at: 0) == "plugins one" && digest(at: 9) == "plugins one")
    #expect(try digest(at: 10) == "plugins two" && digest(at: 19) == "plugins two")
    #expect(try digest(at: 20) == "plugins one" && digest(at: 9999) == "plugins one")
    // A restart that goes on with the same adds nothing, one with others does.
    try record(setup("one"), from: 30, run: next)
    #expect(try count("setups_in_force") == 3)
    try record(setup("three"), from: 40, run: next)
    #expect(try digest(at: 35) == "plugins one" && digest(at: 40) == "plugins three")
    // Files: what was judged twice was last judged by the second run, also where the first had reloaded later.
    try record(setup("one"), from: 0, run: run, source: "f", input: "a")
    try record(setup("two"), from: 10, run: run, source: "f", input: "a")
    try record(setup("three"), from: 0, run: next, source: "f", input: "a")
    #expect(try digest(at: 15, source: "f") == "plugins three")
    #expect(try store.knownSince()?.first == afternoon)
    #expect(try store.knownSince(source: "other") == nil)
  }

  @Test(
    "What ceased to judge longer ago than the retention leaves with its contents; what is in force never does"
  )
  func age() throws {
    let run = try alerts.begin(aRun)
    try record(setup("one"), from: 0, written: 0, run: run)
    try record(setup("two"), from: 10, written: 5, run: run)
    try record(setup("three"), from: 20, written: 50, run: run)
    // The second was in force until day 50: on day 60 that is not long ago.
    #expect(try leaveAll(limits, at: 60) == 1)
    #expect(try digest(at: 0) == nil && digest(at: 10) == "plugins two")
    #expect(try store.body("file one") == nil && store.body("list l") != nil)
    #expect(try store.knownSince()?.first == afternoon + .minutes(10))
    #expect(try leaveAll(limits, at: 1000) == 1)
    #expect(try digest(at: 20) == "plugins three")
    #expect(try count("setups") == 1 && count("setup_contents") == 2)
    #expect(try leaveAll(limits, at: 2000) == 0)
  }

  @Test("What judged a file stays as long as its events, and leaves when it is old after them")
  func files() throws {
    let run = try alerts.begin(aRun)
    try record(setup("one"), from: 0, run: run, input: "a")
    try alerts.write(
      [],
      kept: KeptEvents(
        source: "s", input: "a", fields: "[]", replacesEarlier: true,
        blocks: [
          KeptBlock(start: 0, events: 1, first: afternoon, last: afternoon, filter: [], body: [1])
        ]), run: run, at: afternoon + .days(20))
    #expect(try store.inForce(at: afternoon).first?.lastEvent == afternoon)
    #expect(try leaveAll(limits, at: 40) == 0)
    #expect(try leaveAll(limits, at: 51) == 1)
    #expect(try count("setup_parts") == 0 && count("setup_contents") == 0)
  }

  @Test(
    "Beyond the size limit the oldest leave first, what is in force stays, and the sizes say so")
  func size() throws {
    let run = try alerts.begin(aRun)
    #expect(try store.sizes() == nil)
    for number in 0..<200 {
      try record(
        setup("\(number)"), from: Int64(number), run: run, size: number == 0 ? 10 : 10_000)
    }
    var limits = limits
    limits.setupBytes = 500_000
    let before = try #require(try store.sizes())
    #expect(before.changes == 200 && before.bytes > 2_000_000)
    let left = try leaveAll(limits, at: 0)
    let after = try #require(try store.sizes())
    #expect(after.bytes <= 500_000 && after.changes == 200 - left && left < 170)
    #expect(try digest(at: 199) == "plugins 199" && digest(at: 0) == nil)
    limits.setupBytes = 1
    #expect(try leaveAll(limits, at: 0) == after.changes - 1)
    #expect(try digest(at: 199) == "plugins 199")
    #expect(try store.body("file 199")?.count == 10_000)
  }

  @Test("A database of an older version gets the tables and knows nothing yet")
  func migration() throws {
    let other = try Folder()
    do {
      let store = AlertStore(try Store.Database.open(dataDirectory: other.path))
      try store.write([NewAlert(alert(1))], run: aRun)
    }
    try DatabaseQueue(path: other.path + "/moonwatch.db").write {
      for table in ["setups_in_force", "setup_parts", "setups", "setup_contents"] {
        try $0.execute(sql: "DROP TABLE \(table)")
      }
      try $0.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '11 %'")
    }
    let again = try Store.Database.open(dataDirectory: other.path)
    #expect(try AlertStore(again).alerts().count == 1)
    #expect(try SetupStore(again).inForce(at: .distantFuture).isEmpty)
    #expect(try SetupStore(again).knownSince() == nil)
  }
}
