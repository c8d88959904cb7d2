import Primitives
import Testing

@testable import Host

@Suite("Benchmark of judging", .timeLimit(.minutes(20)))
struct JudgeBenchTests {
  @Test(
    "It reports what alerts cost, their share of the time and what clears them, with all samples")
  func whole() throws {
    let scratch = try Scratch()
    let report = try JudgeBenchJob(
      settings: try shipped(scratch), events: 4000, repeats: 2, command: ["moonwatch", "bench"]
    ).run(progress: NoProgress())
    #expect(
      report.measures.map(\.name) == [
        "judge_us", "raised_us", "raised_cpu_us", "explained_cpu_us", "counterfactual_ms",
        "judging_share_percent",
      ])
    for measure in report.measures {
      #expect(!measure.samples.isEmpty, "\(measure.name)")
      #expect(measure.samples.allSatisfy { $0 > 0 && $0.isFinite }, "\(measure.name)")
    }
    #expect(report.measures[5].samples.count == 2)
    let names = [
      "judge_us", "raised_us", "raised_cpu_us", "explained_cpu_us", "counterfactual_ms",
    ]
    for name in names {
      let ranks = [50, 99, 100].compactMap { report.json["results"]?["\(name)_p\($0)"]?.number }
      #expect(ranks.count == 3 && ranks == ranks.sorted(), "\(name)")
    }
    // Every alert is asked once.
    let verdicts = ["clears_alone", "clears_together", "nothing_clears", "unknown"].compactMap {
      report.json["results"]?[$0]?.integer
    }
    #expect(verdicts.reduce(0, +) == Int64(report.measures[4].samples.count))
    let slowest = (report.json["results"]?.members ?? []).filter {
      $0.key.hasPrefix("counterfactual_ms_p100 ")
    }
    #expect(!slowest.isEmpty)
    #expect(
      slowest.compactMap(\.value.number).max()
        == report.json["results"]?["counterfactual_ms_p100"]?.number)
    #expect(report.json["settings"]?["alerts_per_s"]?.number == 50)
  }
}
