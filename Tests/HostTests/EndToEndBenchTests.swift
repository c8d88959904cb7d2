import Primitives
import Testing

@testable import Host

@Suite("Benchmark of the whole way", .timeLimit(.minutes(20)))
struct EndToEndBenchTests {
  @Test("The pace ends when everything that was written has been judged, and not before")
  func paceEnd() {
    let stop = StopRequest()
    let end = PaceEnd(stop)
    end.judged(600)
    #expect(!stop.isStopping)
    end.wrote(1000)
    end.judged(399)
    #expect(!stop.isStopping)
    end.judged(1)
    #expect(stop.isStopping)
    // The writer may be the last to tell.
    let other = StopRequest()
    let late = PaceEnd(other)
    late.judged(1000)
    #expect(!other.isStopping)
    late.wrote(1000)
    #expect(other.isStopping)
  }

  @Test("It reports speed, stages and the latency at a steady pace, with all samples")
  func whole() throws {
    let scratch = try Scratch()
    let report = try EndToEndBenchJob(
      settings: try shipped(scratch), events: 2000, model: nil, rate: 500, seconds: 1, repeats: 2,
      command: ["moonwatch", "bench"]
    ).run(progress: NoProgress())
    let names = report.measures.map(\.name)
    #expect(names.starts(with: ["events_per_s", "cpu_ns_per_event", "features_s"]))
    #expect(names.contains("rules_s") && names.contains("commit_s"))
    #expect(names.suffix(3) == ["latency_p50_ms", "latency_p99_ms", "latency_p999_ms"])
    #expect(report.measures.allSatisfy { !$0.samples.isEmpty })
    #expect(report.measures[0].samples.count == 2)
    // A second of warming and one that counts, at 500 a second.
    #expect(report.json["results"]?["paced_events"] == 1000)
  }
}
