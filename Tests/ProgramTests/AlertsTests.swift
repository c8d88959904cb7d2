import Foundation
import Primitives
import Testing

/// What an analyst asks of stored alerts.
@Suite("Alerts") struct AlertsTests {
  /// A workspace whose `var` holds the alerts of the rules on the demo's events.
  private func workspace() async throws -> Workspace {
    let workspace = try await SmallDemo.workspace()
    try await detect(in: workspace)
    return workspace
  }

  private func detect(in workspace: Workspace) async throws {
    let outcome = try await workspace.run(
      "detect", "demo/events.jsonl", "--source", "generic-jsonl", "--alerts", "alerts.jsonl",
      "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private func list(_ workspace: Workspace, _ filter: String...) async throws -> [JSONValue] {
    let outcome = try await Program.run(
      ["alerts", "list", "--limit", "100000", "--format", "json"] + filter, in: workspace.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONValue.parse(outcome.output)["alerts"].elements
  }

  private func ids(_ alerts: [JSONValue]) -> [String] { alerts.compactMap { $0["id"].text } }

  @Test("The list holds what detect wrote, newest first, and the same after a second run")
  func idempotent() async throws {
    let workspace = try await workspace()
    let first = try await list(workspace)
    let written = try workspace.jsonLines("alerts.jsonl")
    #expect(first.count > 5)
    #expect(Set(ids(first)) == Set(ids(written)))
    let times = first.compactMap { $0["time"].text }
    #expect(times == times.sorted(by: >))
    for entry in first {
      #expect(
        entry.keys == [
          "id", "time", "severity", "entity_field", "entity", "title", "mapping", "cost_usd",
          "message", "status", "joined", "state", "assignee", "disposition", "cost_per", "incident",
        ])
    }
    try await detect(in: workspace)
    #expect(try await list(workspace) == first)
    #expect(try workspace.jsonLines("alerts.jsonl") == written)
  }

  @Test("Every filter keeps what it says and nothing else")
  func filters() async throws {
    let workspace = try await workspace()
    let all = try await list(workspace)
    let written = try workspace.jsonLines("alerts.jsonl")
    let middle = try #require(all[all.count / 2]["time"].text)
    let since = try await list(workspace, "--since", middle)
    let until = try await list(workspace, "--until", middle)
    #expect(ids(since) == ids(all.filter { ($0["time"].text ?? "") >= middle }))
    #expect(ids(until) == ids(all.filter { ($0["time"].text ?? "") < middle }))
    #expect(since.count + until.count == all.count)

    let one = try #require(written.first)
    let field = try #require(one["entity"]["field"].text)
    let value = try #require(one["entity"]["value"].text)
    let ofEntity = Set(ids(all.filter { $0["entity"].text == value }))
    #expect(Set(ids(try await list(workspace, "--entity", value))) == ofEntity)
    #expect(Set(ids(try await list(workspace, "--entity", "\(field)=\(value)"))) == ofEntity)
    #expect(try await list(workspace, "--entity", "terminal=\(value)") == [])
    let refused = try await Program.run(
      ["alerts", "list", "--entity", "other=\(value)"], in: workspace.folder)
    #expect(refused.status == 2 && refused.errors.contains("no source has a field 'other'"))

    let rule = try #require(one["rule"].text)
    #expect(
      Set(ids(try await list(workspace, "--rule", rule)))
        == Set(ids(written.filter { $0["rule"].text == rule })))
    let mapping = try #require(one["mapping"].text)
    #expect(
      Set(ids(try await list(workspace, "--mapping", mapping)))
        == Set(ids(written.filter { $0["mapping"].text == mapping })))
    let severe = try await list(workspace, "--severity", "high")
    #expect(severe.count < all.count)
    #expect(severe.allSatisfy { ["high", "critical"].contains($0["severity"].text) })
    let limited = try await workspace.run("alerts", "list", "--limit", "2", "--format", "csv")
    #expect(limited.output.split(separator: "\n").count == 3)
    #expect(try await list(workspace, "--status", "closed") == [])
  }

  @Test("An alert is shown by the beginning of its id, and explained")
  func show() async throws {
    let workspace = try await workspace()
    let one = try #require(try workspace.jsonLines("alerts.jsonl").first)
    let id = try #require(one["id"].text)
    let shown = try await workspace.run("alerts", "show", String(id.prefix(10)))
    #expect(shown.status == 0)
    #expect(shown.output.contains("alert \(id)"))
    let json = try await workspace.run("alerts", "show", id, "--format", "json")
    let stored = try JSONValue.parse(json.output)
    for key in one.keys { #expect(stored[key] == one[key], "\(key)") }
    let explained = try await workspace.run("explain", id)
    #expect(explained.status == 0)
    for part in [
      "What happened", "Why", "So what", "Now what", "Has it happened before", "Can I trust it",
      "What would have cleared it",
    ] {
      #expect(explained.output.contains("\n\(part)\n"), "\(part)")
    }
    let cleared = try await workspace.run("counterfactual", id, "--format", "json")
    #expect(cleared.status == 0)
    let answer = try JSONValue.parse(cleared.output)
    #expect(answer["alert"].text == id)
    #expect(["clears", "nothing", "unknown"].contains(answer["verdict"].text))
  }

  @Test("An id that no alert has, one that several have, and none at all are told")
  func unknown() async throws {
    let workspace = try await workspace()
    let unknown = Outcome.ended(
      2,
      errors: "moonwatch: no alert has an id that starts with 'zzz' (moonwatch alerts list shows"
        + " them)\n")
    #expect(try await workspace.run("alerts", "show", "zzz") == unknown)
    #expect(try await workspace.run("explain", "zzz") == unknown)
    #expect(try await workspace.run("counterfactual", "zzz") == unknown)
    #expect(try await workspace.run("alerts", "close", "zzz", "--as", "benign") == unknown)
    #expect(
      try await workspace.run("alerts", "show", "")
        == .ended(2, errors: "moonwatch: an alert is named by the start of its id\n"))
    // Ids are hexadecimal: among seventeen, two begin alike.
    let all = ids(try await list(workspace))
    let letters = Dictionary(grouping: all) { $0.prefix(1) }
    let shared = try #require(letters.first { $0.value.count > 1 }?.key)
    let outcome = try await workspace.run("alerts", "show", String(shared))
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.hasPrefix(
        "moonwatch: several alerts have an id that starts with '\(shared)' (give more of it: "))
  }

  @Test("An alert is closed once, and can be opened again; a new run leaves it closed")
  func close() async throws {
    let workspace = try await workspace()
    let id = try #require(ids(try await list(workspace)).first)
    let start = String(id.prefix(12))
    #expect(
      try await workspace.run(
        "alerts", "close", start, "--as", "false-positive", "--note", "a known test")
        == .ended(0, errors: "closed \(id) as false-positive\n"))
    #expect(
      try await workspace.run("alerts", "close", start, "--as", "benign")
        == .ended(
          2,
          errors: "moonwatch: alert \(id) is already closed as false-positive (moonwatch alerts"
            + " reopen opens it again)\n"))
    #expect(ids(try await list(workspace, "--status", "closed")) == [id])
    let shown = try await workspace.run("alerts", "show", start)
    #expect(shown.output.contains("closed as false positive at "))
    #expect(shown.output.contains("Z: a known test"))
    try await detect(in: workspace)
    #expect(ids(try await list(workspace, "--status", "closed")) == [id])
    #expect(
      try await workspace.run("alerts", "reopen", start)
        == .ended(0, errors: "opened \(id) again\n"))
    #expect(try await list(workspace, "--status", "closed") == [])
  }
}
