import Foundation
import Primitives
import Testing

/// What is made of stored alerts: risk, incidents, the queue and the ledger. One after the other: what one decides counts at
/// once in what another looks at.
@Suite("Judgement", .serialized) struct JudgementTests {
  /// The demo's events judged once for all tests, the first alerts closed.
  private static let shared = Task { () throws -> Workspace in
    let workspace = try await SmallDemo.workspace()
    let outcome = try await workspace.run(
      "detect", "demo/events.jsonl", "--source", "generic-jsonl", "--quiet")
    try #require(outcome.status == 0, "\(outcome.errors)")
    return workspace
  }

  private func json(_ arguments: String...) async throws -> JSONValue {
    let workspace = try await JudgementTests.shared.value
    let outcome = try await Program.run(
      arguments + ["--format", "json"], in: workspace.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONValue.parse(outcome.output)
  }

  private func sum(_ rows: [JSONValue], _ key: String) -> Int {
    rows.reduce(0) { $0 + Int((($1[key].number ?? .nan) * 100).rounded()) }
  }

  @Test("A risk is listed, shown with what sums to it, set by hand and taken back")
  func entities() async throws {
    let workspace = try await JudgementTests.shared.value
    let listed = try await json("entities", "list")["entities"].elements
    let first = try #require(listed.first)
    let field = try #require(first["field"].text)
    let value = try #require(first["entity"].text)
    let at = try #require(first["at"].text)
    let shown = try await json("entities", "show", "\(field)=\(value)")
    #expect(shown["risk"] == first["risk"])
    #expect(sum(shown["contributions"].elements, "points") == sum([shown], "risk"))
    let set = try await workspace.run(
      "entities", "set", "\(field)=\(value)", "--score", "1.5", "--for", "2 days", "--note",
      "=known", "--at", at)
    #expect(set.status == 0)
    #expect(set.errors.hasPrefix("the risk of \(field) \(value) is 1.50 from "))
    let after = try await json("entities", "show", "\(field)=\(value)")
    #expect(after["risk"].number == 1.5)
    #expect(sum(after["contributions"].elements, "points") == 150)
    let csv = try await workspace.run("entities", "show", "\(field)=\(value)", "--format", "csv")
    #expect(csv.output.contains("'=known"))
    let cleared = try await workspace.run(
      "entities", "clear", "\(field)=\(value)", "--at", at)
    #expect(cleared == .ended(0, errors: "the risk of \(field)=\(value) is computed again\n"))
    #expect(try await json("entities", "show", "\(field)=\(value)")["risk"] == first["risk"])
    let again = try await workspace.run("entities", "clear", "\(field)=\(value)", "--at", at)
    #expect(again.status == 2)
    let past = try await json("entities", "list", "--at", "2020-01-01")["entities"].elements
    #expect(past == [])
  }

  @Test("Incidents hold every alert once; two are merged and split again")
  func incidents() async throws {
    let workspace = try await JudgementTests.shared.value
    let listed = try await json("incidents", "list", "--limit", "100000")["incidents"].elements
    let alerts = try await json("alerts", "list", "--limit", "100000")["alerts"].elements
    #expect(listed.reduce(0) { $0 + ($1["alerts"].integer ?? 0) } == Int64(alerts.count))
    let ids = listed.prefix(2).compactMap { $0["id"].text }
    let (a, b) = (try #require(ids.first), try #require(ids.last))
    let before = try await json("incidents", "show", a)
    let other = try await json("incidents", "show", b)
    let merged = try await workspace.run("incidents", "merge", a, b)
    #expect(merged.status == 0)
    let count = before["timeline"].elements.count + other["timeline"].elements.count
    #expect(merged.errors.hasSuffix(" has \(count) alerts\n"))
    let whole = try await json("incidents", "show", String(merged.errors.prefix(20)))
    #expect(whole["edited"] == true)
    #expect(whole["graph"]["edges"].elements.count >= count)
    let twice = try await workspace.run("incidents", "merge", a, a)
    #expect(
      twice
        == .ended(
          2, errors: "moonwatch: these are one incident already (name two, or alerts of two)\n"))
    let moved = other["timeline"].elements.compactMap { $0["alert"].text }
    let split = try await Program.run(
      ["incidents", "split", String(merged.errors.prefix(20))] + moved, in: workspace.folder)
    #expect(split.status == 0, "\(split.errors)")
    #expect(try await json("incidents", "show", a)["timeline"] == before["timeline"])
    let unknown = try await workspace.run("incidents", "show", "inc-zzz")
    #expect(
      unknown
        == .ended(
          2,
          errors:
            "moonwatch: no incident has an id or an alert that starts with 'inc-zzz' (moonwatch"
            + " incidents list shows them)\n"))
  }

  @Test("The queue is in order of worth, and the ledger's totals are the sums of its rows")
  func queue() async throws {
    let workspace = try await JudgementTests.shared.value
    let ranked = try await json("queue", "--budget", "3", "--per", "team")
    let worth = ranked["alerts"].elements.compactMap { $0["worth_usd"].number }
    #expect(worth == worth.sorted(by: >))
    #expect(ranked["alerts"].elements.count { $0["kept"] == true } >= 3)
    #expect(
      sum(ranked["cuts"].elements, "kept_worth_usd")
        + sum(ranked["cuts"].elements, "left_worth_usd")
        == sum(ranked["alerts"].elements, "worth_usd"))
    let last = try #require(ranked["alerts"].elements.last?["alert"].text)
    let first = try #require(ranked["alerts"].elements.first?["alert"].text)
    for (id, word) in [(first, "true-positive"), (last, "false-positive")] {
      let closed = try await workspace.run("alerts", "close", id, "--as", word)
      #expect(closed.status == 0)
    }
    let ledger = try await json("ledger")
    #expect(ledger["totals"]["decisions"].integer == 2)
    for key in ["loss_stopped_usd", "labour_usd", "friction_usd", "net_usd"] {
      #expect(sum(ledger["rows"].elements, key) == sum([ledger["totals"]], key), "\(key)")
    }
    #expect(sum([ledger["totals"]], "labour_usd") == 20_00)
    #expect(sum([ledger["totals"]], "friction_usd") == 5_00)
    let shown = try await workspace.run("alerts", "show", first)
    #expect(shown.output.contains("This entity, this rule and meaning: "))
  }
}
