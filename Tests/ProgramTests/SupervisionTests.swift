import Foundation
import Testing

/// What happens when a plugin does what no deadline can end.
@Suite("A plugin that takes the process with it") struct SupervisionTests {
  /// Its keys all fall into one place of a table of 65,536, so that making room for one more takes a fifth of a second
  /// in a single instruction of Lua.
  private static let killer = """
    local kept = {}
    for i = 1, 32768 do kept[i * 65535] = true end

    return rule {
      id = "test.killer", title = "Killer", severity = "medium", on = { kind = "login" },
      detect = function() kept[32769 * 65535] = true end,
    }
    """
  private static let good = """
    return rule {
      id = "test.every", title = "Every login", severity = "medium", on = { kind = "login" },
      detect = function() return "login by {user}" end,
    }
    """
  private let impatient = ["MOONWATCH_WATCHDOG": "30 ms"]
  private let detect =
    "moonwatch detect --source generic-jsonl --model none --plugins plug --quiet"

  private func workspace(_ plugins: [String: String]) throws -> Workspace {
    let workspace = try Workspace()
    for (name, text) in plugins { try workspace.write("plug/\(name)", text) }
    var events = ""
    for n in 0..<2000 {
      let time = 1_772_442_000 + n * 7
      events +=
        #"{"id":"e\#(n)","time":\#(time),"kind":"login","user":"u\#(n % 7)","device":"pc"}"# + "\n"
    }
    try workspace.write("a.jsonl", events)
    return workspace
  }

  /// The alerts without the digest of the plugins, which also counts what is set aside.
  private func alerts(_ workspace: Workspace, _ name: String) throws -> [String] {
    try workspace.read(name).split(separator: "\n").map { line in
      let document = try JSONSerialization.jsonObject(with: Data(line.utf8))
      var alert = try #require(document as? [String: Any])
      alert["plugins_digest"] = nil
      let sorted = try JSONSerialization.data(withJSONObject: alert, options: .sortedKeys)
      return String(decoding: sorted, as: UTF8.self)
    }
  }

  @Test("is set aside and named, and the run starts again and loses nothing")
  func killer() async throws {
    let alone = try workspace(["good.lua": Self.good])
    let wanted = try await alone.bash("\(detect) --alerts alerts.jsonl a.jsonl")
    #expect(wanted.status == 0)
    let beside = try workspace(["good.lua": Self.good, "killer.lua": Self.killer])
    let outcome = try await beside.bash(
      "\(detect) --alerts alerts.jsonl a.jsonl", environment: impatient)
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.hasPrefix(
        "moonwatch: plugin 'test.killer' does not end; the process ends, and the plugin is set aside"
          + " until its file changes\n"))
    #expect(try alerts(beside, "alerts.jsonl") == alerts(alone, "alerts.jsonl"))
    #expect(try alerts(beside, "alerts.jsonl").count == 7)

