import Cases
import Detection
import Foundation
import GRDB
import Primitives
import Testing

@testable import Store

/// What people do with alerts, and what is kept of findings that raised none.
struct AlertLifeTests {
  private let folder: Folder
  private let database: Store.Database
  private let ana: AlertStore
  private let id = alert(1).id

  init() throws {
    folder = try Folder()
    database = try Store.Database.open(dataDirectory: folder.path)
    ana = AlertStore(
      database,
      pen: AuditPen(Actor(.person, "ana", account: "root"), now: { afternoon + .minutes(3) }))
    try ana.write([NewAlert(alert(1)), NewAlert(alert(2, at: 1))], run: aRun)
  }

  private func refusal(_ body: () throws -> StoredAlert) -> String? {
    #expect(throws: Failure.self) { try body() }?.description
  }

  private func suppressed(
    _ id: String, _ reason: SuppressedFinding.Reason = .joined, alert: String? = nil,
    mute: Int64? = nil, at minute: Int64 = 0
  ) -> SuppressedFinding {
    SuppressedFinding(
      id: id, reason: reason, alertID: alert, mute: mute, time: afternoon + .minutes(minute),
      eventID: "event \(id)", source: "s", entity: Entity(field: "user", value: "ana\0"), rule: "r",
      mapping: "m", score: 0.5, severity: .high, message: "seen\u{1B}[2J")
  }

  @Test("An alert that was closed, opened and closed again is known at any time as it was then")
  func turns() throws {
    func store(at minutes: Int64) -> AlertStore {
      AlertStore(
        database,
        pen: AuditPen(
          Actor(.person, "ana", account: "root"), now: { afternoon + .minutes(minutes) }))
    }
    try store(at: 10).close(id, .falsePositive, at: afternoon + .minutes(10))
    try store(at: 20).reopen(id)
    try store(at: 30).close(id, .truePositive, at: afternoon + .minutes(30))
    let fact = try #require(try ana.facts().first { $0.id == id })
    func outcome(_ minutes: Int64) -> AlertFact.Outcome? {
      fact.known(at: afternoon + .minutes(minutes))?.outcome
    }
    #expect(outcome(9) == nil && outcome(10) == .falsePositive && outcome(19) == .falsePositive)
    #expect(outcome(20) == nil && outcome(29) == nil && outcome(30) == .truePositive)
    #expect(fact.outcome == .truePositive && fact.known(at: afternoon - .minutes(1)) == nil)
    #expect(try ana.facts().filter { $0.id != id }.allSatisfy { $0.turns.isEmpty })
  }

  @Test("What a mute kept quiet leaves as alerts do, and the audit says what left")
  func leaving() throws {
    let run = try ana.begin(aRun)
    for (id, days) in [("old", 0), ("new", 40)] as [(String, Int64)] {
      try ana.write(
        [], suppressed: [suppressed(id, .muted, mute: 1)], run: run, at: afternoon + .days(days))
    }
    let before = try AuditLog(database).records(AuditLog.Filter()).count
    let left = try ana.leave(
      KeepingLimits(span: .days(30), bytes: 1 << 30), at: afternoon + .days(60))
    #expect(left.findings == 1)
    #expect(try ana.suppressed(byMute: 1).map(\.id) == ["new"])
    let records = try AuditLog(database).records(AuditLog.Filter())
    // The one that stays is sealed by itself.
    #expect(records.count == before + 2)
    #expect(records[0].action == "retention.leave")
    #expect(records[0].after?.contains(#""findings":1"#) == true)
    // A sweep that takes nothing writes nothing.
    _ = try ana.leave(KeepingLimits(span: .days(30), bytes: 1 << 30), at: afternoon + .days(60))
    #expect(try AuditLog(database).records(AuditLog.Filter()).count == records.count)
  }

