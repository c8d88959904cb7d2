import Foundation
import Glibc
import Primitives
import Testing

/// Escalations that the service carries out, through the program itself.
@Suite("Acts of the service", .timeLimit(.minutes(20)))
struct ActTests {
  private let workspace: Workspace
  private let listener: Int32
  private let port: Int

  /// A service with one escalation that posts to an address where somebody listens and never answers.
  init() throws {
    workspace = try Workspace()
    listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var count = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listening = listener
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listening, $0, count)
        _ = getsockname(listening, $0, &count)
      }
    }
    listen(listener, 16)
    _ = fcntl(listener, F_SETFL, O_NONBLOCK)
    port = Int(UInt16(bigEndian: address.sin_port))
    try workspace.write(
      "p/page.lua",
      """
      return { rule {
        id = "t.login", title = "A login", severity = "critical", on = { kind = "login" },
        per = "user", message = "login by {user}",
      }, escalation {
        id = "page", when = { severity = "critical" }, uses = { "http" },
        settings = { url = setting.url "Where" },
        run = function(alert, settings)
          act.http.post { url = settings.url, json = { id = alert.id }, timeout = 50 * second }
        end,
      } }
      """)
    try workspace.write(
      "events.jsonl",
      #"{"time":"2026-03-02T10:00:00Z","kind":"login","user":"ana","source":"x","id":"e1"}"# + "\n")
    try workspace.write(
      "acts.yaml",
      """
      sources: config/sources
      owners: config/owners.yaml
      plugins: [p]
      run:
        inputs:
          - source: generic-jsonl
            paths: [events.jsonl]
      grants:
        page:
          uses: [http]
          private: true
          settings: { url: "http://127.0.0.1:\(port)/in" }
      """)
  }

  /// How many connections came.
  private func connections() -> Int {
    var count = 0
    while accept(listener, nil, nil) >= 0 { count += 1 }
    return count
  }

  /// Until the act has left. Holds its thread, so that no other test comes between this and the kill.
  private func waitForConnection() -> Int {
    for _ in 0..<3000 {
      let came = connections()
      if came > 0 { return came }
      usleep(20_000)
    }
    return 0
  }

  private func acts() async throws -> [JSONValue] {
    let outcome = try await workspace.run(
      "responses", "acts", "--format", "json", "--config", "acts.yaml")
    guard outcome.status == 0 else { return [] }
    return try JSONValue.parse(outcome.output)["acts"].elements
  }

  @Test("An act that kill -9 cut off is not done again, and stands among the dead")
  func killed() async throws {
    let arguments = ["run", "--no-restart", "--config", "acts.yaml"]
    let first = try Program.start(arguments, in: workspace.folder)
    let came = waitForConnection()
    first.send(SIGKILL)
    _ = await first.outcome(within: .seconds(20))
    let begun = try await acts()
    #expect(begun.map { $0["state"].text } == ["begun"])
    let again = await (try Program.start(arguments + ["--until-idle"], in: workspace.folder))
      .outcome(within: .seconds(60))
    #expect(again.status == 0, "\(again.errors)")
    #expect(
      again.errors.contains(
        "page: http.post was under way when the program ended and is not done again "
          + "(moonwatch responses acts --dead)"))
    #expect(came + connections() == 1)
    #expect(try await acts().map { $0["state"].text } == ["unknown"])
    let dead = try await workspace.run("responses", "acts", "--dead", "--config", "acts.yaml")
    #expect(dead.output.contains("http.post") && dead.output.contains("unknown"))
    let key = try #require(begun.first?["key"].text)
    let dropped = try await workspace.run(
      "responses", "drop", String(key.prefix(10)), "--note", "paged by hand", "--config",
      "acts.yaml")
    #expect(dropped.errors == "dropped \(key)\n")
    #expect(
      try await workspace.run("responses", "acts", "--dead", "--config", "acts.yaml").output
        == "No act is dead.\n")
    #expect(
      try await workspace.run("audit", "verify", "--config", "acts.yaml").output
        .hasPrefix("The audit is whole: "))
  }

  @Test("A file that cannot take a whole line keeps none of it, and the act says why")
  func fullFile() async throws {
    try workspace.write(
      "p/page.lua",
      """
      return { rule {
        id = "t.login", title = "A login", severity = "critical", on = { kind = "login" },
        per = "user", message = "login by {user}",
      }, escalation {
        id = "page", when = { severity = "critical" }, uses = { "notify" },
        run = function(alert) act.notify.send { to = "soc", text = alert.id } end,
      } }
      """)
    let settings = try workspace.read("acts.yaml")
    let grants = try #require(settings.range(of: "grants:"))
    try workspace.write(
      "acts.yaml",
      settings[..<grants.lowerBound]
        + "grants: { page: { uses: [notify] } }\nacts: { notify: { file: notices.jsonl } }\n")
    let size = 64 << 20
    let outcome = try await workspace.bash(
      """
      truncate -s \(size - 40) notices.jsonl
      ulimit -f \(size / 1024)
      moonwatch run --no-restart --until-idle --config acts.yaml
      stat -c %s notices.jsonl
      """)
    #expect(outcome.output.hasSuffix("\(size - 40)\n"), "\(outcome.errors)")
    let act = try #require(try await acts().first)
    #expect(act["state"].text == "failed")
    #expect(act["reason"].text?.hasSuffix("notices.jsonl': File too large") == true)
  }
}
