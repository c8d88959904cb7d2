import Foundation
import Glibc
import Primitives
import Testing

/// ^C, SIGTERM and kill -9 in the middle of the work.
@Suite("Interrupts", .serialized) struct InterruptTests {
  private static let said = "\nmoonwatch: interrupted (nothing half written was left; run again)\n"
  /// What tells an end from a hang, with other tests at work beside it. How long it takes on a machine that is free,
  /// `scripts/bench-interrupt` measures.
  private static let bound = Duration.seconds(15)

  /// Starts to detect what comes through a pipe, which stays open, and waits until scores are being written.
  private func detecting(in workspace: Workspace) async throws -> (RunningProgram, RunningProgram) {
    try #require(mkfifo(workspace.path("pipe").path, 0o600) == 0)
    let detect = try Program.start(
      [
        "detect", "pipe", "--source", "generic-jsonl", "--quiet", "--alerts", "alerts.jsonl",
        "--scores", "scores.csv", "--report", "report.json",
      ], in: workspace.folder)
    let writer = try Program.start(
      ["-c", "exec 3>pipe; cat demo/events.jsonl >&3; exec sleep 600"],
      program: URL(fileURLWithPath: "/bin/bash"), in: workspace.folder)
    let begun = await detect.waits(within: .seconds(60)) { _ in
      workspace.unfinished().contains { name in
        let attributes = try? FileManager.default.attributesOfItem(
          atPath: workspace.path(name).path)
        return name.hasPrefix("scores.csv") && attributes?[.size] as? Int ?? 0 > 0
      }
    }
    try #require(begun, "\(detect.errors)")
    return (detect, writer)
  }

  /// The database opens, and a whole run on it ends as one on an empty data directory.
  private func expectSound(_ workspace: Workspace) async throws {
    let list = try await workspace.run("alerts", "list", "--format", "json")
    #expect(list.status == 0, "\(list.errors)")
    let check = try await workspace.bash(
      """
      python3 -c 'import sqlite3
      print(sqlite3.connect("var/moonwatch.db").execute("PRAGMA integrity_check").fetchall())'
      """)
    #expect(check.output == "[('ok',)]\n")
    var counts: [String] = []
    for folder in ["var", "fresh"] {
      let again = try await workspace.run(
        "detect", "demo/events.jsonl", "--source", "generic-jsonl", "--quiet", "--data-dir", folder)
      #expect(again.status == 0, "\(again.errors)")
      counts.append(
        try await workspace.run(
          "alerts", "list", "--limit", "100000", "--format", "csv", "--data-dir", folder
        ).output)
    }
    #expect(counts[0] == counts[1])
    #expect(counts[0].split(separator: "\n").count > 2)
  }

  @Test("detect ends at once and leaves nothing half written", arguments: [SIGINT, SIGTERM])
  func detect(signal: Int32) async throws {
    let workspace = try await SmallDemo.workspace()
    let (detect, writer) = try await detecting(in: workspace)
    detect.send(signal)
    let outcome = await detect.outcome(within: InterruptTests.bound)
    #expect(outcome == .ended(128 + signal, errors: InterruptTests.said))
    #expect(workspace.unfinished() == [])
    for name in ["alerts.jsonl", "scores.csv", "report.json"] {
      #expect(!workspace.exists(name), "\(name)")
    }
    writer.send(SIGKILL)
    try await expectSound(workspace)
  }

