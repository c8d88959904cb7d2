import Foundation
import Testing

/// `at` of the console over a service that was stopped, changed and started again.
@Suite("How things stood", .timeLimit(.minutes(20)))
struct MomentTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    try workspace.write(
      "moment.yaml",
      """
      sources: config/sources
      owners: config/owners.yaml
      lists: l
      plugins: [p]
      run:
        inputs:
          - source: generic-jsonl
            paths: [events.jsonl]
      """)
  }

  private func rule(_ least: Int) -> String {
    """
    return rule {
      id = "t.logins", title = "Logins", severity = "high", on = { kind = "login" }, per = "user",
      features = { n = count { within = 1 * hour } },
      when = { n = at_least(\(least)) },
      message = "{user} signed in",
    }

    """
  }

  /// A run over the events of one more day, by a rule and a list of its own.
  private func day(_ day: Int) async throws {
    try workspace.write("p/logins.lua", rule(day))
    try workspace.write("l/vips.txt", (0..<day).map { "vip-\($0) # since day \(day)\n" }.joined())
    let before = workspace.exists("events.jsonl") ? try workspace.read("events.jsonl") : ""
    let lines = (0..<10).map {
      #"{"time":"2026-03-0\#(day)T10:0\#($0):00Z","kind":"login","user":"ana","id":"e\#(day)-\#($0)"}"#
        + "\n"
    }
    try workspace.write("events.jsonl", before + lines.joined())
    let outcome = try await workspace.run(
      "run", "--no-restart", "--until-idle", "--config", "moment.yaml")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private func ask(_ lua: String, _ options: String...) async throws -> Outcome {
    try await workspace.bash(
      "moonwatch repl --config moment.yaml \(options.joined(separator: " ")) --execute \"$LUA\" 2>&1 || true",
      environment: ["LUA": lua, "COLUMNS": "120"])
  }

  private func answer(_ lua: String) async throws -> String { try await ask(lua).output }

  @Test("Three days later each day shows the rule, the list and the plugins that judged it")
  func days() async throws {
    for day in 1...3 { try await self.day(day) }
    for day in 1...3 {
      let time = "2026-03-0\(day) 12:00"
      #expect(try await answer("at(\"\(time)\").rule(\"t.logins\").text") == rule(day) + "\n")
      #expect(
        try await answer("at(\"\(time)\"):list(\"vips\")")
          == (0..<day).map { "\($0 + 1)  vip-\($0)\n" }.joined())
      #expect(
        try await answer("at(\"\(time)\").in_force_from.time") == "2026-03-0\(day)T10:00:00Z\n")
    }
    let first = try await answer("at(\"2026-03-01 12:00\")")
    let shape = first.replacing(/[0-9a-f]{12}/, with: "#").replacing(
      /written [-0-9T:]+Z/, with: "written #")
    #expect(
      shape.hasSuffix(
        """

        Who judged
          generic-jsonl, from 2026-03-01T10:00:00Z on (written #)
          model    none
          plugins  #, and # now: 1 rule
                   t.logins #: its file is another now
          lists    1 other
                   vips: 1 entry, 3 now

        """), "\(first)")
    #expect(
      try await answer("at(\"2026-03-03 12:00\")").contains(
        "those of now: 1 rule\n  lists    1 as now\n"))
    let text = try await answer("at(\"2026-03-01 12:00\").rule(\"t.logins\")")
    #expect(
      text.hasSuffix(
        """
        What is otherwise now (- then, + now):
        @@ line 4
        -   when = { n = at_least(1) },
        +   when = { n = at_least(3) },

        """), "\(text)")
    #expect(text.contains("4    when = { n = at_least(1) },\n"))
    // One list of rows in CSV, one object in JSON, without the functions.
    let json = try await ask("at(\"2026-03-01 12:00\")", "--mode", "json")
    #expect(json.output.contains("\"known_from\"") == false)
    #expect(json.output.contains("\"rule\": \"t.logins\"") && !json.output.contains("function"))
    #expect(
      try await answer("at(\"2026-03-01 12:00\").rules").contains("t.logins"))
  }

  @Test("Before the first record it says from when it knows, and what was not there")
  func before() async throws {
    try await day(1)
    let early = try await answer("at(\"2026-02-01 12:00\")")
    #expect(
      early.contains(
        "  which rules, lists and model judged at 2026-02-01T12:00:00Z was not kept: it is known from 2026-03-01T10:00:00Z on (written "
      ), "\(early)")
    let json = try await ask("at(\"2026-02-01 12:00\").known_from.time")
    #expect(json.output == "2026-03-01T10:00:00Z\n")
    let rule = try await answer("at(\"2026-02-01 12:00\").rule(\"t.logins\")")
    #expect(rule.hasPrefix("error: which rules, lists and model judged at 2026-02-01T12:00:00Z"))
    #expect(
      try await answer("at(\"2026-03-01 12:00\").rule(\"t.login\")")
        == "error: there was no rule 't.login' at 2026-03-01T12:00:00Z (did you mean 't.logins'?)\n"
    )
    #expect(
      try await answer("at(\"2026-03-01 12:00\").list()")
        == "error: list needs a name (such as at(…).list(\"blocked\"))\n")
    #expect(
      try await answer("at(\"2026-03-01 12:00\").model_file()")
        == "error: no model judged at 2026-03-01T12:00:00Z (rules alone did)\n")
    let doctor = try await workspace.bash("moonwatch doctor --config moment.yaml || true")
    #expect(
      doctor.output.contains("1 change of rules, lists and models in "), "\(doctor.output)")
  }
}
