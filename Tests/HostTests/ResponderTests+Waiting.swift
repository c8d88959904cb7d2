import Foundation
import GRDB
import Primitives
import Response
import Synchronization
import Testing

@testable import Host
@testable import Store

/// Plugins beside each other, a database that fails, and rows that others change.
extension ResponderTests {
  @Test("A plugin whose other side never answers holds up no other, however much it has to do")
  func slowBesideQuick() throws {
    let count = 270
    let notices = scratch.path + "/notices.jsonl"
    let quick = """
      return escalation {
        id = "quick", when = { rule = "t.login" }, uses = { "notify" },
        run = function(alert) act.notify.send { to = "soc", text = alert.entity } end,
      }
      """
    let server = WebServer { number, _ in
      if number > 0 { return .init() }
      // Is not answered before the others are done, or it is clear that they never will be.
      for _ in 0..<2000 {
        let lines = try? text(of: notices).utf8.count { $0 == 10 }
        if lines == count { return .init() }
        Thread.sleep(forTimeInterval: 0.02)
      }
      return .init(status: 404, body: "the others were held up")
    }
    var settings = try settings(
      ["hook": hook(", timeout = 60 * second"), "quick": quick], acts: ["notify": .file(notices)],
      users: count)
    settings.floodLimit = nil
    settings.grants = hookGrant(server)
    settings.grants["quick"] = grant(["notify"])
    try run(settings)
    #expect(try acts(settings, dead: true).map(\.reason) == [])
    #expect(server.requests.count == count)
  }

  /// What another program does to the database.
  private func meddle(_ settings: Settings, _ sql: String) throws {
    let database = try Store.Database.open(dataDirectory: settings.dataDirectory, access: .change)
    try database.write { try $0.execute(sql: sql) }
  }

  private static let broken = """
    CREATE TRIGGER broken BEFORE UPDATE ON responses WHEN NEW.state = 'running'
      BEGIN SELECT RAISE(ABORT, 'no room'); END
    """

  @Test(
    "A run that cannot write what is left to do fails with the reason, and the next one does it")
  func brokenDatabase() throws {
    let server = WebServer()
    let settings = try settings(
      ["hook": hook(when: ", unclaimed = at_least(1 * second)")],
      grants: hookGrant(server))
    try run(settings)
    try meddle(settings, ResponderTests.broken)
    Thread.sleep(forTimeInterval: 1.1)
    let path = settings.dataDirectory + "/moonwatch.db"
    #expect(failure { try run(settings) } == "\(path): no room")
    #expect(server.requests.isEmpty)
    try meddle(settings, "DROP TRIGGER broken")
    try run(settings)
    #expect(try responses(settings).map(\.state) == [.done])
  }

  @Test("Why acts wait is told again where it passed in between")
  func toldAgain() throws {
    let server = WebServer()
    var settings = try settings(["hook": hook()], users: 2)
    try run(settings)
    settings.grants = hookGrant(server)
    let installation = try Installation(settings)
    let database = try Store.Database.open(dataDirectory: settings.dataDirectory)
    let store = AlertStore(database)
    let told = Told()
    let book = ResponseBook(installation)
    let responder = Responder(database, [book], settings) { told.add($0) }
    responder.secondsAfterFailure = 0.05
    try responder.start()
    defer { responder.stop() }
    for (number, stored) in try store.alerts().enumerated() {
      try database.write { try $0.execute(sql: ResponderTests.broken) }
      try store.write([], owed: book.owed(stored.alert, at: WallClock.now()), run: 1)
      responder.wake()
      for _ in 0..<1000 where told.all.count <= number { Thread.sleep(forTimeInterval: 0.02) }
      try database.write { try $0.execute(sql: "DROP TRIGGER broken") }
      for _ in 0..<1000 where server.requests.count <= number {
        Thread.sleep(forTimeInterval: 0.02)
      }
      #expect(failure { try responder.drain { true } } == "no failure")
    }
    let said = "acts wait: \(settings.dataDirectory)/moonwatch.db: no room"
    #expect(told.all == [said, said])
    #expect(server.requests.count == 2)
  }

  @Test(
    "A question that a person answers a moment before its time is over goes on with that answer")
  func answeredMeanwhile() throws {
    let ask = """
      return playbook {
        id = "ask", when = { rule = "t.login" }, uses = { "http" },
        steps = {
          { "sure?", ask = "Sure?", choices = { "yes", "no" }, within = 0.1 * second,
            otherwise = "no" },
          { "tell", run = function(alert, answers)
              act.http.post { url = "SERVER", json = { said = answers["sure?"] } }
            end },
        },
      }
      """
    let place = Mutex<Settings?>(nil)
    let server = WebServer { number, _ in
      guard number == 0, let settings = place.withLock({ $0 }) else { return .init() }
      // The other question was fetched with the first.
      do {
        let control = Control(settings: settings, asUser: "ana")
        for open in try control.responses(state: "asking", limit: 9) {
          _ = try control.answer(open.id, "yes")
        }
      } catch {
        Issue.record(error)
      }
      return .init()
    }
    let settings = try settings(
      ["ask": ask.replacing("SERVER", with: server.url)],
      grants: ["ask": grant(["http"], hosts: ["127.0.0.1:\(server.port)"])], users: 2)
    place.withLock { $0 = settings }
    try run(settings)
    Thread.sleep(forTimeInterval: 0.2)
    try run(settings)
    #expect(try responses(settings).map(\.state) == [.done, .done])
    #expect(Set(try responses(settings).flatMap(\.answers).map(\.by)) == [nil, "ana"])
    #expect(server.requests.count == 2)
  }

  @Test("Each source's alerts set off the plugins that the source has taken up")
  func sourcesApart() throws {
    let server = WebServer()
    var settings = try settings(["hook": hook()], users: 2)
    try run(settings)
    settings.grants = hookGrant(server)
    let before = ResponseBook(try Installation(settings), of: "a")
    try scratch.write("p/hook.lua", hook().replacing("entity = alert.entity", with: "late = true"))
    let after = ResponseBook(try Installation(settings), of: "b")
    let database = try Store.Database.open(dataDirectory: settings.dataDirectory)
    let store = AlertStore(database)
    for (stored, book) in zip(try store.alerts(), [before, after]) {
      try store.write([], owed: book.owed(stored.alert, at: WallClock.now()), run: 1)
    }
    let responder = Responder(database, [before, after], settings) { Issue.record("\($0)") }
    try responder.start()
    try responder.drain { true }
    responder.stop()
    let bodies = try server.requests.map { try JSONValue.parse($0.body) }
    #expect(bodies.count == 2)
    #expect(bodies.filter { $0["entity"] != nil }.count == 1)
    #expect(bodies.filter { $0["late"] != nil }.count == 1)
  }
}

/// Remembers what was said.
private final class Told: Sendable {
  private let state = Mutex<[String]>([])
  var all: [String] { state.withLock { $0 } }
  func add(_ text: String) { state.withLock { $0.append(text) } }
}