  @Test(
    "The service ends though standard input says nothing: at once before the first event, then with a checkpoint",
    arguments: [SIGINT, SIGTERM])
  func silentService(signal: Int32) async throws {
    let workspace = try Workspace(linked: false)
    for name in ["config", "plugins", "scenarios"] {
      try FileManager.default.copyItem(
        at: Program.repository.appendingPathComponent(name), to: workspace.path(name))
    }
    try workspace.write(
      "config/moonwatch.yaml", "run: { inputs: [{ source: sshd-auth, paths: [\"-\"] }] }\n")
    try #require(mkfifo(workspace.path("pipe").path, 0o600) == 0)
    // Open for writing too, so that it neither ends nor says anything.
    let command = "exec \"$0\" run 0<>pipe"
    func start() throws -> RunningProgram {
      try Program.start(
        ["-c", command, Program.moonwatch.path], program: URL(fileURLWithPath: "/bin/bash"),
        in: workspace.folder)
    }
    let silent = try start()
    #expect(
      await silent.waits(within: .seconds(60)) { _ in workspace.exists("var/run/sshd-auth") })
    silent.send(signal)
    let ended = await silent.outcome(within: InterruptTests.bound)
    #expect(ended == .ended(128 + signal, errors: InterruptTests.said))
    let service = try start()
    let pipe = try FileHandle(forWritingTo: workspace.path("pipe"))
    let line = "Mar  1 10:10:00 host sshd[1]: Failed password for root from 10.0.0.1 port 4 ssh2\n"
    try pipe.write(contentsOf: Data(line.utf8))
    #expect(
      await service.waits(within: .seconds(60)) { $0.errors.contains("from the beginning") })
    service.send(signal)
    let stopped = await service.outcome(within: InterruptTests.bound)
    #expect(stopped.status == 0)
    #expect(stopped.errors.contains("\nstopped after "), "\(stopped.errors)")
    #expect(workspace.exists("var/run/sshd-auth/checkpoint-1"))
  }

  @Test("A killed detect leaves a database that opens and goes on")
  func killed() async throws {
    let workspace = try await SmallDemo.workspace()
    let (detect, writer) = try await detecting(in: workspace)
    detect.send(SIGKILL)
    let outcome = await detect.outcome(within: InterruptTests.bound)
    #expect(outcome.signal == SIGKILL)
    #expect(!outcome.timedOut)
    for name in ["alerts.jsonl", "scores.csv", "report.json"] {
      #expect(!workspace.exists(name), "\(name)")
    }
    writer.send(SIGKILL)
    try await expectSound(workspace)
  }

  @Test("train ends at once, without model or report", arguments: [SIGINT, SIGTERM])
  func train(signal: Int32) async throws {
    let workspace = try Workspace()
    try workspace.write("table.csv", Inputs.table(5000))
    let train = try Program.start(
      [
        "train", "--table", "table.csv", "--label", "y", "--rounds", "10000", "--learning-rate",
        "0.001", "--model", "model.json", "--report", "report.json",
      ], in: workspace.folder)
    #expect(await train.waits(within: .seconds(60)) { $0.errors.contains("5000 rows") })
    train.send(signal)
    let outcome = await train.outcome(within: InterruptTests.bound)
    #expect(outcome.status == 128 + signal)
    #expect(!outcome.timedOut)
    #expect(outcome.errors.hasSuffix(InterruptTests.said))
    #expect(try workspace.files() == ["config", "plugins", "scenarios", "table.csv"])
  }

  @Test("The demo ends at once in the middle of its learning", arguments: [SIGINT, SIGTERM])
  func demo(signal: Int32) async throws {
    let workspace = try Workspace()
    let demo = try Program.start(
      ["demo", "--events", "6000", "--report", "report.json"], in: workspace.folder)
    #expect(await demo.waits(within: .seconds(60)) { $0.errors.contains("make events  ") })
    demo.send(signal)
    let outcome = await demo.outcome(within: InterruptTests.bound)
    #expect(outcome.status == 128 + signal)
    #expect(!outcome.timedOut)
    #expect(outcome.errors.hasSuffix(InterruptTests.said))
    #expect(outcome.output == "")
    #expect(!workspace.exists("report.json"))
    #expect(workspace.unfinished() == [])
    let again = try await workspace.run("demo", "--events", "1000", "--quiet")
    #expect(again.status == 0, "\(again.errors)")
  }
}
