import Foundation
import Primitives
import Testing

/// `produce` makes payments that every other command takes, with what is fraud beside.
@Suite("Producing payments") struct ProduceTests {
  @Test("Payments, their truth beside them, and detection that finds the labels by event")
  func payments() async throws {
    let workspace = try Workspace()
    let made = try await workspace.run(
      "produce", "--tps", "2", "--duration", "1000", "--start", "2026-03-02T08:00:00Z", "--users",
      "50", "--fraud-rate", "0.05", "--seed", "3", "--out", "payments.jsonl")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.errors.contains("2,000 payments, "))
    #expect(made.errors.contains("of them fraud"))
    #expect(made.errors.hasSuffix("truth in payments.labels.csv\n"))
    let events = try workspace.jsonLines("payments.jsonl")
    #expect(events.count == 2000)
    let labels = try workspace.lines("payments.labels.csv")
    #expect(
      labels[0] == "entity_field,entity,start,end,type,name,severity,known_at,event_id")
    #expect(abs(labels.count - 1 - 100) <= 11)
    let ids = Set(events.compactMap { $0["id"]?.text })
    #expect(ids.count == 2000)
    #expect(labels.dropFirst().allSatisfy { ids.contains($0.components(separatedBy: ",")[8]) })
    let detected = try await workspace.run(
      "detect", "payments.jsonl", "--source", "card-transactions", "--labels",
      "payments.labels.csv", "--report", "r.json", "--quiet")
    #expect(detected.status == 0, "\(detected.errors)")
    let report = try workspace.json("r.json")
    #expect(report["events"] == 2000)
    #expect(report["dead_letters"] == 0)
    #expect(report["base_rate"]?.number == Double(labels.count - 1) / 2000)
    #expect(report["sources"]?["card-transactions"]?["events"] == 2000)
    #expect(report["sources"]?["card-transactions"]?["out_of_order"] == 0)
  }

  @Test("The same seed and start give the same bytes on standard output")
  func reproducible() async throws {
    let workspace = try Workspace()
    func bytes(_ seed: String) async throws -> String {
      let outcome = try await workspace.run(
        "produce", "--tps", "10", "--duration", "5", "--start", "2026-03-02", "--seed", seed,
        "--quiet", "--labels", "l.csv")
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    let one = try await bytes("1")
    #expect(one.split(separator: "\n").count == 50)
    #expect(try await bytes("1") == one)
    #expect(try await bytes("2") != one)
  }

  @Test(
    "What makes no sense is refused in a sentence",
    arguments: [
      (["--tps", "0", "--duration", "1"], "--tps is 0.0 (give payments a second, above 0)"),
      (
        ["--tps", "1", "--duration", "-1"],
        "--duration is -1.0 (give seconds, so that there is at least one payment and at most 10,000,000,000)"
      ),
      (["--tps", "1", "--duration", "1", "--users", "0"], "--users is 0 (give 1 to 50,000,000)"),
      (
        ["--tps", "1", "--duration", "1", "--fraud-rate", "1"],
        "--fraud-rate is 1.0 (give a share, such as 0.005)"
      ),
      (
        ["--tps", "1", "--duration", "1", "--start", "soon"],
        "--start is 'soon', not a time (write it as 2026-03-01T14:00:00Z)"
      ),
    ])
  func refused(arguments: [String], message: String) async throws {
    let workspace = try Workspace(linked: false)
    let outcome = try await Program.run(["produce"] + arguments, in: workspace.folder)
    #expect(outcome.status == 2)
    #expect(outcome.errors == "moonwatch: \(message)\n")
    #expect(try workspace.files() == [])
  }

  @Test("An event that comes too late is set aside with the file and line where it stood")
  func late() async throws {
    let workspace = try Workspace()
    var lines = (0..<40).map { hour in
      "2026-03-0\(5 + hour / 20)T\(hour % 20 < 10 ? "0" : "")\(hour % 20):00:00Z"
    }
    lines.append("2026-03-01T00:00:00Z")
    try workspace.write(
      "e.jsonl",
      lines.enumerated().map {
        #"{"time":"\#($1)","id":"e\#($0)","kind":"login","user":"ana"}"# + "\n"
      }.joined())
    let outcome = try await workspace.run(
      "detect", "e.jsonl", "--source", "generic-jsonl", "--report", "r.json", "--data-dir", "v",
      "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try workspace.json("r.json")["late"] == 1)
    let letters = try workspace.jsonLines("v/dead-letters.jsonl")
    #expect(letters.count == 1)
    #expect(letters[0]["reason"]?.text == "late")
    #expect(letters[0]["file"]?.text == "e.jsonl")
    #expect(letters[0]["line"] == 41)
    #expect(letters[0]["byte_offset"]?.number.map { $0 > 2000 } == true)
  }

  @Test("One bad file of a source is told and stops only who asks for it")
  func badSource() async throws {
    let workspace = try Workspace()
    try workspace.write(
      "sources/good.yaml",
      "id: good\nformat: jsonl\ntime: { column: time }\nkind: login\ncolumns: { user: text }\n")
    try workspace.write("sources/bad.yaml", "id: bad\nformat: [jsonl\n")
    try workspace.write("e.jsonl", #"{"time":"2026-03-01T00:00:00Z","user":"ana"}"# + "\n")
    func detect(_ source: String) async throws -> Outcome {
      try await workspace.run(
        "detect", "e.jsonl", "--source", source, "--data-dir", "v",
        environment: ["MOONWATCH_SOURCES": "sources"])
    }
    let good = try await detect("good")
    #expect(good.status == 0, "\(good.errors)")
    #expect(good.errors.contains("sources/bad.yaml:"))
    #expect(good.errors.contains("– the source 'bad' is left out"))
    let bad = try await detect("bad")
    #expect(bad.status == 2)
    #expect(bad.errors.contains("sources/bad.yaml:"))
  }
}
