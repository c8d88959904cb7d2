import Cases
import Detection
import Ingest
import Primitives
import Testing

@testable import Host

@Suite("The numbers that a rule decided by")
struct DecidedNumberTests {
  private let scratch: Scratch
  private var settings: Settings

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
  }

  private func reports(_ values: [Double]) -> String {
    values.enumerated().map { place, value in
      let time = Timestamp(seconds: 1_772_442_000) + .minutes(Int64(place) * 5)
      return
        "{\"time\":\"\(time)\",\"id\":\"m\(place)\",\"kind\":\"metric\",\"series\":\"latency\","
        + "\"value\":\(value)}\n"
    }.joined()
  }

  private func alerts(_ values: [Double], of rule: String) throws -> [Alert] {
    let file = try scratch.write("events.jsonl", reports(values))
    return try DetectJob(
      settings: settings, options: .init(inputs: [file], source: "generic-jsonl")
    ).run(progress: NoProgress()).alerts.map(\.alert).filter { $0.rule == rule }
  }

  private let creeping =
    (0..<240).map { 29 + Double($0 % 3) } + (1...20).map { 30 + Double($0) * 3 }

  @Test("What the last condition of its function compared is told first, with what was asked")
  func drift() throws {
    let alert = try #require(try alerts(creeping, of: "metrics.drift").first)
    #expect(alert.reasons.prefix(2).map(\.feature) == ["half_hour_ago", "last_half_hour"])
    let first = try #require(alert.reasons.first)
    #expect(
      first.text.hasPrefix("half hour ago ")
        && first.text.contains("; the rule asks for at least 1.1 * two_hours_ago = "),
      "\(first.text)")
    #expect(!alert.reasons.contains { $0.text.contains("as usual") })
    #expect(!alert.reasons.contains { $0.text.contains("amount") }, "a series has a value")
  }

  @Test("A rule that keeps variables is not asked twice, and tells of its features")
  mutating func keeping() throws {
    try scratch.write(
      "plugins/keeps.lua",
      """
      local calls = 0
      return rule {
        id = "t.keeps", title = "T", severity = "low", on = { kind = "metric" }, per = "series",
        features = { reports = count { within = 1 * hour } },
        detect = function(event, f)
          calls = calls + 1
          if calls == 50 then return "the fiftieth" end
        end,
      }
      """)
    settings.plugins = [scratch.path + "/plugins"]
    let alert = try #require(try alerts(creeping, of: "t.keeps").first)
    #expect(alert.eventID == "m49" && alert.reasons.map(\.feature) == ["reports"])
  }
}
