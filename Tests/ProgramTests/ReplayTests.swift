import Foundation
import Primitives
import Testing

/// The same events give the same alerts, however they are read.
@Suite("Replay") struct ReplayTests {
  private static let models = ["none", "demo/model.json"]

  private func digest(
    _ inputs: [String], _ options: String..., model: String, in workspace: Workspace,
    source: String = "generic-jsonl", input: String = ""
  ) async throws -> String {
    let outcome = try await Program.run(
      ["replay"] + inputs + ["--source", source, "--digest", "--model", model, "--quiet"] + options,
      input: input, in: workspace.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    #expect(outcome.output.wholeMatch(of: /[0-9a-f]{64}\n/) != nil)
    return outcome.output
  }

  /// Splits a text at line ends into so many files, each with the header if there is one.
  private func split(
    _ text: String, into count: Int, header: Bool, named name: String, in workspace: Workspace
  ) throws -> [String] {
    var lines = text.split(separator: "\n")
    let first = header ? "\(lines.removeFirst())\n" : ""
    return try (0..<count).map { part in
      let range = (part * lines.count / count)..<((part + 1) * lines.count / count)
      let file = "part-\(part).\(name)"
      try workspace.write(file, first + lines[range].joined(separator: "\n") + "\n")
      return file
    }
  }

  @Test("1, 2 and 4 threads, one file and ten, give one digest", arguments: models)
  func threadsAndFiles(model: String) async throws {
    let workspace = try await SmallDemo.workspace()
    let whole = ["demo/events.jsonl"]
    let one = try await digest(whole, "--threads", "1", model: model, in: workspace)
    for threads in ["2", "4"] {
      #expect(try await digest(whole, "--threads", threads, model: model, in: workspace) == one)
    }
    let parts = try split(
      try workspace.read("demo/events.jsonl"), into: 10, header: false, named: "jsonl",
      in: workspace)
    #expect(try await digest(parts, "--threads", "2", model: model, in: workspace) == one)
    // Nothing of this went to a database.
    #expect(!workspace.exists("var/moonwatch.db"))
  }

  @Test("Ten CSV files, each with a header, give the digest of the one that they were")
  func csvFiles() async throws {
    let workspace = try Workspace()
    try await plantedCards(in: workspace)
    let whole = try await digest(
      ["cards.csv"], "--threads", "1", model: "none", in: workspace, source: "card-transactions")
    let parts = try split(
      try workspace.read("cards.csv"), into: 10, header: true, named: "csv", in: workspace)
    for threads in ["1", "4"] {
      #expect(
        try await digest(
          parts, "--threads", threads, model: "none", in: workspace, source: "card-transactions")
          == whole)
    }
    #expect(whole != (try await digestOfNothing(in: workspace)))
  }

  /// `cards.csv`: card transactions with a burst on one card, so that there is an alert.
  private func plantedCards(in workspace: Workspace) async throws {
    var lines = Inputs.cards(1500).split(separator: "\n").map(String.init)
    let last = try #require(lines.last).split(separator: ",")
    let minute = String(last[1].dropLast(2))
    for second in 10..<50 { lines.append("new-\(second),\(minute)\(second),7,3,1.\(second),0,0") }
    try workspace.write("cards.csv", lines.joined(separator: "\n") + "\n")
  }

  private func digestOfNothing(in workspace: Workspace) async throws -> String {
    try workspace.write("quiet.csv", Inputs.twoCards)
    return try await digest(
      ["quiet.csv"], model: "none", in: workspace, source: "card-transactions")
  }

  @Test("detect reports the digest that replay prints", arguments: models)
  func detect(model: String) async throws {
    let workspace = try await SmallDemo.workspace()
    let outcome = try await workspace.run(
      "detect", "demo/events.jsonl", "--source", "generic-jsonl", "--model", model, "--report",
      "r.json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let reported = try workspace.json("r.json")["digest"].text
    let replayed = try await digest(["demo/events.jsonl"], model: model, in: workspace)
    #expect(reported.map { $0 + "\n" } == replayed)
  }

  @Test("Another amount of one event in an alert gives another digest")
  func changed() async throws {
    let workspace = try Workspace()
    try await plantedCards(in: workspace)
    let before = try await digest(
      ["cards.csv"], model: "none", in: workspace, source: "card-transactions")
    let text = try workspace.read("cards.csv")
    try workspace.write(
      "cards.csv", text.replacingOccurrences(of: ",7,3,1.12,", with: ",7,3,7.12,"))
    let after = try await digest(
      ["cards.csv"], model: "none", in: workspace, source: "card-transactions")
    #expect(before != after)
  }

  @Test("Standard input, .gz and .zst give the digest of the plain file")
  func packed() async throws {
    let workspace = try await SmallDemo.workspace()
    let plain = try await digest(["demo/events.jsonl"], model: "none", in: workspace)
    let pack = try await workspace.bash(
      """
      gzip -c demo/events.jsonl >a.jsonl.gz
      zstd -q -c demo/events.jsonl >a.jsonl.zst
      head -3000 demo/events.jsonl >b.jsonl
      tail -n +3001 demo/events.jsonl | gzip >b.rest.jsonl.gz
      """)
    try #require(pack.status == 0, "\(pack.errors)")
    for inputs in [["a.jsonl.gz"], ["a.jsonl.zst"], ["b.jsonl", "b.rest.jsonl.gz"]] {
      #expect(try await digest(inputs, model: "none", in: workspace) == plain, "\(inputs)")
    }
    let text = try workspace.read("demo/events.jsonl")
    #expect(try await digest(["-"], model: "none", in: workspace, input: text) == plain)
    let piped = try await workspace.bash(
      "cat a.jsonl.zst | moonwatch replay - --source generic-jsonl --digest --quiet")
    #expect(piped.output == plain, "\(piped.errors)")
  }

  @Test("A packed file that was cut off is told", arguments: ["gz", "zst"])
  func cutOff(ending: String) async throws {
    let workspace = try await SmallDemo.workspace()
    let packer = ending == "gz" ? "gzip -c" : "zstd -q -c"
    let outcome = try await workspace.bash(
      """
      \(packer) demo/events.jsonl >whole; head -c 20000 whole >a.jsonl.\(ending)
      moonwatch detect a.jsonl.\(ending) --source generic-jsonl --quiet --alerts alerts.jsonl
      """)
    #expect(outcome.status == 3)
    #expect(outcome.errors.hasPrefix("moonwatch: 'a.jsonl.\(ending)'"), "\(outcome.errors)")
    #expect(!workspace.exists("alerts.jsonl"))
    #expect(workspace.unfinished() == [])
  }
}
