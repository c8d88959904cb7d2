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
