import Cases
import Detection
import Foundation
import GRDB
import Primitives
import Testing

@testable import Store

/// What the audit notices of a database that somebody changed past the program.
struct TamperingTests {
  private let folder: Folder
  private var path: String { folder.path + "/moonwatch.db" }

  init() throws { folder = try Folder() }

  private func store() throws -> AlertStore {
    AlertStore(
      try Store.Database.open(dataDirectory: folder.path),
      pen: AuditPen(Actor(.person, "ana", account: "root"), now: { afternoon }))
  }

  private func finding(_ id: String, with alert: String?, mute: Int64? = nil) -> SuppressedFinding {
    SuppressedFinding(
      id: id, reason: mute == nil ? .joined : .muted, alertID: alert, mute: mute, time: afternoon,
      eventID: "e-\(id)", source: "s", entity: Entity(field: "user", value: "ana"), rule: "r",
      score: 0.25, severity: .high, message: "m")
  }

  /// Four alerts, of which one is closed, three findings, two mutes, a merge, a split and two risks, one of them ended.
  private func fill() throws {
    let store = try store()
    let frozen = FrozenEvidence(
      Evidence(
        event: EventRecord(time: afternoon, id: "e1", source: "s", kind: "login", fields: [:]),
        entity: Entity(field: "user", value: "ana"), findings: [],
        involved: [Entity(field: "user", value: "ana")]))
    let run = try store.begin(aRun)
    try store.write(
      (1...4).map { NewAlert(alert($0), frozen: frozen) },
      joined: [joined(alert(1), count: 2, severity: .high)],
      suppressed: [
        finding("f1", with: alert(1).id), finding("f2", with: alert(1).id),
        finding("f3", with: nil, mute: 1),
      ], run: run)
    try store.finish(run: run, digest: "d", events: 9)
    try store.close(alert(2).id, .benign, note: "n", at: afternoon)
    let ana = Entity(field: "user", value: "ana")
    for rule in [nil, "r"] as [String?] {
      try store.addMute(
        entity: ana, rule: rule, from: afternoon, until: afternoon + .days(1), reason: "a drill")
    }
    try store.endMute(2, at: afternoon + .hours(1), note: "over")
    try store.add(IncidentEdit(.merge([alert(1).id, alert(3).id]), time: afternoon, note: "one"))
    try store.add(IncidentEdit(.split([alert(3).id]), time: afternoon, note: "two"))
    for user in ["ana", "ben"] {
      try store.add(
        RiskOverride(
          entity: Entity(field: "user", value: user), hundredths: 500, since: afternoon,
          until: afternoon + .days(2), note: "watched"))
    }
    #expect(try store.clearOverrides(of: ana, at: afternoon + .hours(1)) == 1)
  }

  private func verdict() throws -> AuditVerdict {
    let database = try Store.Database.open(dataDirectory: folder.path, access: .readOnly)
    return try AuditLog(database).verify()
  }

  private struct Case: CustomTestStringConvertible {
    var sql: String
    var kind: AuditVerdict.Mismatch.Kind
    var id: String
    var what: String
    var testDescription: String { sql }
  }

  private static let cases: [Case] = {
    let one = alert(1).id
    func named(
      _ kind: AuditVerdict.Mismatch.Kind, _ id: String, _ what: String, _ sql: String
    ) -> Case { Case(sql: sql, kind: kind, id: id, what: what) }
    return [
      named(
        .alert, one, "it is gone",
        "DELETE FROM features WHERE alert = '\(one)'; DELETE FROM alert_facts WHERE alert = '\(one)'; DELETE FROM alerts WHERE id = '\(one)'"
      ),
      named(
        .alert, one, "what it says is not what record 2 raised",
        "UPDATE alerts SET json = replace(json, 'message', 'massage') WHERE id = '\(one)'"),
      named(
        .alert, one, "what it says is not what record 2 raised",
        "UPDATE features SET json = replace(json, 'ana', 'eve') WHERE alert = '\(one)'"),
      named(.alert, one, "what it says", "DELETE FROM features WHERE alert = '\(one)'"),
      named(
        .alert, one, "its column 'message' says 'massage'",
        "UPDATE alerts SET message = 'massage' WHERE id = '\(one)'"),
      named(
        .alert, one, "its highest severity is 0",
        "UPDATE alerts SET highest_severity = 0 WHERE id = '\(one)'"),
      named(
        .alert, alert(4).id, "its highest severity is 5",
        "UPDATE alerts SET highest_severity = 5 WHERE id = '\(alert(4).id)'"),
      named(
        .alert, "eve", "no record tells that it was raised",
        """
        PRAGMA defer_foreign_keys = ON; UPDATE alerts SET id = 'eve' WHERE id = '\(one)';
        UPDATE features SET alert = 'eve' WHERE alert = '\(one)';
        UPDATE alert_facts SET alert = 'eve' WHERE alert = '\(one)'
        """),
      named(
        .findings, "kept", "2 are there, and record", "DELETE FROM suppressed WHERE finding = 'f2'"),
      named(
        .findings, "kept", "one or more of the 3",
        "UPDATE suppressed SET message = 'massage' WHERE finding = 'f3'"),
      named(
        .mute, "1", "it is gone", "DELETE FROM mutes WHERE id = 1"),
      named(
        .mute, "2", "it is (user=ana, r,", "UPDATE mutes SET until = until + 1000000 WHERE id = 2"),
      named(
        .mute, "9", "no record tells of it",
        """
        INSERT INTO mutes (id, entity_field, entity, rule, start, until, reason, made, made_by, audit)
        VALUES (9, 'user', 'eve', NULL, 1, 2, 'quiet', 1, 'ana', 1)
        """),
      named(.incident, one, "it is gone", "DELETE FROM incident_edits WHERE word = 'merge'"),
      named(
        .incident, alert(3).id, "it is (merge",
        "UPDATE incident_edits SET word = 'merge' WHERE id = 2"),
      named(.entity, "user=ben", "it is gone", "DELETE FROM entity_overrides WHERE value = 'ben'"),
      named(
        .entity, "user=ben", "it is (user=ben, 1",
        "UPDATE entity_overrides SET hundredths = 1 WHERE value = 'ben'"),
      named(
        .entity, "user=ana", "a risk that the records end still holds",
        "UPDATE entity_overrides SET cleared = NULL"),
    ]
  }()

