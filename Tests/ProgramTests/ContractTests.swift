import Foundation
import Primitives
import Testing

/// The keys and columns that other programs read.
@Suite("Contracts") struct ContractTests {
  private static let detectKeys: Set<String> = [
    "events", "dead_letters", "late", "duplicates", "alerts", "suppressed", "findings_by_rule",
    "wall_s", "events_per_s", "latency_ms", "peak_rss_bytes", "stages", "digest",
  ]
  private static let labelledKeys: Set<String> = [
    "roc_auc", "average_precision", "base_rate", "per_scenario",
  ]
  private static let trainKeys: Set<String> = [
    "rows", "columns", "positives", "bin_s", "fit_s", "rounds", "trees", "leaves", "split", "test",
    "per_source", "per_scenario", "feature_importance", "feature_digest", "model_digest",
    "threads", "seed",
  ]
  private static let scenarioKeys = ["injected", "caught", "recall", "interval"]

  private func expectKeys(
    _ value: JSONValue, _ keys: some Sequence<String>,
    at location: SourceLocation = #_sourceLocation
  ) {
    let missing = Set(keys).subtracting(value.keys)
    #expect(missing.isEmpty, "missing are \(missing.sorted())", sourceLocation: location)
    #expect(Set(value.keys).count == value.keys.count, sourceLocation: location)
  }

  @Test("The report, the alerts and the scores of detect, with labels and a model")
  func detect() async throws {
    let workspace = try await SmallDemo.workspace()
    let outcome = try await workspace.run(
      "detect", "demo/events.jsonl", "--source", "generic-jsonl", "--model", "demo/model.json",
      "--labels", "demo/labels-test.csv", "--alerts", "a.jsonl", "--scores", "s.csv", "--report",
      "r.json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")

    let report = try workspace.json("r.json")
    expectKeys(report, ContractTests.detectKeys.union(ContractTests.labelledKeys))
    #expect(report["latency_ms"].keys == ["p50", "p99", "p999"])
    for stage in report["stages"].keys {
      #expect(report["stages"][stage].keys == ["s", "events_per_s"])
    }
    #expect(!report["per_scenario"].keys.isEmpty)
    for name in report["per_scenario"].keys {
      expectKeys(report["per_scenario"][name], ContractTests.scenarioKeys)
    }

    let alerts = try workspace.jsonLines("a.jsonl")
    #expect(Double(alerts.count) == report["alerts"].number)
    #expect(alerts.count > 5)
    for alert in alerts {
      #expect(
        alert.keys == [
          "id", "time", "event_id", "source", "entity", "kind", "rule", "score", "confidence",
          "severity", "title", "message", "reasons", "category", "risk", "cost_usd", "cost_per",
          "compliance", "action", "owner", "sla_seconds", "mapping", "recurrence", "incident",
          "model", "plugins_digest", "response", "past", "score_meaning",
        ])
      #expect(alert["entity"].keys == ["field", "value"])
      for reason in alert["reasons"].elements {
        expectKeys(reason, ["feature", "value", "normal", "contribution"])
      }
      #expect(["rule", "model"].contains(alert["kind"].text))
      #expect(["info", "low", "medium", "high", "critical"].contains(alert["severity"].text))
    }
    #expect(Set(alerts.compactMap { $0["id"].text }).count == alerts.count)

