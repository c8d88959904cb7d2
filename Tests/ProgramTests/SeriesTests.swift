import Foundation
import Primitives
import Testing

@Suite("Metric series") struct SeriesTests {
  /// Two weeks of a load every five minutes, with half a day far below it on the eleventh.
  private func attacked() -> String {
    var lines = Inputs.series(4_032).split(separator: "\n").map(String.init)
    for place in 3_001..<3_145 {
      let time = lines[place].prefix { $0 != "," }
      lines[place] = "\(time),\(20 + place % 3)"
    }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test(
    "Without labels or a model every value has a score, and what is unusual an alert that says why")
  func scores() async throws {
    let workspace = try Workspace()
    try workspace.write("cpu.csv", attacked())
    let outcome = try await workspace.run(
      "detect", "cpu.csv", "--source", "nab", "--scores", "s.csv", "--alerts", "a.jsonl",
      "--report", "r.json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = try workspace.lines("s.csv")
    #expect(lines[0] == "event_id,time,entity_field,entity,score,rules")
    let cells = lines.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(cells.count == 4_032)
    #expect(cells.allSatisfy { $0.count == 6 && $0[2] == "series" && $0[3] == "cpu" })
    let scores = cells.compactMap { Double($0[4]) }
    #expect(scores.count == 4_032 && scores.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(scores[3_000] > 0.5 && cells[3_000][5].contains("series.unusual"))
    // The warm-up scores 0, and of the two weeks at most a handful is found unusual.
    #expect(scores.prefix(100).allSatisfy { $0 == 0 })
    #expect(scores.filter { $0 >= 0.5 }.count <= 8)
    let alerts = try workspace.jsonLines("a.jsonl").filter { $0["rule"] == "series.unusual" }
    #expect(
      alerts.contains { alert in
        alert["event_id"].text == cells[3_000][0] && alert["title"].text == "Unusual metric"
          && alert["message"].text?.hasPrefix("cpu ") == true
          && alert["message"].text?.contains("than ever in ") == true
      }, "\(alerts)")
    let report = try workspace.json("r.json")
    #expect(report["findings_by_rule"]["series.unusual"].number ?? 0 >= 1)
  }

  @Test("Scores are the same with one thread and with three")
  func threads() async throws {
    let workspace = try Workspace()
    try workspace.write("cpu.csv", attacked())
    try workspace.write("net.csv", Inputs.series(1_000))
    var texts: Set<String> = []
    for threads in ["1", "3"] {
      let outcome = try await workspace.run(
        "detect", "cpu.csv", "net.csv", "--source", "nab", "--scores", "s.csv", "--threads",
        threads, "--quiet")
      #expect(outcome.status == 0, "\(outcome.errors)")
      texts.insert(try workspace.read("s.csv"))
    }
    #expect(texts.count == 1)
  }
}
