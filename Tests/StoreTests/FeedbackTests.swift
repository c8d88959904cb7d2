import Cases
import Detection
import Primitives
import Testing

@testable import Store

/// Dispositions given in bulk, and alerts handed over one at a time.
struct FeedbackTests {
  private let folder: Folder
  private let store: AlertStore

  init() throws {
    folder = try Folder()
    store = AlertStore(
      try Store.Database.open(dataDirectory: folder.path),
      pen: AuditPen(Actor(.person, "ana", account: "root"), now: { afternoon }))
    let joining = SuppressedFinding(
      id: "f9", reason: .joined, alertID: alert(2).id, time: afternoon, eventID: "e99", source: "s",
      entity: nil, rule: nil, severity: .low, message: "")
    try store.write(
      (1...4).map { NewAlert(alert($0, at: Int64($0))) }, suppressed: [joining], run: aRun)
  }

  @Test("Each line closes its alerts, by id or by event; what cannot be followed is told")
  func bulk() throws {
    let outcome = try store.give(
      [
        FeedbackLine(number: 2, target: .alert(alert(1).id), disposition: .truePositive, note: "n"),
        FeedbackLine(number: 3, target: .event("e99"), disposition: .benign),
        FeedbackLine(number: 4, target: .event("e3"), disposition: .falsePositive),
        FeedbackLine(number: 5, target: .event("nothing\u{1B}"), disposition: .benign),
        FeedbackLine(number: 6, target: .alert(alert(1).id), disposition: .truePositive),
        FeedbackLine(number: 7, target: .alert(alert(1).id), disposition: .benign),
        FeedbackLine(number: 8, target: .alert("zz"), disposition: .benign),
      ], at: afternoon + .hours(1))
    #expect(outcome.closed == 3 && outcome.unchanged == 1)
    #expect(
      outcome.dead.map { "\($0.line): \($0.why)" } == [
        "5: no alert is about the event 'nothing\\u{1B}'",
        "7: alert \(alert(1).id) is already closed as true-positive (moonwatch alerts reopen opens it again)",
        "8: no alert has an id that starts with 'zz' (moonwatch alerts list shows them)",
      ])
    let told = try store.verdicts(limit: 10)
    #expect(
      told.map { $0.stored.disposition } == [.truePositive, .benign, .falsePositive]
        && told.allSatisfy { $0.by == "ana" })
    #expect(told[0].stored.note == "n")
    #expect(
      try store.verdicts(disposition: .benign, limit: 10).map(\.stored.alert) == [alert(2, at: 2)])
    #expect(try store.verdicts(since: afternoon + .hours(2), limit: 10) == [])
    #expect(try store.verdicts(limit: 1).count == 1)
    #expect(try AuditLog(store.database).verify().isWhole)
  }

  @Test(
    "Alerts are handed over oldest first, those that the filter lets through, until the taker fails"
  )
  func stream() throws {
    var seen: [String] = []
    let count = try store.forEachAlert(AlertFilter(since: afternoon + .minutes(2), limit: nil)) {
      (stored) throws(Failure) in seen.append(stored.alert.id)
    }
    #expect(count == 3 && seen == (2...4).map { alert($0).id })
    #expect(throws: Failure.self) {
      try store.forEachAlert(AlertFilter(limit: nil)) { (_) throws(Failure) in
        throw Failure(.internal, "full")
      }
    }
    var exported: ExportedAlert?
    _ = try store.forEachAlert(AlertFilter(until: afternoon + .minutes(1), limit: nil)) {
      (stored) throws(Failure) in exported = stored.exported
    }
    #expect(exported?.alert == alert(1, at: 1) && exported?.state == .new)
  }
}