    let scores = try workspace.lines("s.csv")
    #expect(scores.first == "event_id,time,entity_field,entity,score,rules")
    let events = try workspace.jsonLines("demo/events.jsonl")
    let rows = scores.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(rows.map { String($0[0]) } == events.compactMap { $0["id"].text })
    #expect(rows.allSatisfy { $0.count == 6 })
    #expect(rows.allSatisfy { (0.0...1.0).contains(Double($0[4]) ?? -1) })
    #expect(rows.contains { !$0[5].isEmpty })
  }

  @Test("The report of detect without labels, printed by --format json too")
  func detectPlain() async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    let outcome = try await workspace.run(
      "detect", "a.csv", "--source", "card-transactions", "--format", "json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try JSONValue.parse(outcome.output)
    expectKeys(report, ContractTests.detectKeys)
    #expect(ContractTests.labelledKeys.isDisjoint(with: report.keys))
  }

  @Test("The report of the demo")
  func demo() async throws {
    let workspace = try await SmallDemo.workspace()
    let report = try workspace.json("demo.json")
    expectKeys(
      report,
      [
        "events", "days", "seed", "false_alerts_per_day", "alerts_per_day", "precision",
        "average_precision", "base_rate", "per_scenario", "wall_s", "peak_rss_bytes",
      ])
    #expect(report["seed"] == 7)
    for name in report["per_scenario"].keys {
      expectKeys(
        report["per_scenario"][name],
        ContractTests.scenarioKeys + ["first_event", "seconds_to_detect", "mapped_right"])
    }
    let outcome = try await SmallDemo.outcome()
    #expect(outcome.output.contains("The 10 worst alerts"))
    #expect(outcome.output.contains("What was planted, and what was caught"))
    #expect(outcome.output.contains("moonwatch alerts show "))
    #expect(outcome.output.contains("moonwatch explain "))
  }

  @Test("The reports of train and evaluate on events")
  func train() async throws {
    let workspace = try await SmallDemo.workspace()
    let outcome = try await workspace.run(
      "train", "demo/events.jsonl", "--source", "generic-jsonl", "--labels",
      "demo/labels-training.csv", "--until", "2026-03-14", "--rounds", "20", "--seed", "3",
      "--threads", "1", "--model", "m.json", "--report", "r.json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try workspace.json("r.json")
    expectKeys(report, ContractTests.trainKeys)
    expectKeys(report["split"], ["kind", "train_rows", "test_rows"])
    #expect(report["split"]["kind"] == "time")
    expectKeys(
      report["test"], ["roc_auc", "average_precision", "base_rate", "brier", "ece"])
    for name in report["per_scenario"].keys {
      expectKeys(report["per_scenario"][name], ContractTests.scenarioKeys)
    }
    #expect(report["threads"] == 1)
    #expect(report["seed"] == 3)

    let evaluated = try await workspace.run(
      "evaluate", "demo/events.jsonl", "--source", "generic-jsonl", "--labels",
      "demo/labels-test.csv", "--from", "2026-03-20", "--model", "m.json", "--report", "e.json",
      "--quiet")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let evaluation = try workspace.json("e.json")
    expectKeys(evaluation, ["test", "per_source", "per_scenario", "model_digest"])
    expectKeys(evaluation["test"], ["roc_auc", "average_precision", "base_rate", "brier", "ece"])
    #expect(evaluation["model_digest"] == report["model_digest"])
  }

  @Test("The reports of train and score on a table; contributions sum to the margin")
  func table() async throws {
    let workspace = try Workspace()
    try workspace.write("t.csv", Inputs.table(1500))
    let trained = try await workspace.run(
      "train", "--table", "t.csv", "--label", "y", "--rounds", "20", "--depth", "3", "--split",
      "0.7", "--model", "m.json", "--report", "r.json", "--quiet")
    #expect(trained.status == 0, "\(trained.errors)")
    let report = try workspace.json("r.json")
    expectKeys(report, ContractTests.trainKeys.subtracting(["per_source", "per_scenario"]))
    #expect(report["rows"] == 1500)
    #expect(report["columns"] == 3)
    #expect(report["split"]["train_rows"] == 1050)
    #expect(report["split"]["test_rows"] == 450)
    #expect(try #require(report["test"]["roc_auc"].number) > 0.95)

    for (options, header) in [
      ([], ["row", "score"]), (["--margin"], ["row", "margin"]),
      (["--contributions"], ["row", "a", "b", "c", "bias"]),
    ] {
      let name = "\(header[1]).csv"
      let scored = try await Program.run(
        ["score", "--table", "t.csv", "--model", "m.json", "--out", name, "--quiet"]
          + ["--report", "s.json"] + options, in: workspace.folder)
      #expect(scored.status == 0, "\(scored.errors)")
      #expect(try workspace.lines(name).first == header.joined(separator: ","))
      expectKeys(
        try workspace.json("s.json"),
        ["rows", "score_s", "rows_per_s", "single_row_us", "shap_rows_per_s"])
      #expect(try workspace.json("s.json")["single_row_us"].keys.sorted() == ["p50", "p99"])
    }
    let margins = try cells("margin.csv", in: workspace)
    let contributions = try cells("a.csv", in: workspace)
    #expect(margins.count == 1500)
    #expect(contributions.count == 1500)
    for (margin, parts) in zip(margins, contributions) {
      #expect(margin[0] == parts[0])
      let sum = parts.dropFirst().reduce(0, +)
      #expect(abs(sum - margin[1]) < 1e-5, "row \(margin[0])")
    }
    let scores = try cells("score.csv", in: workspace)
    let byMargin = zip(margins.map { $0[1] }, scores.map { $0[1] }).sorted { $0.0 < $1.0 }
    #expect(zip(byMargin, byMargin.dropFirst()).allSatisfy { $0.1 <= $1.1 })
  }

  private func cells(_ name: String, in workspace: Workspace) throws -> [[Double]] {
    try workspace.lines(name).dropFirst().map { line in
      try line.split(separator: ",").map { try #require(Double($0)) }
    }
  }

  @Test(
    "The gate prints its report, writes the same, and its status says whether plugins may go live")
  func gate() async throws {
    let workspace = try await SmallDemo.workspace()
    func gate(_ more: String...) async throws -> (status: Int32?, report: JSONValue) {
      let outcome = try await Program.run(
        [
          "gate", "--events", "demo/events.jsonl", "--source", "generic-jsonl", "--count", "3",
          "--report", "gate.json", "--format", "json", "--quiet",
        ] + more, in: workspace.folder)
      #expect(try workspace.read("gate.json") == outcome.output)
      return (outcome.status, try JSONValue.parse(outcome.output))
    }
    let first = try await gate()
    #expect(first.status == 0)
    expectKeys(
      first.report,
      [
        "passed", "refusals", "events", "days", "seed", "budget_false_alerts_per_day", "before",
        "after",
        "scenarios", "alerts_gained", "alerts_lost",
      ])
    #expect(first.report["before"] == .null)
    expectKeys(
      first.report["after"],
      [
        "plugins_digest", "alerts", "alerts_per_day", "false_alerts_per_day", "us_per_event",
        "set_aside",
      ])
    for scenario in first.report["scenarios"].elements {
      expectKeys(
        scenario,
        ["id", "file", "injected", "before", "after", "lost", "gained", "probability", "worse"])
      expectKeys(scenario["after"], ["caught", "recall", "interval", "caught_by"])
    }
    try workspace.write("none/empty.lua", "return {}\n")
    let against = try await gate("--against", "none")
    #expect(against.status == 0 && against.report["alerts_gained"].elements.count > 10)
    let loud = try await gate("--against", "none", "--budget", "0")
    #expect(loud.status == 1 && loud.report["refusals"].elements.count == 1)
  }

  @Test("The lists of plugins, of their problems and of their cases")
  func plugins() async throws {
    let workspace = try Workspace()
    try workspace.write("mine/bad.lua", "return rule {\n  id = \"x.y\"\n  detct = 1,\n}\n")
    let list = try await workspace.run("plugins", "list", "--format", "json")
    #expect(list.status == 0)
    let listed = try JSONValue.parse(list.output)["plugins"].elements
    #expect(listed.count > 15)
    for entry in listed {
      expectKeys(entry, ["kind", "id", "title", "file"])
      #expect(entry["file"].text?.hasSuffix(".lua") == true)
    }

    let fine = try await workspace.run("plugins", "check", "--format", "json")
    #expect(fine.status == 0)
    #expect(try JSONValue.parse(fine.output)["problems"] == [])
    let check = try await workspace.run("plugins", "check", "mine", "--format", "json")
    #expect(check.status == 1)
    let problems = try JSONValue.parse(check.output)["problems"].elements
    #expect(problems.map { $0["file"] } == ["mine/bad.lua"])
    #expect(problems.map { $0["line"] } == [3])

    let test = try await workspace.run("plugins", "test", "--format", "json")
    #expect(test.status == 0, "\(test.errors)")
    let cases = try JSONValue.parse(test.output)["cases"].elements
    #expect(cases.count > 15)
    for entry in cases { expectKeys(entry, ["file", "suite", "case", "passed"]) }
    #expect(cases.allSatisfy { $0["passed"] == true })
  }
}