    let check = try await beside.run("plugins", "check", "plug")
    #expect(check.status == 0)
    #expect(check.output.contains("plug/killer.lua: warning: is set aside since "))
    #expect(
      check.output.contains(
        ": test.killer did not end and took the process with it (change the file to have it back)"))
    // A changed file is tried again.
    try beside.write("plug/killer.lua", Self.good.replacing("test.every", with: "test.killer"))
    let mended = try await beside.run("plugins", "check", "plug")
    #expect(mended.output == "2 plugins and 0 suites read, no problems\n")
  }

  @Test("does not lose what came through a pipe")
  func pipe() async throws {
    let alone = try workspace(["good.lua": Self.good])
    _ = try await alone.bash("\(detect) --alerts alerts.jsonl a.jsonl")
    let beside = try workspace(["good.lua": Self.good, "killer.lua": Self.killer])
    let outcome = try await beside.bash(
      "(head -n 1000 a.jsonl; sleep 0.2; tail -n +1001 a.jsonl) | \(detect) --alerts alerts.jsonl -",
      environment: impatient)
    #expect(outcome.status == 0)
    #expect(outcome.errors.hasPrefix("moonwatch: plugin 'test.killer' does not end;"))
    #expect(try alerts(beside, "alerts.jsonl") == alerts(alone, "alerts.jsonl"))
  }

  @Test("Piped input that cannot be kept ends the command with a message, and is not cut short")
  func full() async throws {
    let silent = Self.good.replacing("kind = \"login\"", with: "kind = \"logout\"")
    let workspace = try workspace(["silent.lua": silent])
    let outcome = try await workspace.bash(
      """
      set +e
      for n in $(seq 30); do cat a.jsonl; done > long.jsonl
      ulimit -f 2048
      cat long.jsonl | \(detect) --report report.json -
      echo status ${PIPESTATUS[1]}
      """, environment: ["TMPDIR": workspace.folder.path])
    #expect(outcome.output == "status 4\n")
    #expect(
      outcome.errors.hasSuffix(
        "moonwatch: cannot keep standard input in '\(workspace.folder.path)/': File too large "
          + "(set TMPDIR to a folder with more room, or give --no-restart)\n"),
      "\(outcome.errors)")
    #expect(!workspace.exists("report.json"))
  }

  @Test("ends the command with a message where it is not supervised, and is left out of the next")
  func unsupervised() async throws {
    let beside = try workspace(["good.lua": Self.good, "killer.lua": Self.killer])
    let first = try await beside.bash(
      "set +e; \(detect) --no-restart a.jsonl; echo status $?", environment: impatient)
    #expect(first.output.hasSuffix("status 4\n"))
    #expect(first.errors.hasPrefix("moonwatch: plugin 'test.killer' does not end;"))
    let second = try await beside.bash("\(detect) --no-restart a.jsonl", environment: impatient)
    #expect(second.status == 0)
  }

  @Test("A source made to exhaust the stack is refused whatever the limit of the shell")
  func smallStack() async throws {
    let deep = "local a return a" + String(repeating: ".x", count: 32_000)
    let workspace = try workspace(["deep.lua": deep])
    let outcome = try await workspace.bash(
      "set +e; ulimit -s 1024; moonwatch plugins check plug; echo status $?")
    #expect(
      outcome.output
        == "plug/deep.lua:1:1: attempt to index a nil value (local 'a') [runtime]\n"
        + "0 plugins and 0 suites read, 1 error\nstatus 1\n")
  }

  @Test("A plugin that is saved while events flow judges from then on")
  func reload() async throws {
    let workspace = try workspace(["good.lua": Self.good])
    try workspace.write("later.lua", Self.good.replacing("test.every", with: "test.later"))
    let outcome = try await workspace.bash(
      """
      mkfifo feed
      moonwatch detect --source generic-jsonl --model none --plugins plug --reload \
        --report report.json - < feed 2> told > shown &
      exec 3> feed
      rows() {
        awk -v from=$1 'BEGIN { for (n = from; n < from + 4096; n++) {
          printf "{\\"id\\":\\"e%d\\",\\"time\\":%d,", n, 1772442000 + n * 7
          printf "\\"kind\\":\\"login\\",\\"user\\":\\"u%d\\"}\\n", n % 7 } }' >&3
      }
      rows 0
      # The database is made after the plugins were read.
      until [ -e var/moonwatch.db ]; do sleep 0.1; done
      cp later.lua plug/.later.lua
      mv plug/.later.lua plug/later.lua
      for n in $(seq 200); do
        rows $((n * 4096))
        if grep -q 'reload 1: judges from event' told; then break; fi
        sleep 0.2
      done
      exec 3>&-
      wait $!
      """)
    #expect(outcome.status == 0)
    #expect(try workspace.read("told").contains(", new or changed: test.later"))
    let document = try JSONSerialization.jsonObject(with: Data(workspace.read("report.json").utf8))
    let report = try #require(document as? [String: Any])
    let reloads = try #require(report["reloads"] as? [[String: Any]])
    #expect(reloads.count == 1)
    #expect(reloads.first?["changed"] as? [String] == ["test.later"])
    let start = try #require(reloads.first?["at_event"] as? Int)
    let events = try #require(report["events"] as? Int)
    #expect(start >= 0 && start < events)
    #expect(
      report["findings_by_rule"] as? [String: Int]
        == ["test.every": events, "test.later": events - start])
  }
}
