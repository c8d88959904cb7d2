import Cases
import Foundation
import GRDB
import Primitives
import Testing

@testable import Store

@Suite("The journal of acts")
struct ActJournalTests {
  private let folder: Folder
  private let responses: ResponseStore
  private let alerts: AlertStore
  private let response: StoredResponse

  /// An escalation on an alert that was begun.
  init() throws {
    folder = try Folder()
    let database = try Store.Database.open(dataDirectory: folder.path)
    let pen = AuditPen.system("run")
    responses = ResponseStore(database, pen: pen)
    alerts = AlertStore(database, pen: pen)
    let run = try alerts.begin(aRun)
    try alerts.write(
      [NewAlert(alert(1))],
      owed: [OwedResponse(plugin: "page", kind: .escalation, alert: alert(1).id, due: afternoon)],
      run: run)
    let due = try #require(try responses.due(of: "page", at: afternoon, limit: 1).first)
    #expect(
      try responses.begin(due, source: "digest", limit: nil, stopsWhenClaimed: false))
    response = try #require(try responses.response(due.id))
  }

  private func entry(_ act: String = "http.post", arguments: String = "{}") -> ActEntry {
    ActEntry(
      key: "k-\(act)", response: response.id, plugin: "page", alert: response.alert, step: "run",
      isUndo: false, act: act, arguments: arguments)
  }

  private func act() throws -> StoredAct { try #require(try responses.acts(of: response.id).first) }

  @Test("An act whose end could not be written down is dead, and its reason says so")
  func unwritten() throws {
    let journal = responses.journal
    #expect(try journal.begin(entry()) == .go(attempt: 1))
    let reason = "its end could not be written down, and whether it was done is not known"
    #expect(try journal.begin(entry()) == .refused(reason))
    #expect(try responses.acts(dead: true, limit: 9).map(\.reason) == [reason])
    #expect(try act().state == .unknown)
    _ = try responses.retry("k-", note: nil)
    #expect(try journal.begin(entry()) == .go(attempt: 1))
  }

  @Test("An act that is tried again is written down with what it is tried with")
  func arguments() throws {
    let journal = responses.journal
    _ = try journal.begin(entry(arguments: #"{"url":"a"}"#))
    try journal.end(entry(), .again("busy"))
    #expect(try journal.begin(entry(arguments: #"{"url":"b"}"#)) == .go(attempt: 2))
    #expect(try act().arguments == #"{"url":"b"}"#)
  }

  @Test("A comment that was refused is refused, and one that is tried again is written")
  func comment() throws {
    let journal = responses.journal
    func notes() throws -> [String] {
      try alerts.history(response.alert).records.filter { $0.action == "alert.note" }
        .compactMap(\.note)
    }
    let entry = entry("case.comment")
    _ = try journal.begin(entry)
    try journal.end(entry, .failed("not granted"))
    #expect(try journal.comment(entry, on: response.alert, "locked") == .refused("not granted"))
    #expect(try notes() == [])
    _ = try responses.retry("k-", note: nil)
    for _ in 0..<2 {
      #expect(try journal.comment(entry, on: response.alert, "locked") == .done(#"{"ok":true}"#))
    }
    #expect(try notes() == ["locked"])
  }

  @Test(
    "What waits for another try when its response ends otherwise is dead again, with the reason")
  func waiting() throws {
    let journal = responses.journal
    _ = try journal.begin(entry())
    try journal.end(entry(), .failed("404"))
    try responses.settle(response, .failed, "404")
    _ = try responses.retry("k-", note: nil)
    let again = try #require(try responses.response(response.id))
    #expect(again.state == .running && again.source == nil)
    try responses.settle(again, .failed, "there is no escalation 'page' any more")
    #expect(
      try responses.acts(dead: true, limit: 9).map(\.reason)
        == ["there is no escalation 'page' any more"])
    #expect(try responses.drop("k-", note: nil).state == .dropped)
  }

  @Test(
    "What the other side said stays as long as a retry may ask for it, that it answered for good")
  func answers() throws {
    let journal = responses.journal
    let answer = #"{"ok":true,"status":200,"body":"long"}"#
    _ = try journal.begin(entry("http.get"))
    try journal.end(entry("http.get"), .done(answer))
    _ = try journal.begin(entry())
    try journal.end(entry(), .failed("404"))
    try responses.settle(response, .failed, "404")
    #expect(try act().answer == answer)
    _ = try responses.drop("k-http.post", note: nil)
    #expect(try act().answer == #"{"ok":true,"status":200}"#)
  }

  @Test("Plugins that have something to do are found among many rows that have ended")
  func waitingPlugins() throws {
    let run = try alerts.begin(aRun)
    let names = ["a", "gone", "later", "page"]
    try alerts.write(
      [NewAlert(alert(2))],
      owed: names.map {
        OwedResponse(
          plugin: $0, kind: .escalation, alert: alert(2).id,
          due: $0 == "later" ? afternoon + .hours(1) : afternoon)
      }, run: run)
    #expect(try responses.waiting(at: afternoon) == ["a", "gone", "page"])
    let a = try #require(try responses.due(of: "a", at: afternoon, limit: 1).first)
    try responses.settle(a, .done)
    #expect(try responses.waiting(at: afternoon) == ["gone", "page"])
    #expect(
      try responses.due(of: "page", at: afternoon, limit: 9).map(\.state) == [.running, .due])
  }
}
