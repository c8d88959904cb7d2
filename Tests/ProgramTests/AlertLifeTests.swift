import Foundation
import Primitives
import Testing

/// What people do with alerts, as they do it on the command line. One data directory, asked in order.
@Suite("Alert life", .serialized) struct AlertLifeProgramTests {
  @Test(
    "An alert is taken up, worked on, closed and told of; mutes hide it from the next run; the audit is whole"
  )
  func life() async throws {
    let workspace = try Workspace()
    var lines = ""
    for number in 0..<30 {
      lines += """
        {"time":"2026-03-21T10:0\(number / 10):\(number % 10 * 6 < 10 ? "0" : "")\(number % 10 * 6)Z",\
        "kind":"login","user":"ana","device":"PC-1","outcome":"success"}\n
        """
    }
    try workspace.write("events.jsonl", lines)
    func run(_ line: String, status: Int32 = 0) async throws -> Outcome {
      let words = line.split(separator: " ").map { String($0).replacing("_", with: " ") }
      let outcome = try await Program.run(words, in: workspace.folder)
      #expect(outcome.status == status, "\(line): \(outcome.output)\(outcome.errors)")
      return outcome
    }
    func detect() async throws -> JSONValue {
      _ = try await run(
        "detect events.jsonl --source generic-jsonl --model none --quiet --report r.json")
      return try JSONValue.parse(
        String(contentsOf: workspace.folder.appendingPathComponent("r.json"), encoding: .utf8))
    }
    let first = try await detect()
    #expect(first["alerts"] == .integer(1) && first["muted"] == .integer(0))
    let listed = try JSONValue.parse(try await run("alerts list --format json").output)
    let id = try #require(listed["alerts"].elements.first?["id"].text)
    #expect(listed["alerts"].elements[0]["state"] == .text("new"))

    let shown = try JSONValue.parse(try await run("alerts show \(id) --format json").output)
    let joined = try #require(shown["joined"].integer)
    #expect(joined > 0 && shown["suppressed"].elements.count == min(10, Int(joined)))
    #expect(shown["suppressed"].elements[0]["reason"] == .text("joined"))
    #expect(shown["suppressed"].elements[0]["rule"] == shown["rule"])

    #expect(
      try await run("alerts ack \(id) --as-user ana").errors == "acknowledged \(id)\n")
    #expect(
      try await run("alerts ack \(id)", status: 2).errors
        == "moonwatch: alert \(id) is already acknowledged (moonwatch alerts show \(id.prefix(10))"
        + " tells where it stands)\n")
    #expect(try await run("alerts assign \(id) --to ben").errors == "\(id) is ben's\n")
    #expect(try await run("alerts start \(id)").errors == "\(id) is in progress with ben\n")
    #expect(try await run("alerts note \(id) called_the_user").errors == "noted on \(id)\n")
    #expect(try await run("alerts list --status in-progress --assignee ben").output.contains("ben"))
    _ = try await run("alerts close \(id) --as true-positive --note reset --as-user ben")
    #expect(try await run("alerts list --status true-positive --format csv").output.contains(id))
    let history = try JSONValue.parse(try await run("alerts history \(id) --format json").output)
    #expect(
      history["history"].elements.compactMap { $0["did"].text }
        == ["raised", "ack", "assign", "start", "note", "close"])
    #expect(
      history["history"].elements.compactMap { $0["who"].text }.first == "run 1 (detect)")

    let refused = try await run(
      "mutes add --entity user=ana --for 7d --from 2026-03-20 --reason drill", status: 1)
    #expect(
      refused.output.hasPrefix("It would have hidden 1 alert that proved true:\n  \(id.prefix(10))")
    )
    #expect(
      refused.errors
        == "keeps quiet what is found about user ana, not what only names it\n"
        + "moonwatch: nothing is muted: it would have hidden what proved true (narrow it with"
        + " --rule, or add --yes to mute all the same)\n")
    #expect(
      try await run(
        "mutes add --entity user=ana --for 7d --from 2026-03-20 --reason drill --yes --quiet"
      ).errors == "")
    let muted = try await detect()
    #expect(muted["alerts"] == .integer(0) && muted["muted"] == .integer(joined + 1))
    #expect(muted["suppressed"] == muted["muted"])
    let mutes = try JSONValue.parse(try await run("mutes list --format json").output)
    #expect(mutes["mutes"].elements[0]["hidden"] == .integer(joined + 1))
    #expect(try await run("alerts show \(id)").output.contains("closed as true positive"))
    #expect(
      try await run("mutes end 1 --at 2026-03-20").errors
        == "mute 1 ends at 2026-03-20T00:00:00Z\n")
    #expect(try await detect()["alerts"] == .integer(1))

    #expect(try await run("audit verify").output.hasPrefix("The audit is whole: "))
    let audit = try JSONValue.parse(
      try await run("audit list --action mute --format json").output)
    #expect(
      audit["records"].elements.compactMap { $0["action"].text } == ["mute.end", "mute.add"])
    _ = try await run("mutes add --entity ana --for 7d --reason x", status: 2)
    _ = try await run("mutes add --entity user=ana --for ever --reason x", status: 2)

    for (form, first) in [
      ("jsonl", "{\"id\":\"\(id)\""), ("csv", "id,time,event_id"), ("ocsf", "{\"activity_id\":3"),
      ("ecs", "{\"@timestamp\":\"2026-03-21T10"),
    ] {
      let exported = try await run("alerts export --as \(form) --out -")
      #expect(exported.output.hasPrefix(first), "\(exported.output)")
      #expect(exported.output.split(separator: "\n").count == (form == "csv" ? 2 : 1))
      #expect(exported.errors == "wrote 1 alert\n")
    }
    #expect(
      try await run("alerts export --as csv --out - --status open --quiet").output.hasPrefix("id,"))

    _ = try await run("alerts reopen \(id)")
    try workspace.write(
      "said.csv",
      "alert,disposition,note\n\(id.prefix(10)),False-Positive,=1+1\nzz,benign,\n,odd,\n")
    let told = try await run("feedback said.csv", status: 1)
    #expect(
      told.errors == """
        closed 1 alert; 2 lines led to nothing
        moonwatch: said.csv:3: no alert has an id that starts with 'zz' (moonwatch alerts list shows them)
        moonwatch: said.csv:4: unknown disposition 'odd' (give one of true-positive, false-positive, benign, duplicate)\n
        """)
    let list = try await run("feedback list --as false-positive --format csv")
    #expect(list.output.contains(id) && list.output.contains(",'=1+1\n"))
    try workspace.write("odd.csv", "a,b\n1,2\n")
    _ = try await run("feedback odd.csv", status: 3)
    #expect(try await run("audit verify").output.hasPrefix("The audit is whole: "))
  }
}