  @Test("An alert goes from new to resolved and back, and each step is in its history")
  func life() throws {
    #expect(try ana.alert(id).state == .new)
    #expect(try ana.acknowledge(id).state == .acknowledged)
    #expect(try ana.assign(id, to: "ben", note: "knows it").assignee == "ben")
    let started = try ana.start(id)
    #expect(started.state == .inProgress && started.assignee == "ben" && started.status == .open)
    #expect(try ana.note(id, "the customer\0 confirms").note == nil)
    let closed = try ana.close(id, .truePositive, note: "refunded", at: afternoon)
    #expect(closed.state == .resolved && closed.status == .closed && closed.note == "refunded")
    let open = try ana.reopen(id)
    #expect(open.state == .acknowledged && open.note == "refunded" && open.assignee == "ben")
    let history = try ana.history(id)
    #expect(history.run == "run 1 (day.jsonl)" || history.run == "run 1 (detect day.jsonl)")
    #expect(
      history.records.map(\.action) == [
        "alert.ack", "alert.assign", "alert.start", "alert.note", "alert.close", "alert.reopen",
      ])
    #expect(history.records[1].before == #"{"assignee":null}"#)
    #expect(history.records[1].after == #"{"assignee":"ben"}"#)
    #expect(history.records[3].note == "the customer\u{FFFD} confirms")
    #expect(history.records[3].after == nil)
    #expect(try ana.start(alert(2).id).assignee == "ana")
    #expect(try AuditLog(database).verify().isWhole)
  }

  @Test("A duplicate says of which alert, of the first of several, and never of itself")
  func duplicates() throws {
    let other = alert(2).id
    let closed = try ana.close(id, .duplicate, of: String(other.suffix(20)), at: afternoon)
    #expect(closed.duplicateOf == other && closed.exported.duplicateOf == other)
    #expect(
      try ana.history(id).records.last?.after
        == #"{"status":"closed","state":"resolved","disposition":"duplicate","duplicate_of":"\#(other)"}"#
    )
    #expect(
      refusal { try ana.close(other, .duplicate, of: id, at: afternoon) }
        == "alert \(other) would be a duplicate of itself (name the alert that stays open)")
    #expect(
      refusal { try ana.close(other, .duplicate, of: other, at: afternoon) }
        == "alert \(other) would be a duplicate of itself (name the alert that stays open)")
    try ana.write([NewAlert(alert(3, at: 2))], run: aRun)
    #expect(try ana.close(alert(3).id, .duplicate, of: id, at: afternoon).duplicateOf == other)
    #expect(
      try ana.alertsInBrief(AlertFilter(limit: nil)).map(\.duplicateOf) == [other, nil, other])
    #expect(try ana.reopen(id).duplicateOf == nil)
    #expect(try AuditLog(database).verify().isWhole)
  }

  @Test("A step that is not one is refused with what to do")
  func refused() throws {
    let shows = "(moonwatch alerts show \(id.prefix(10)) tells where it stands)"
    #expect(
      refusal { try ana.reopen(id) }
        == "alert \(id) is open (new): there is nothing to open again \(shows)")
    try ana.acknowledge(id)
    #expect(refusal { try ana.acknowledge(id) } == "alert \(id) is already acknowledged \(shows)")
    try ana.start(id)
    #expect(refusal { try ana.acknowledge(id) } == "alert \(id) is already in progress \(shows)")
    #expect(refusal { try ana.start(id) } == "alert \(id) is already in progress \(shows)")
    #expect(refusal { try ana.assign(id, to: "ana") } == "alert \(id) is already ana's \(shows)")
    try ana.assign(id, to: nil)
    #expect(refusal { try ana.assign(id, to: nil) } == "alert \(id) is nobody's already \(shows)")
    try ana.close(id, .falsePositive, at: afternoon)
    let closed =
      "alert \(id) is already closed as false-positive (moonwatch alerts reopen opens it again)"
    for step in [
      { try ana.acknowledge(id) }, { try ana.start(id) }, { try ana.assign(id, to: "ben") },
      { try ana.close(id, .benign, at: afternoon) },
    ] {
      #expect(refusal(step) == closed)
    }
  }

  @Test("Alerts are found by where they stand, whose they are and what they were")
  func filters() throws {
    try ana.start(id)
    try ana.close(alert(2).id, .duplicate, at: afternoon)
    func ids(_ change: (inout AlertFilter) -> Void) throws -> [String] {
      var filter = AlertFilter()
      change(&filter)
      return try ana.alerts(filter).map(\.alert.id)
    }
    #expect(try ids { $0.state = .inProgress } == [id])
    #expect(try ids { $0.state = .new } == [])
    #expect(try ids { $0.assignee = "ana" } == [id])
    #expect(try ids { $0.disposition = .duplicate } == [alert(2).id])
    #expect(try ids { $0.disposition = .benign } == [])
  }

  @Test("Findings that raised no alert are kept once each, and forgotten when they do raise one")
  func evidence() throws {
    let findings = [
      suppressed("a", alert: id, at: 1), suppressed("b", .flood, alert: id, at: 2),
      suppressed("c", .muted, mute: 7, at: 3),
    ]
    try ana.write([], suppressed: findings, run: aRun)
    try ana.write([], suppressed: findings, run: aRun)
    var kept = try ana.suppressed(withAlert: id)
    #expect(kept.map(\.id) == ["b", "a"])
    #expect(kept[1].entity?.value == "ana\u{FFFD}")
    kept[1].entity?.value = "ana\0"
    #expect(kept[1] == findings[0])
    #expect(try ana.suppressed(withAlert: id, limit: 1).map(\.id) == ["b"])
    #expect(try ana.suppressed(byMute: 7).map(\.id) == ["c"])
    try ana.write([], suppressed: [suppressed(alert(3).id, .muted, mute: 7)], run: aRun)
    #expect(try ana.suppressed(byMute: 7).count == 2)
    try ana.write([NewAlert(alert(3))], run: aRun)
    #expect(try ana.suppressed(byMute: 7).map(\.id) == ["c"])
  }

  @Test("What people decided since a record is told once, and what was only done or noted is not")
  func decidedSince() throws {
    var known = try ana.newestRecord()
    func news() throws -> DecidedSince? {
      let news = try ana.decided(since: known)
      if let news { known = news.record }
      return news
    }
    #expect(try news() == nil)
    try ana.acknowledge(id)
    try ana.note(id, "looked at")
    try ana.assign(id, to: "ben")
    try ana.write([NewAlert(alert(5, at: 5))], run: aRun)
    let done = try #require(try news())
    #expect(done.alerts.isEmpty && !done.hasMutes && !done.hasOverrides)
    try ana.close(id, .truePositive, at: afternoon)
    try ana.reopen(id)
    try ana.close(id, .falsePositive, at: afternoon)
    _ = try ana.give(
      [FeedbackLine(number: 1, target: .alert(alert(2).id), disposition: .truePositive)],
      at: afternoon)
    let closed = try #require(try news())
    #expect(!closed.hasMutes && !closed.hasOverrides)
    let first = alert(1)
    #expect(
      Set(closed.alerts) == [
        Decisions.Decided(
          id: id, time: first.time, entity: first.entity, finder: first.rule ?? AlertFact.model,
          outcome: .falsePositive),
        Decisions.Decided(
          id: alert(2).id, time: alert(2, at: 1).time, entity: alert(2).entity,
          finder: alert(2).rule ?? AlertFact.model, outcome: .truePositive),
      ])
    #expect(try news() == nil)
    try ana.reopen(id)
    let opened = try #require(try news())
    #expect(opened.alerts.map(\.outcome) == [nil] && opened.alerts.map(\.id) == [id])
    let entity = Entity(field: "user", value: "ana")
    try ana.add(
      RiskOverride(
        entity: entity, hundredths: 100, since: afternoon, until: afternoon + .days(1), note: ""))
    #expect(try #require(try news()).hasOverrides)
    #expect(try ana.clearOverrides(of: entity, at: afternoon) == 1)
    let cleared = try #require(try news())
    #expect(cleared.hasOverrides && !cleared.hasMutes && cleared.alerts.isEmpty)
  }

  @Test("Mutes are numbered, counted and ended, and each change has its record")
  func mutes() throws {
    let entity = Entity(field: "user", value: "ana")
    let first = try ana.addMute(
      entity: entity, rule: "r", from: afternoon, until: afternoon + .days(7), reason: "a drill")
    #expect(first.mute.number == 1 && first.madeBy == "ana" && first.hidden == 0)
    let version = try ana.newestRecord()
    let second = try ana.addMute(
      entity: entity, rule: nil, from: afternoon, until: afternoon + .hours(1), reason: "x")
    #expect(try #require(try ana.decided(since: version)).hasMutes)
    try ana.write([], suppressed: [suppressed("c", .muted, mute: 2, at: 9)], run: aRun)
    let ended = try ana.endMute(2, at: afternoon + .minutes(10))
    #expect(ended.mute.until == afternoon + .minutes(10) && ended.endedBy == "ana")
    #expect(ended.hidden == 1 && ended.lastHidden == afternoon + .minutes(9))
    #expect(try ana.mutes() == [ended, first])
    #expect(second.mute.rule == nil)
    #expect(
      #expect(throws: Failure.self) { try ana.endMute(2, at: afternoon + .hours(1)) }?.description
        == "mute 2 was over at \(afternoon + .minutes(10)) (give --at with an earlier time of the"
        + " events to end it there)")
    #expect(
      #expect(throws: Failure.self) { try ana.endMute(9, at: afternoon) }?.description
        == "there is no mute 9 (moonwatch mutes list shows them)")
    #expect(try ana.endMute(1, at: afternoon - .hours(1)).mute.until == afternoon)
    let log = try AuditLog(database).records(AuditLog.Filter())
    #expect(log.prefix(4).map(\.action) == ["mute.end", "mute.end", "run.begin", "mute.add"])
  }

  @Test("An audit that was cut off together with its head is told of by the alerts")
  func cut() throws {
    try ana.acknowledge(id)
    let last = try AuditLog(database).verify().records
    try database.alone { database in
      for name in AuditSchema.triggers { try database.execute(sql: "DROP TRIGGER \(name)") }
      try database.execute(
        sql: """
          DELETE FROM audit WHERE n = \(last);
          UPDATE audit_head SET n = \(last - 1), seal = (SELECT seal FROM audit WHERE n = \(last - 1))
          """)
    }
    #expect(
      try AuditLog(database).verify().problem
        == .init(
          record: last,
          what:
            "it is missing at the end, and so is its mark in the head: alert \(id) tells of record \(last)"
        ))
  }

  @Test("A database from before is brought up: closed alerts are resolved, open ones new")
  func migrated() throws {
    let old = try Folder()
    let queue = try DatabaseQueue(path: old.path + "/moonwatch.db")
    try Schema.migrator.migrate(queue, upTo: "2 sources")
    try queue.write { database in
      try database.execute(sql: "INSERT INTO runs VALUES (1, 'detect', 0, 'x', NULL, 0)")
      for (number, status) in [(1, "open"), (2, "closed")] {
        let line = String(decoding: AlertWriter.line(alert(number)), as: UTF8.self)
        try database.execute(
          sql: """
            INSERT INTO alerts (id, time, event_id, source, kind, severity, title, message,
              compliance, recurrence, incident, json, run, highest_severity, status, disposition)
            VALUES (?, 0, 'e', 's', 'rule', 3, 't', 'm', '[]', 0, 'i', ?, 1, 3, ?, ?)
            """,
          arguments: [alert(number).id, line, status, status == "closed" ? "benign" : nil])
      }
    }
    try queue.close()
    #expect(throws: Failure.self) {
      try Store.Database.open(dataDirectory: old.path, access: .readOnly)
    }
    let store = AlertStore(try Store.Database.open(dataDirectory: old.path, access: .change))
    #expect(try store.alert(alert(1).id).state == .new)
    let closed = try store.alert(alert(2).id)
    #expect(closed.state == .resolved && closed.disposition == .benign)
    #expect(try store.acknowledge(alert(1).id).state == .acknowledged)
  }
}
