import Foundation
import Testing

/// The console as a program: scripts, pipes and a person at a terminal.
@Suite("The console") struct ReplProgramTests {
  /// A data directory with a few alerts of a login burst.
  private func workspace() async throws -> Workspace {
    let workspace = try Workspace()
    var lines = ""
    func login(_ day: Int, _ clock: String) {
      lines +=
        "{\"time\":\"2026-03-\(day < 10 ? "0" : "")\(day)T\(clock)Z\",\"kind\":\"login\",\"user\":\"ana\",\"device\":\"PC-1\",\"outcome\":\"success\"}\n"
    }
    for day in 2...20 { for hour in 8...17 { login(day, "\(hour < 10 ? "0" : "")\(hour):05:00") } }
    for n in 0..<30 { login(21, "10:0\(n / 10):\(n % 10 * 6 < 10 ? "0" : "")\(n % 10 * 6)") }
    try workspace.write("events.jsonl", lines)
    let detected = try await workspace.run(
      "detect", "events.jsonl", "--source", "generic-jsonl", "--model", "none", "--quiet")
    #expect(detected.status == 0, "\(detected.errors)")
    return workspace
  }

  @Test func `Scripts, pipes and files end with the status that says what happened`() async throws {
    let workspace = try await workspace()
    let one = try await workspace.run("repl", "--execute", "alerts{}[1].rule")
    #expect(one == .ended(0, "auth.login-burst\n"))
    let failed = try await workspace.run("repl", "--execute", "alrts{}\n1")
    #expect(
      failed == .ended(1, errors: "error: unknown name 'alrts', did you mean 'alerts'?\n"))
    let misspelt = try await workspace.run("repl", "--execute", "hlep")
    #expect(misspelt == .ended(1, errors: "error: unknown name 'hlep', did you mean 'help'?\n"))
    // The last event comes long after the alert: the end of the data is where `last` counts back from.
    let last = try await workspace.run("repl", "--execute", "#events{last = 1 * second}")
    #expect(last == .ended(0, "1\n"))
    let nested = try await workspace.run(
      "repl", "--execute", "try(function() try(function() end) end)")
    #expect(
      nested
        == .ended(
          1,
          errors:
            "error: try cannot stand inside of the function of another try (try them one after the other)\n"
        ))
    let unfinished = try await workspace.run("repl", "--execute", "alerts{")
    #expect(
      unfinished
        == .ended(1, errors: "error: the last expression has no end (close its brackets)\n"))
    let both = try await workspace.run("repl", "--execute", "1", "--file", "x")
    #expect(both.status == 2)
    let absent = try await workspace.run("repl", "--file", "no.lua")
    #expect(
      absent == .ended(2, errors: "moonwatch: cannot read the script 'no.lua' (check the path)\n"))
    let piped = try await workspace.run("repl", input: "1 +\n2\n? how many alerts\nx = \u{1}\n")
    #expect(piped.output.hasPrefix("3\n→ count{}\n1\n"))
    #expect(piped.status == 1)
    let file = try await workspace.run(
      "repl", "--execute", "alerts{} > out.csv\nalerts{} > out.csv")
    #expect(
      file
        == .ended(
          1, errors: "wrote out.csv\nerror: 'out.csv' is there already (choose another name)\n"))
    #expect(try workspace.read("out.csv").contains("auth.login-burst"))
    let nothing = try await workspace.run("repl", "--execute", "1", "--data-dir", "none")
    #expect(nothing.status == 2)
  }

  @Test func `A person at a terminal has history, completion, pastes and an end to what runs`()
    async throws
  {
    let workspace = try await workspace()
    let script = Program.repository.appendingPathComponent("Tests/Sessions/repl_session.py").path
    let outcome = try await Program.run(
      [script, Program.moonwatch.path, "var"], program: URL(fileURLWithPath: "/usr/bin/python3"),
      in: workspace.folder, timeout: .seconds(300))
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
