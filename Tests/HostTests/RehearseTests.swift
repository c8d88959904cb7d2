import Cases
import Foundation
import Ingest
import Primitives
import Testing

@testable import Host

@Suite("Rehearsals")
struct RehearseTests {
  private let scratch: Scratch
  private let alert: String

  init() throws {
    scratch = try Scratch([
      "p/page.lua": """
      return escalation {
        id = "page", when = { severity = "high" }, uses = { "http" },
        settings = { url = setting.url "Where", key = setting.secret "Key" },
        run = function(alert, settings)
          act.http.post { url = settings.url, json = { key = settings.key } }
          act.http.post { url = "https://elsewhere.example" }
        end,
      }
      """,
      "p/contain.lua": """
      return playbook {
        id = "contain", when = { entity_field = "user" }, uses = { "directory", "card" },
        steps = {
          { "lock", run = function(alert) act.directory.lock { user = alert.entity } end,
            undo = function(alert) act.directory.unlock { user = alert.entity } end },
          { "block", run = function(alert) act.card.block { card = "c1" } end },
        },
      }
      """,
    ])
    let events = (0..<40).map { EventWriter.line(login("e\($0)", at: Int64($0) * 10)) }
    let path = try scratch.write("a.jsonl", events.joined(separator: "\n") + "\n")
    let outcome = try DetectJob(
      settings: try shipped(scratch),
      options: DetectOptions(inputs: [path], source: "generic-jsonl", keepsAlerts: true)
    ).run(progress: NoProgress())
    alert = try #require(outcome.alerts.first { $0.alert.entity?.field == "user" }).alert.id
  }

  /// What is printed of a rehearsal, an act or a refusal a line, and how it ends.
  private func rehearse(
    _ id: String, _ grants: [String: GrantSettings] = [:], asGranted: Bool = false
  ) throws -> [String] {
    var settings = try shipped(scratch)
    settings.grants = grants
    let rehearsal = try RehearseJob(
      settings: settings, folders: [scratch.path + "/p"], playbook: id, alert: alert,
      asGranted: asGranted
    ).run()
    let lines = rehearsal.lines.flatMap { line -> [String] in
      guard case .done(let step, let isUndo, let acts, let refused) = line else { return [] }
      return acts.map { "\(isUndo ? "undo " : "")\(step): \($0)" } + refused.map(\.reason)
    }
    return lines + [rehearsal.outcome.replacing(scratch.path + "/", with: "")]
  }

  private func grant(
    _ uses: [String], hosts: [String] = [], _ settings: [String: String] = [:]
  ) -> GrantSettings {
    GrantSettings(
      uses: uses.map { .init(text: $0) }, hosts: hosts.map { .init(text: $0) },
      settings: settings.mapValues { .init(text: $0) })
  }

  @Test("What is not granted is refused, and what was done before is undone")
  func playbook() throws {
    let user = "{\"user\":\"ana\"}"
    let refused =
      "act.card.block is refused: 'card' is not granted to contain "
      + "(add it to 'uses' under grants: contain: in the settings)"
    #expect(
      try rehearse("contain", ["contain": grant(["directory"])]) == [
        "lock: directory.lock \(user)", refused, "undo lock: directory.unlock \(user)",
        "failed at 'block': p/contain.lua:6: \(refused)",
      ])
    #expect(
      try rehearse("contain", asGranted: true) == [
        "lock: directory.lock \(user)", "block: card.block {\"card\":\"c1\"}", "done",
      ])
  }

  @Test("An escalation has its settings, reaches only its hosts, and shows no secret")
  func escalation() throws {
    let key = try scratch.write("key", "hunter2")
    chmod(key, 0o600)
    let settings = ["url": "https://pager.example/v2", "key": "file:\(key)"]
    let said = try rehearse("page", ["page": grant(["http"], settings)])
    let refused =
      "act.http.post is refused: 'elsewhere.example' is not among the hosts of page "
      + "(add it to 'hosts' under grants: page: in the settings)"
    #expect(
      said == [
        "run: http.post {\"json\":{\"key\":\"‹secret›\"},\"url\":\"https://pager.example/v2\"}",
        refused, "failed at 'run': p/page.lua:6: \(refused)",
      ])
    let both = try rehearse("page", ["page": grant(["http"], hosts: ["*.example"], settings)])
    #expect(both.count == 3 && both.last == "done")
    #expect(!(said + both).contains { $0.contains("hunter2") })
    #expect(
      failure { _ = try rehearse("page") }
        == "page has no 'key', 'url' to work with (write it to 'settings' under grants: page: in "
        + "\(repository)/config/moonwatch.yaml, or give --as-granted)")
    #expect(try rehearse("page", asGranted: true).last == "done")
    #expect(
      failure { _ = try rehearse("pag") }
        == "there is no playbook or escalation 'pag' (did you mean 'page'?)")
  }
}
