import Cases
import Detection
import Foundation
import GRDB
import Primitives
import Testing

@testable import Store

struct AlertStoreTests {
  private let folder: Folder
  private let database: Store.Database
  private let store: AlertStore

  init() throws {
    folder = try Folder()
    database = try Store.Database.open(dataDirectory: folder.path)
    store = AlertStore(database)
  }

  @Test("What was written is read back, newest first")
  func readBack() throws {
    let alerts = [alert(1), alert(2, at: 5), alert(3, at: 2, user: nil, mapping: nil)]
    let frozen = FrozenEvidence(
      Evidence(
        event: EventRecord(time: afternoon, id: "e", source: "s", kind: "k", fields: [:]),
        entity: nil,
        findings: [
          Finding(row: 0, origin: .rule(id: "r"), severity: .low, title: "", message: "")
        ], features: [Measurement(name: "x", value: 1.5)]))
    let run = try store.write(
      [NewAlert(alerts[0], frozen: frozen)] + alerts.dropFirst().map { NewAlert($0) }, run: aRun)
    #expect(run == 1)
    let read = try store.alerts()
    #expect(read.map(\.alert) == [alerts[1], alerts[2], alerts[0]])
    #expect(
      read.allSatisfy {
        $0.status == .open && $0.disposition == nil && $0.joined == 0
          && $0.highestSeverity == .medium
      })
    #expect(try store.frozen(alerts[0].id) == frozen)
    #expect(try store.frozen(alerts[1].id) == nil)
    #expect(try store.runs() == [aRun])
  }

  @Test("Writing again changes nothing that people decided and adds no row")
  func idempotent() throws {
    let first = alert(1)
    try store.write([NewAlert(first), NewAlert(alert(2))], run: aRun)
    let before = try store.alerts()
    try store.write([NewAlert(first), NewAlert(alert(2))], run: aRun)
    #expect(try store.alerts() == before)

    let closed = try store.close(first.id, .falsePositive, note: "a drill", at: afternoon)
    try store.write(
      [NewAlert(alert(1, title: "changed")), NewAlert(alert(2, title: "changed"))], run: aRun)
    #expect(try store.alert(first.id) == closed)
    #expect(try store.alert(alert(2).id).alert.title == "changed")
    #expect(try store.counts().total == 2)
  }

  @Test("Joined findings raise count, severity and score, and never lower them")
  func joining() throws {
    let first = alert(1, score: 0.5)
    let run = try store.begin(RunRecord(command: "run", started: afternoon, input: "-"))
    try store.write(
      [NewAlert(first)], joined: [joined(first, count: 1, severity: .critical, score: 0.75)],
      run: run)
    try store.write([], joined: [joined(first, count: 9, severity: .low)], run: run)
    try store.write(
      [NewAlert(first)], joined: [joined(first, count: 2, severity: .low, score: 0.1)], run: run)
    try store.write([], joined: [joined(alert(77), count: 1, severity: .low)], run: run)
    let read = try store.alert(first.id)
    #expect(read.alert == first)
    #expect(read.joined == 9 && read.highestSeverity == .critical && read.highestScore == 0.75)
    try store.finish(run: run, digest: "abc", events: 7)
    #expect(
      try store.runs() == [
        RunRecord(command: "run", started: afternoon, input: "-", digest: "abc", events: 7)
      ])
  }

  @Test("A score that joins an alert without one is its highest")
  func firstScore() throws {
    let first = alert(1)
    try store.write(
      [NewAlert(first)], joined: [joined(first, count: 1, severity: .low, score: 0.25)], run: aRun)
    #expect(try store.alert(first.id).highestScore == 0.25)
  }

  @Test("Each filter lets through what it says and all must hold")
  func filters() throws {
    let alerts = [
      alert(1, at: 0), alert(2, at: 10, user: "bob", severity: .high),
      alert(3, at: 20, rule: "other", mapping: "n"), alert(4, at: 30, user: nil, mapping: nil),
    ]
    try store.write(
      alerts.map { NewAlert($0) }, joined: [joined(alerts[0], count: 1, severity: .critical)],
      run: aRun)
    try store.close(alerts[2].id, .benign, at: afternoon)
    func ids(_ filter: AlertFilter) throws -> [String] {
      try store.alerts(filter).map { String($0.alert.id.last!) }
    }
    #expect(try ids(AlertFilter()) == ["4", "3", "2", "1"])
    #expect(
      try ids(AlertFilter(since: afternoon + .minutes(10), until: afternoon + .minutes(20)))
        == ["3", "2"])
    #expect(try ids(AlertFilter(severity: .high)) == ["2", "1"])
    #expect(try ids(AlertFilter(entity: "ana")) == ["3", "1"])
    #expect(try ids(AlertFilter(rule: "other")) == ["3"])
    #expect(try ids(AlertFilter(status: .closed)) == ["3"])
    #expect(try ids(AlertFilter(mapping: "m")) == ["2", "1"])
    #expect(try ids(AlertFilter(incident: "inc-bob")) == ["2"])
    #expect(try ids(AlertFilter(limit: 2)) == ["4", "3"])
    #expect(try ids(AlertFilter(limit: -1)) == [])
    #expect(try ids(AlertFilter(entity: "ana", status: .open)) == ["1"])
    #expect(try ids(AlertFilter(entity: "' OR 1=1 --")) == [])

    let counts = try store.counts()
    #expect(counts.total == 4 && counts.open == 3 && counts.joined == 1)
    #expect(counts.bySeverity == [.critical: 1, .high: 1, .medium: 2])
    #expect(counts.byMapping == ["m": 2, "n": 1, "": 1])
    #expect(try store.counts(AlertFilter(entity: "nobody")) == AlertCounts())
  }

  @Test("An alert is found by the start of its id, if only one starts so")
  func prefixes() throws {
    try store.write([1, 2, 3, 4, 0x1F].map { NewAlert(alert($0)) }, run: aRun)
    let zeros = String(repeating: "0", count: 18)
    #expect(try store.alert(zeros + "1").alert == alert(0x1F))
    #expect(try store.alert(zeros + "04").alert == alert(4))
    func message(_ prefix: String) -> String? {
      let failure = #expect(throws: Failure.self) { try store.alert(prefix) }
      return failure?.description
    }
    #expect(
      message("0") == """
        several alerts have an id that starts with '0' (give more of it: \(zeros)01, \
        \(zeros)02, \(zeros)03, …)
        """)
    #expect(
      message("ff")
        == "no alert has an id that starts with 'ff' (moonwatch alerts list shows them)")
    #expect(
      message("'--\u{1B}")
        == "no alert has an id that starts with ''--\\u{1B}' (moonwatch alerts list shows them)")
    #expect(message("") == "an alert is named by the start of its id")
  }

  @Test("An alert is closed once, and can be opened again")
  func closing() throws {
    let first = alert(1)
    try store.write([NewAlert(first)], run: aRun)
    let closed = try store.close(first.id, .truePositive, note: "seen\0", at: afternoon + .hours(1))
    #expect(closed.status == .closed && closed.disposition == .truePositive)
    #expect(closed.note == "seen\u{FFFD}" && closed.closedAt == afternoon + .hours(1))
    let failure = #expect(throws: Failure.self) {
      try store.close(first.id, .benign, at: afternoon)
    }
    #expect(
      failure?.description
        == "alert \(first.id) is already closed as true-positive (moonwatch alerts reopen opens it again)"
    )
    let open = try store.reopen(first.id)
    #expect(open.status == .open && open.disposition == nil && open.closedAt == nil)
    #expect(open.note == "seen\u{FFFD}")
  }

  @Test("A batch is written whole or not at all")
  func transaction() throws {
    try store.write([NewAlert(alert(1))], run: aRun)
    // Of the run that does not exist, nothing may stay: the foreign key fails after two rows.
    #expect(throws: Failure.self) {
      try store.write([NewAlert(alert(2)), NewAlert(alert(3))], run: 99)
    }
    #expect(try store.alerts().map(\.alert) == [alert(1)])
    #expect(try store.runs().count == 1)
  }

  @Test(
    "Hostile texts are kept and found",
    arguments: [
      "", "'; DROP TABLE alerts; --", "a\0b", "\u{202E}", "e\u{301}", "\u{E9}", "%", "_",
      "\u{1B}[2J",
      "🏳️‍🌈", String(repeating: "a\u{301}", count: 3000),
    ])
  func hostile(text: String) throws {
    var odd = alert(1, user: text, rule: text, mapping: text, title: text)
    odd.eventID = text
    odd.message = text
    odd.compliance = [text]
    odd.incident = "inc-1"
    try store.write([NewAlert(odd)], run: aRun)
    let read = try store.alerts(AlertFilter(entity: text, rule: text, mapping: text))
    #expect(read.map(\.alert) == [odd])
    let scalars = read.first?.alert.entity.map { Array($0.value.unicodeScalars) }
    #expect(scalars == Array(text.unicodeScalars))
  }

  @Test("Readers see whole batches while a writer writes")
  func concurrent() async throws {
    let reading = AlertStore(
      try Store.Database.open(dataDirectory: folder.path, access: .readOnly))
    let store = store
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for batch in 0..<40 {
          let alerts = (0..<5).map { NewAlert(alert(batch * 5 + $0, at: Int64(batch))) }
          try store.write(alerts, run: aRun)
        }
      }
      for reader in [reading, store] {
        group.addTask {
          var last = 0
          while last < 200 {
            let total = try reader.counts().total
            #expect(total % 5 == 0 && total >= last)
            last = total
            await Task.yield()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try reading.counts().total == 200)
  }

  @Test("A model is kept once under its name and digest")
  func models() throws {
    let models = ModelStore(database)
    var model = ModelRecord(
      name: "m", path: "a.json", digest: "d1", created: afternoon, report: "{}")
    try models.record(model)
    model.path = "b.json"
    try models.record(model)
    let newer = ModelRecord(
      name: "m", path: "c.json", digest: "d2", created: afternoon + .hours(1), report: "{}")
    try models.record(newer)
    #expect(try models.models() == [newer, model])
  }
}
