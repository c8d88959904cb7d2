import Foundation
import Primitives
import Store
import Testing

@testable import Host

/// What a person has done again.
extension ResponderTests {
  /// Asks first, then posts what it was answered to an address that is set.
  private var twice: String {
    """
    return escalation {
      id = "twice", when = { rule = "t.login" }, uses = { "http" },
      settings = { base = setting.url "Where", path = setting.text "Which" },
      run = function(alert, settings)
        local first = act.http.post { url = settings.base .. "/ok", json = { next = settings.path } }
        act.http.post { url = settings.base .. settings.path, json = { id = first.json.id } }
      end,
    }
    """
  }

  private func twiceGrant(_ server: WebServer, _ path: String) -> [String: GrantSettings] {
    ["twice": grant(["http"], ["base": server.url, "path": path])]
  }

  private func picky() -> WebServer {
    WebServer { _, request in
      .init(status: request.line.contains("/bad") ? 404 : 200, body: #"{"id":7}"#)
    }
  }

  @Test("With another setting an act is the same: what was done is not done again by a retry")
  func mendedSetting() throws {
    let server = picky()
    var settings = try settings(["twice": twice], grants: twiceGrant(server, "/bad"))
    try run(settings)
    let dead = try #require(try acts(settings, dead: true).first)
    #expect(try acts(settings).first?.answer == #"{"ok":true,"status":200,"body":"{\"id\":7}"}"#)
    settings.grants = twiceGrant(server, "/good")
    _ = try Control(settings: settings, asUser: "ana").retryAct(dead.key, note: nil)
    try run(settings)
    #expect(
      server.requests.map(\.line) == ["/ok", "/bad", "/good"].map { "POST \($0) HTTP/1.1" })
    #expect(server.requests.last?.body == #"{"id":7}"#)
    let acts = try acts(settings)
    #expect(acts.map(\.state) == [.done, .done])
    #expect(acts.last?.key == dead.key && acts.last?.arguments.contains("/good") == true)
    #expect(acts.map(\.answer) == Array(repeating: #"{"ok":true,"status":200}"#, count: 2))
    #expect(try responses(settings).map(\.state) == [.done])
  }

  @Test(
    "A retry after the file was mended goes on with it; one of a plugin that is gone is dead again")
  func mendedFile() throws {
    let server = picky()
    let settings = try settings(
      ["twice": twice.replacing("settings.path", with: "'/bad'")],
      grants: twiceGrant(server, "/unused"))
    try run(settings)
    let control = Control(settings: settings, asUser: "ana")
    let dead = try #require(try acts(settings, dead: true).first)
    let path = scratch.path + "/p/twice.lua"
    let text = try text(of: path)
    try FileManager.default.removeItem(atPath: path)
    _ = try control.retryAct(dead.key, note: nil)
    try run(settings)
    #expect(
      try acts(settings, dead: true).map(\.reason)
        == ["there is no escalation 'twice' any more"])
    try scratch.write("p/twice.lua", text.replacing("'/bad'", with: "'/good'"))
    _ = try control.retryAct(dead.key, note: nil)
    try run(settings)
    #expect(try acts(settings).map(\.state) == [.done, .done])
    #expect(
      server.requests.map(\.line) == ["/ok", "/bad", "/good"].map { "POST \($0) HTTP/1.1" })
  }
}
