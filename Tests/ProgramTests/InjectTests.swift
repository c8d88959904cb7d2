import Foundation
import Primitives
import Testing

/// `inject` plants by seed, keeps what was there, and labels what it planted and nothing else.
@Suite("Planting") struct InjectTests {
  /// The layouts of which a small file is made here, with the scenarios that fit it.
  private struct Layout: Sendable, CustomTestStringConvertible {
    var source: String
    var text: @Sendable () -> String
    /// What its labels are called, and the scenarios that plant them.
    var names: Set<String>
    var scenarios: Set<String>
    var testDescription: String { source }
  }

  private static let layouts = [
    Layout(
      source: "cert-logon", text: Inputs.logons,
      names: ["suspicious_login", "off_hours_activity"],
      scenarios: ["auth.login-burst", "auth.off-hours"]),
    Layout(
      source: "card-transactions", text: { Inputs.cards(2500) },
      names: ["velocity_anomaly", "round_amounts"],
      scenarios: ["fraud.card-testing", "fraud.round-amounts"]),
    Layout(
      source: "nab", text: { Inputs.series(3000) },
      names: ["metric_spike", "metric_drift", "metric_sawtooth"],
      scenarios: ["metrics.spike", "metrics.drift", "metrics.sawtooth"]),
  ]

  private func inject(
    _ layout: Layout, seed: Int, into name: String, in workspace: Workspace
  ) async throws {
    let outcome = try await workspace.run(
      "inject", "a.csv", "--source", layout.source, "--seed", "\(seed)", "--count", "3", "--out",
      "\(name).jsonl", "--labels", "\(name).csv", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("One seed gives the same bytes twice, another seed others", arguments: layouts)
  private func seeds(layout: Layout) async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", layout.text())
    try await inject(layout, seed: 5, into: "one", in: workspace)
    try await inject(layout, seed: 5, into: "two", in: workspace)
    try await inject(layout, seed: 6, into: "three", in: workspace)
    #expect(try workspace.read("one.jsonl") == workspace.read("two.jsonl"))
    #expect(try workspace.read("one.csv") == workspace.read("two.csv"))
    #expect(try workspace.read("one.jsonl") != workspace.read("three.jsonl"))
    #expect(try workspace.read("one.csv") != workspace.read("three.csv"))
  }

  @Test("Every event is still there in order, and the labels name what is new", arguments: layouts)
  private func kept(layout: Layout) async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", layout.text())
    try await inject(layout, seed: 5, into: "planted", in: workspace)
    let scored = try await workspace.run(
      "detect", "a.csv", "--source", layout.source, "--scores", "before.csv", "--quiet")
    #expect(scored.status == 0, "\(scored.errors)")
    let before = try workspace.lines("before.csv").dropFirst().map(firstCell)
    let after = try workspace.jsonLines("planted.jsonl")
    let planted = Set(try workspace.lines("planted.csv").dropFirst().map(lastCell))
    let ids = after.compactMap { $0["id"].text }
    #expect(ids.count == after.count)
    // Some of what is planted is the run-up to an attack and bears no label.
    let own = Set(before)
    #expect(ids.filter(own.contains) == before)
    #expect(planted.count > 3)
    #expect(planted.isSubset(of: ids))
    #expect(planted.isDisjoint(with: own))
    let times = after.compactMap { $0["time"].text }
    #expect(times == times.sorted())
    let names = Set(
      try workspace.lines("planted.csv").dropFirst().map { $0.split(separator: ",")[5] })
    #expect(names == Set(layout.names.map { Substring($0) }))
  }

  @Test("What was planted reads back by its source and as JSON alike", arguments: layouts)
  private func readsBack(layout: Layout) async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", layout.text())
    try await inject(layout, seed: 5, into: "planted", in: workspace)
    let events = try workspace.lines("planted.jsonl").count
    for source in [layout.source, "generic-jsonl"] {
      let outcome = try await workspace.run(
        "detect", "planted.jsonl", "--source", source, "--labels", "planted.csv", "--report",
        "\(source).json", "--quiet")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let report = try workspace.json("\(source).json")
      #expect(report["events"].number == Double(events))
      #expect(report["dead_letters"] == 0)
      #expect(Set(report["per_scenario"].keys) == layout.scenarios)
      for name in report["per_scenario"].keys {
        #expect(report["per_scenario"][name]["injected"] == 3)
      }
    }
    let digests = try [layout.source, "generic-jsonl"].map {
      try workspace.json("\($0).json")["digest"]
    }
    #expect(digests[0] == digests[1])
  }

  @Test("train --inject learns from what it plants", arguments: layouts)
  private func trains(layout: Layout) async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", layout.text())
    let outcome = try await workspace.run(
      "train", "a.csv", "--source", layout.source, "--inject", "--model", "m.json", "--report",
      "r.json", "--rounds", "30", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try workspace.json("r.json")
    #expect(try #require(report["positives"].number) > 0)
    #expect(Set(report["per_scenario"].keys).isSubset(of: layout.scenarios))
    #expect(!report["per_scenario"].keys.isEmpty)
    #expect(try #require(report["test"]["roc_auc"].number) > 0.5)
    let used = try await workspace.run(
      "detect", "a.csv", "--source", layout.source, "--model", "m.json", "--quiet")
    #expect(used.status == 0, "\(used.errors)")
  }

  @Test("Where nothing fits, that is said with status 1 and nothing is written")
  func nothingFits() async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    let outcome = try await workspace.run(
      "inject", "a.csv", "--source", "card-transactions", "--scenario", "metrics.spike", "--seed",
      "1", "--out", "e.jsonl", "--labels", "l.csv", "--quiet")
    #expect(
      outcome
        == .ended(
          1,
          errors: "moonwatch: nothing could be planted: scenario 'metrics.spike' was planted 0 of 5"
            + " times: no event is of the kind that it is planted on (choose scenarios that fit"
            + " source 'card-transactions', or give more events)\n"))
    #expect(try workspace.files() == ["a.csv", "config", "plugins", "scenarios"])
  }

  private func firstCell(_ line: String) -> String { String(line.prefix { $0 != "," }) }
  private func lastCell(_ line: String) -> String {
    line.split(separator: ",").last.map(String.init) ?? ""
  }
}
