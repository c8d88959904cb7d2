import Cases
import Detection
import Plugins
import Primitives
import Testing

@testable import Host

@Suite("Sequences and silence over a stream")
struct PatternTests {
  private let rules = [
    "sequence.lua": """
    return rule {
      id = "x.sequence", title = "Guessed", severity = "high",
      sequence = {
        { kind = "login", outcome = "failure", times = 3 }, { kind = "login", outcome = "success" },
        within = 1 * hour, by = "user",
      },
      without = { kind = "logoff" },
      features = { seen = history() },
      message = "{user} got in, after {seen} events",
    }
    """,
    "flatline.lua": """
    return rule {
      id = "x.flatline", title = "Silent", severity = "low",
      flatline = { { kind = "metric" }, within = 2 * hour, by = "series", after = 2 },
      message = "{series} has been silent since before {time}",
    }
    """,
    "left.lua": """
    return rule {
      id = "x.left-in", title = "Left in", severity = "low",
      sequence = { { kind = "connect" }, within = 3 * hour, by = "device" },
      without = { kind = "disconnect" },
    }
    """,
  ]

  private func stream(seed: UInt64) -> [EventRecord] {
    var random = SeededRandom(seed: seed)
    var time = Timestamp(seconds: 1_772_442_000)
    return (0..<3000).map { number in
      time = time + .seconds(Int64(random.below(120)))
      let kind = ["login", "login", "login", "logoff", "connect", "disconnect", "metric"][
        random.below(7)]
      var fields: [String: Value] = [:]
      switch kind {
      case "metric": fields = ["series": .text("s\(random.below(30))"), "value": .number(1)]
      case "connect", "disconnect": fields = ["device": .text("d\(random.below(40))")]
      default:
        fields = [
          "user": .text("u\(random.below(20))"),
          "outcome": .text(random.chance(0.6) ? "failure" : "success"),
        ]
      }
      let late = random.chance(0.05) ? TimeSpan.minutes(Int64(random.below(60))) : .zero
      return EventRecord(
        time: time - late, id: "e\(number)", source: "generic-jsonl", kind: kind, fields: fields,
        primaryField: fields.keys.filter { ["user", "device", "series"].contains($0) }.first)
    }
  }

  @Test("Any number of workers and any cut into batches finds the same, byte for byte")
  func deterministic() throws {
    let scratch = try Scratch(rules)
    let bench = try Bench(try shipped(scratch), plugins: [scratch.path])
    #expect(bench.installation.plugins.problems == [])
    for seed in UInt64(1)...3 {
      let events = stream(seed: seed)
      let (wanted, report) = try bench.run(events)
      #expect(Set(report.findingsByRule.keys) == ["x.sequence", "x.flatline", "x.left-in"])
      for (workers, cuts) in [(2, [4096]), (4, [100]), (1, [1]), (2, [7, 901])] {
        let (got, other) = try bench.run(events, workers: workers, cuts: cuts)
        #expect(got.lines == wanted.lines, "\(workers) workers, batches of \(cuts)")
        #expect(got.joins == wanted.joins)
        #expect(other.digest == report.digest)
      }
    }
  }

  @Test("Silence is judged with its entity, the last event heard and the end of the wait")
  func silence() throws {
    let scratch = try Scratch(rules)
    let bench = try Bench(try shipped(scratch), plugins: [scratch.path])
    let start = Timestamp(seconds: 1_772_442_000)
    func metric(_ series: String, _ minutes: Int64) -> EventRecord {
      EventRecord(
        time: start + .minutes(minutes), id: "\(series)-\(minutes)", source: "generic-jsonl",
        kind: "metric", fields: ["series": .text(series), "value": .number(1)],
        primaryField: "series")
    }
    let events =
      [metric("a", 0), metric("a", 1)]
      + (2...122).map { metric("b", $0) }
    let (output, _) = try bench.run(events)
    let alert = try #require(output.alerts.first)
    #expect(output.alerts.count == 1)
    #expect(alert.eventID == "a-1" && alert.rule == "x.flatline")
    #expect(alert.entity?.value == "a" && alert.time == start + .minutes(121))
    #expect(alert.message == "a has been silent since before 2026-03-02T11:01:00Z")
  }

  @Test("A rule that asks for the model's score is silent without a model")
  func score() throws {
    let scratch = try Scratch([
      "s.lua": """
      return rule { id = "x.score", title = "S", severity = "low", when = { score = at_least(0) } }
      """
    ])
    let bench = try Bench(try shipped(scratch), plugins: [scratch.path])
    #expect(try bench.run(stream(seed: 1)).output.alerts.isEmpty)
  }
}
