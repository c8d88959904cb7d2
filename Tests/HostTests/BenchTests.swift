import Primitives
import Testing

@testable import Host

@Suite("Benchmarks of the learner")
struct BenchTests {
  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
  }

  private func keys(_ value: JSONValue) -> [String] {
    guard case .object(let members) = value else { return [] }
    return members.map(\.key)
  }

  private func member(_ value: JSONValue, _ path: String...) -> JSONValue? {
    path.reduce(Optional(value)) { value, key in
      guard case .object(let members)? = value else { return nil }
      return members.first { $0.key == key }?.value
    }
  }

  @Test("Fitting reports every sample, the machine, the command and what was learned")
  func fit() throws {
    let report = try FitBenchJob(
      settings: settings, table: .made(rows: 3000, columns: 6, seed: 1),
      fitting: FittingOptions(rounds: 5, depth: 3), repeats: 3, command: ["moonwatch", "bench"]
    ).run(progress: NoProgress())
    let json = report.json
    #expect(
      keys(json) == [
        "bench", "version", "command", "machine", "settings", "measures", "results",
        "peak_rss_bytes",
      ])
    #expect(member(json, "command") == ["moonwatch", "bench"])
    #expect(keys(member(json, "measures") ?? .null) == ["bin_s", "fit_s", "wall_s", "cpu_s"])
    for measure in report.measures { #expect(measure.samples.count == 3) }
    #expect(member(json, "results", "trees") == 5)
    #expect(member(json, "settings", "train_rows") == 2400)
    guard case .number(let area)? = member(json, "results", "roc_auc") else {
      Issue.record("no roc_auc")
      return
    }
    #expect(area > 0.6)
  }

  @Test("Scoring reports rows a second, one row by itself and explained rows")
  func score() throws {
    let report = try ScoreBenchJob(
      settings: settings, table: .made(rows: 2000, columns: 4, seed: 2), model: nil,
      fitting: FittingOptions(rounds: 4, depth: 3), repeats: 2, command: ["moonwatch"]
    ).run(progress: NoProgress())
    #expect(
      report.measures.map(\.name) == [
        "rows_per_s", "single_row_p50_us", "single_row_p99_us", "shap_rows_per_s",
      ])
    for measure in report.measures { #expect(measure.samples.count == 2) }
    #expect(member(report.json, "settings", "trees") == 4)
  }

  @Test("A median is the middle sample, or between the two in the middle")
  func medians() {
    #expect(BenchReport.Measure("a", unit: "s", samples: [9, 1, 5]).median == 5)
    #expect(BenchReport.Measure("a", unit: "s", samples: [4, 1, 2, 9]).median == 3)
    #expect(BenchReport.Measure("a", unit: "s").median == nil)
  }

  @Test("The plugins' benchmark measures a call, installed rules and a check, and says what it did")
  func lua() throws {
    let json = try LuaBenchJob(rules: 20, files: 30, repeats: 2, command: ["moonwatch", "bench"])
      .run(progress: NoProgress()).json
    #expect(member(json, "bench") == "lua")
    for measure in ["detect_ns", "rule_evaluations_per_s", "check_s", "check_cpu_s"] {
      #expect(member(json, "measures", measure, "samples")?.list?.count == 2, "\(measure)")
      #expect((member(json, "measures", measure, "median")?.number ?? 0) > 0, "\(measure)")
    }
    #expect(member(json, "settings", "rules") == 20)
    #expect(member(json, "settings", "files") == 30)
    let share = try #require(member(json, "results", "candidates_share")?.number)
    #expect((0.015...0.025).contains(share))
    #expect((member(json, "results", "memory_per_rule_bytes")?.number ?? 0) > 10_000)
    #expect(member(json, "results", "set_aside") == 0)
  }

  @Test("The windows' benchmark reports events a second and how the state grows")
  func features() throws {
    let made = try FeatureBenchJob(
      settings: settings,
      input: .made(BenchStream.Recipe(events: 9000, entities: 300, perDay: 3, hotShare: 0.5)),
      repeats: 3, command: ["moonwatch"]
    ).run(progress: NoProgress())
    #expect(made.measures.map(\.name) == ["events_per_s", "wall_s", "cpu_s"])
    for measure in made.measures { #expect(measure.samples.count == 3) }
    #expect((made.measures[0].median ?? 0) > 0)
    #expect(member(made.json, "results", "entities") == 300)
    #expect(member(made.json, "results", "late") == 0)
    #expect(member(made.json, "results", "growth")?.list?.count == 3)
    #expect(member(made.json, "settings", "features") == 27)
  }

  @Test("What windows cost is told for features, lengths, entities and a hot entity")
  func costs() throws {
    let costs = try FeatureBenchJob(
      settings: settings, input: .costs(events: 2000), repeats: 1, command: ["moonwatch"]
    ).run(progress: NoProgress())
    #expect(
      costs.measures.map(\.name) == [
        "features_10_events_per_s", "features_20_events_per_s", "features_50_events_per_s",
        "features_100_events_per_s", "window_1h_events_per_s", "window_1d_events_per_s",
        "window_7d_events_per_s", "window_30d_events_per_s", "entities_1000_events_per_s",
        "hot_percent_0_events_per_s", "hot_percent_10_events_per_s", "hot_percent_50_events_per_s",
      ])
    #expect(costs.measures.allSatisfy { ($0.median ?? 0) > 0 })
  }

  @Test("The windows of a file are measured as the source reads it")
  func featuresOfFile() throws {
    let input = try scratch.write(
      "t.csv",
      """
      TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD
      1,2018-04-01 00:00:00,a,t1,10,1
      2,2018-04-01 00:30:00,b,t1,12.5,0
      3,2018-04-01 00:40:00,b,t1,12.5,0

      """)
    let report = try FeatureBenchJob(
      settings: settings,
      input: .source(inputs: [input], source: "card-transactions", features: "cards"),
      repeats: 1, command: []
    ).run(progress: NoProgress())
    #expect(member(report.json, "settings", "events") == 3)
    #expect(member(report.json, "settings", "features") == 36)
    #expect(member(report.json, "results", "entities") == 3)
  }
}
