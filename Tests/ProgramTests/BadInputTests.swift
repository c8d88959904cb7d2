import Foundation
import Primitives
import Testing

/// What `detect` says about files that it cannot read, and what it does with records that it cannot.
@Suite("Bad input") struct BadInputTests {
  private func detect(
    _ file: String, in workspace: Workspace, source: String = "card-transactions",
    _ more: String...
  ) async throws -> Outcome {
    try await Program.run(
      ["detect", file, "--source", source, "--quiet"] + more, in: workspace.folder)
  }

  @Test("A missing file is named")
  func missing() async throws {
    let workspace = try Workspace()
    #expect(
      try await detect("none.csv", in: workspace)
        == .ended(3, errors: "moonwatch: cannot read 'none.csv': no such file (check the path)\n"))
  }

  @Test("A file name cannot move the cursor of the terminal that it is told on")
  func hostileName() async throws {
    let workspace = try Workspace()
    let outcome = try await workspace.run(
      "detect", "no\u{1B}[31mfile", "--source", "nab", "--model", "none")
    #expect(outcome.status == 3)
    #expect(
      outcome.errors
        == "moonwatch: no file matches 'no\\u{1B}[31mfile' (check the folder and the pattern)\n")
  }

  @Test("A folder is no file of events")
  func folder() async throws {
    let workspace = try Workspace()
    #expect(
      try await detect("config", in: workspace)
        == .ended(
          3, errors: "moonwatch: cannot read 'config': it is a directory (name the files in it)\n"))
  }

  @Test("A wrong column in a header is named with the nearest one")
  func wrongColumn() async throws {
    let workspace = try Workspace()
    try workspace.write(
      "a.csv", Inputs.twoCards.replacingOccurrences(of: "CUSTOMER_ID", with: "CUSTOMR_ID"))
    #expect(
      try await detect("a.csv", in: workspace)
        == .ended(
          3,
          errors: "moonwatch: a.csv:1: column 'CUSTOMER_ID' of source 'card-transactions' is"
            + " missing, did you mean 'CUSTOMR_ID'?\n"))
  }

  @Test("An empty file is told, a header alone is no event")
  func empty() async throws {
    let workspace = try Workspace()
    try workspace.write("empty.csv", "")
    #expect(
      try await detect("empty.csv", in: workspace)
        == .ended(
          3, errors: "moonwatch: 'empty.csv' is empty (leave it out or check how it was made)\n"))
    try workspace.write("header.csv", Inputs.cardHeader + "\n")
    let outcome = try await detect("header.csv", in: workspace)
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("0 alerts · 0 events read"))
  }

  @Test("A binary file is told from text", arguments: ["csv", "jsonl"])
  func binary(_ format: String) async throws {
    let workspace = try Workspace()
    var random = SeededRandom(seed: 9)
    let bytes = (0..<50_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    try workspace.write("a.\(format)", bytes: bytes)
    let source = format == "csv" ? "card-transactions" : "generic-jsonl"
    #expect(
      try await detect("a.\(format)", in: workspace, source: source)
        == .ended(
          3,
          errors: "moonwatch: 'a.\(format)' does not look like \(format): it holds NUL bytes"
            + " (text should be UTF-8, plain, .gz or .zst)\n"))
  }

  @Test("A line of 20 MiB is set aside, the rest is read, and memory stays small")
  func longLine() async throws {
    let workspace = try Workspace()
    var bytes = Array(Inputs.twoCards.utf8)
    bytes += Array("3,2018-04-01 00:03:00,".utf8)
    bytes += Array(repeating: UInt8(ascii: "x"), count: 20 << 20)
    bytes += Array(",3156,57.16,0,0\n4,2018-04-01 00:04:00,596,3156,57.16,0,0\n".utf8)
    try workspace.write("a.csv", bytes: bytes)
    let outcome = try await detect("a.csv", in: workspace, "--report", "r.json")
    #expect(outcome.status == 0)
    #expect(
      outcome.output.contains("3 events read · 1 could not be read in var/dead-letters.jsonl"))
    let letters = try workspace.jsonLines("var/dead-letters.jsonl")
    #expect(letters.map { $0["line"] } == [4])
    #expect(letters.first?["reason"] == "too_long")
    #expect(letters.first?["detail"] == "the record is longer than 1048576 bytes")
    #expect(letters.first?["raw"].text?.utf8.count == 1024)
    let report = try workspace.json("r.json")
    #expect(report["dead_letters_by_reason"] == ["too_long": 1])
    #expect(try #require(report["peak_rss_bytes"].number) < 300e6)
  }

  @Test("A record that is not UTF-8 is set aside in base64; with --strict it ends the run")
  func invalidUTF8() async throws {
    let workspace = try Workspace()
    let bad = Array("3,2018-04-01 00:03:00,a".utf8) + [0xFF, 0xFE] + Array("b,1,2.5,0,0".utf8)
    let bytes = Array(Inputs.twoCards.utf8) + bad + [UInt8(ascii: "\n")]
    try workspace.write("a.csv", bytes: bytes)
    let outcome = try await detect("a.csv", in: workspace)
    #expect(outcome.status == 0)
    #expect(
      outcome.output.contains("2 events read · 1 could not be read in var/dead-letters.jsonl"))
    let letter = try #require(try workspace.jsonLines("var/dead-letters.jsonl").first)
    #expect(letter.keys == ["file", "line", "byte_offset", "reason", "detail", "raw_base64"])
    #expect(letter["reason"] == "invalid_utf8")
    #expect(letter["raw_base64"].text == Data(bad).base64EncodedString())
    #expect(
      try await detect("a.csv", in: workspace, "--strict")
        == .ended(
          3,
          errors: "moonwatch: a.csv:4: the record is not UTF-8 (correct it, or leave --strict out"
            + " to set such records aside)\n"))
  }

  @Test("An unknown source is named with the nearest one, or with all of them")
  func unknownSource() async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    #expect(
      try await detect("a.csv", in: workspace, source: "card-transaction")
        == .ended(
          2,
          errors: "moonwatch: unknown source 'card-transaction' (did you mean"
            + " 'card-transactions'?)\n"))
    let outcome = try await detect("a.csv", in: workspace, source: "zzzzzzzz")
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("moonwatch: unknown source 'zzzzzzzz' (known: "))
    #expect(outcome.errors.contains("card-transactions, cert-device, cert-logon, cloudtrail"))
  }

  @Test("Labels that are no labels are told by file and line")
  func labels() async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    #expect(
      try await detect("a.csv", in: workspace, "--labels", "none.csv")
        == .ended(3, errors: "moonwatch: cannot read 'none.csv': no such file (check the path)\n"))
    #expect(
      try await detect("a.csv", in: workspace, "--labels", "a.csv")
        == .ended(
          3, errors: "moonwatch: a.csv:1: column 'entity_field' of the labels is missing\n"))
  }

  @Test("Models that are missing, damaged or of something else are refused")
  func models() async throws {
    let workspace = try await SmallDemo.workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    try workspace.write("empty.json", "{}")
    try workspace.write("cut.json", String(try workspace.read("demo/model.json").prefix(3000)))
    let expected: [(model: String, status: Int32, message: String)] = [
      ("none.json", 3, "none.json cannot be read (check the name and the permissions)"),
      (
        "empty.json", 3,
        "empty.json: this is not a model file (give a file written by 'moonwatch train', by XGBoost"
          + " as JSON or by LightGBM as text)"
      ),
      (
        "cut.json", 3,
        "cut.json: this is not JSON, or a number in it does not fit its place (the file is"
          + " damaged; save it again)"
      ),
    ]
    for (model, status, message) in expected {
      #expect(
        try await detect("a.csv", in: workspace, "--model", model)
          == .ended(status, errors: "moonwatch: \(message)\n"))
    }
    let other = try await detect("a.csv", in: workspace, "--model", "demo/model.json")
    #expect(other.status == 2)
    #expect(
      other.errors.wholeMatch(
        of: try Regex(
          "moonwatch: the model was trained on features [0-9a-f]+, source 'card-transactions' has"
            + " [0-9a-f]+ \\(score with the source and feature set that it was trained with, or"
            + " train again\\)\n")) != nil, "\(other.errors)")
  }
}