  @Test(
    "What the records tell of and somebody changed, removed or added is named", arguments: cases)
  private func named(one: Case) throws {
    try fill()
    let whole = try verdict()
    #expect(whole.isWhole, "\(whole.mismatches)")
    try tamper(path, [one.sql])
    let found = try verdict()
    #expect(found.problem == nil)
    #expect(
      found.mismatches.contains {
        $0.kind == one.kind && $0.id == one.id && $0.what.hasPrefix(one.what)
      }, "\(found.mismatches)")
  }

  @Test(
    "Alerts and findings that came again, were raised at last or left by retention are no tampering"
  )
  func lawful() throws {
    try fill()
    let store = try store()
    let run = try store.begin(aRun)
    // An open alert says something new, a closed one stays, a finding is counted elsewhere and one became an alert.
    try store.write(
      [NewAlert(alert(1, severity: .critical)), NewAlert(alert(2, severity: .critical))],
      joined: [joined(alert(4), count: 1, severity: .high)],
      suppressed: [finding("f1", with: alert(4).id)], run: run)
    try store.finish(run: run, digest: "d", events: 1)
    #expect(try verdict().mismatches == [])
    try store.write(
      [NewAlert(alert(7))], joined: [joined(alert(7), count: 1, severity: .high)],
      suppressed: [finding(alert(8).id, with: alert(7).id)], run: run)
    try store.write([NewAlert(alert(8))], run: run)
    #expect(try verdict().mismatches == [])
    let limits = KeepingLimits(span: .days(1), bytes: 1 << 30)
    #expect(try store.leave(limits, at: afternoon + .days(3)).alerts == 6)
    #expect(try verdict().mismatches == [])
  }

  @Test("Findings are sealed by the thousand, at the end of a run and when some are removed")
  func sealed() throws {
    let store = try store()
    let run = try store.begin(aRun)
    func records() throws -> Int {
      var filter = AuditLog.Filter()
      filter.action = "findings.seal"
      return try AuditLog(store.database).records(filter).count
    }
    for batch in 0..<3 {
      try store.write(
        [], suppressed: (0..<400).map { finding("f\(batch)-\($0)", with: nil, mute: 1) }, run: run)
    }
    #expect(try records() == 1)
    try store.write([], suppressed: [finding("late", with: nil, mute: 1)], run: run)
    #expect(try records() == 1)
    // What is not sealed yet may be replaced without a record; what is sealed may not.
    try store.write([], suppressed: [finding("late", with: nil, mute: 2)], run: run)
    #expect(try records() == 1)
    try store.write([], suppressed: [finding("f0-7", with: nil, mute: 2)], run: run)
    #expect(try records() == 2)
    try store.write([], suppressed: [finding("later", with: nil, mute: 1)], run: run)
    try store.finish(run: run, digest: nil, events: 0)
    #expect(try records() == 3)
    #expect(try verdict().isWhole)
  }

  @Test(
    "Alerts beyond the bytes that they may take leave, the oldest first, and the record says how many were open"
  )
  func bytes() throws {
    let store = try store()
    let run = try store.begin(aRun)
    for hour in 0..<20 {
      try store.write(
        [NewAlert(alert(hour + 1))], run: run, at: afternoon + .hours(Int64(hour)))
    }
    try store.close(alert(1).id, .benign, at: afternoon)
    let all = try store.sizes()
    #expect(all.alerts.count == 20 && all.openAlerts == 19)
    let bytes = try #require(all.alerts.bytes)
    let limits = KeepingLimits(span: .days(30), bytes: 1 << 30, alertBytes: bytes * 3 / 4 + 500)
    #expect(try store.leave(limits, at: afternoon + .days(1)).alerts == 5)
    #expect(try store.alerts().map(\.alert.id).sorted() == (6...20).map { alert($0).id })
    var filter = AuditLog.Filter()
    filter.action = "retention.leave"
    let after = try #require(try AuditLog(store.database).records(filter).first?.after)
    #expect(after.contains(#""open_alerts":4"#))
    #expect(try store.leave(limits, at: afternoon + .days(1)) == Left())
    #expect(try verdict().isWhole)
  }
}
