import Foundation
import Primitives
import Testing

/// The service is killed at random moments and started again; its alerts must be those of one that nothing disturbed.
///
/// Twelve kills a test, or as many as `MOONWATCH_TEST_KILLS` says (`scripts/crash-test` asks for a hundred).
@Suite("kill -9", .serialized, .timeLimit(.minutes(60)))
struct CrashTests {
  private static let kills =
    ProcessInfo.processInfo.environment["MOONWATCH_TEST_KILLS"].flatMap { Int($0) } ?? 12
  /// More kills than this before the end of the events, and a run is left alone.
  private static let mostKills = 25

  private let workspace: Workspace
  private let lines: [Substring]

  /// A workspace of its own with a day and more of planted attacks.
  init() async throws {
    workspace = try Workspace(linked: false)
    for name in ["plugins", "scenarios"] {
      try FileManager.default.createSymbolicLink(
        at: workspace.path(name),
        withDestinationURL: Program.repository.appendingPathComponent(name))
    }
    let config = Program.repository.appendingPathComponent("config")
    try FileManager.default.copyItem(at: config, to: workspace.path("config"))
    let made = try await workspace.run(
      "demo", "--no-serve", "--events", "6000", "--quiet", "--data-dir", "made")
    try #require(made.status == 0, "\(made.errors)")
    lines = try workspace.read("made/demo/events.jsonl").split(separator: "\n")
    try workspace.write(
      "config/moonwatch.yaml",
      """
      run:
        checkpoint_every: 50 ms
        inputs:
          - source: generic-jsonl
            paths: ["logs/*"]
      """)
  }

  private func append(_ part: Range<Int>, to name: String) throws {
    let file = workspace.path(name)
    if !workspace.exists(name) { try workspace.write(name, "") }
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data((lines[part].joined(separator: "\n") + "\n").utf8))
    try handle.close()
  }

  private func start(_ data: String, untilIdle: Bool = true) throws -> RunningProgram {
    try Program.start(
      ["run", "--no-restart", "--data-dir", data] + (untilIdle ? ["--until-idle"] : []),
      in: workspace.folder)
  }

  private func finish(_ data: String) async throws {
    let outcome = await (try start(data)).outcome(within: .seconds(120))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("warning"), "\(outcome.errors)")
  }

  /// All alerts as the database has them, with what joined them, and how many events are kept.
  private func alerts(_ data: String) async throws -> String {
    let outcome = try await Program.run(
      ["alerts", "list", "--limit", "1000000", "--format", "csv", "--data-dir", data],
      in: workspace.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let doctor = try await Program.run(["doctor", "--data-dir", data], in: workspace.folder)
    let kept = doctor.output.split(separator: "\n").first { $0.contains(" kept in ") }
    let count = kept?.components(separatedBy: " kept in ").first
    return outcome.output + (try #require(count, "\(doctor.output)"))
  }

  @Test("Killed at any moment and started again, it finds what an undisturbed run finds")
  func anyMoment() async throws {
    try append(0..<lines.count, to: "logs/a.jsonl")
    let begun = ContinuousClock.now
    try await finish("whole")
    let took = (ContinuousClock.now - begun) / .milliseconds(1)
    let wanted = try await alerts("whole")
    #expect(wanted.split(separator: "\n").count > 20)
    var random = SeededRandom(seed: 9)
    var kills = 0
    var part = 0
    while kills < CrashTests.kills {
      part += 1
      let data = "crash-\(part)"
      var here = 0
      while here < CrashTests.mostKills && kills < CrashTests.kills {
        let running = try start(data)
        try await Task.sleep(for: .milliseconds(Int64(random.uniform() * took * 1.2)))
        running.send(SIGKILL)
        let outcome = await running.outcome(within: .seconds(120))
        #expect(!outcome.errors.contains("warning"), "\(outcome.errors)")
        if outcome.signal == nil {
          #expect(outcome.status == 0, "\(outcome.errors)")
          break
        }
        here += 1
        kills += 1
      }
      try await finish(data)
      let got = try await alerts(data)
      #expect(got == wanted, "after \(here) kills")
    }
  }

  @Test("The same where the file grows and is rotated all the while")
  func growing() async throws {
    var random = SeededRandom(seed: 4)
    var next = 0
    var rotations = 0
    for kill in 0..<CrashTests.kills {
      let running = try start("crash", untilIdle: false)
      let end = (kill + 1) * lines.count / CrashTests.kills
      for step in 1...4 {
        try await Task.sleep(for: .milliseconds(Int64(random.uniform() * 400)))
        let upTo = next + (end - next) * step / 4
        if upTo > next { try append(next..<upTo, to: "logs/app.jsonl") }
        next = upTo
        if random.chance(0.2) && workspace.exists("logs/app.jsonl") {
          rotations += 1
          try FileManager.default.moveItem(
            at: workspace.path("logs/app.jsonl"),
            to: workspace.path("logs/app.jsonl.\(rotations)"))
        }
      }
      running.send(SIGKILL)
      let outcome = await running.outcome(within: .seconds(120))
      #expect(outcome.signal == SIGKILL, "\(outcome.errors)")
    }
    try await finish("crash")
    let got = try await alerts("crash")
    try FileManager.default.removeItem(at: workspace.path("logs"))
    try append(0..<lines.count, to: "logs/a.jsonl")
    try await finish("whole")
    let wanted = try await alerts("whole")
    #expect(wanted.split(separator: "\n").count > 20)
    #expect(got == wanted)
    #expect(next == lines.count && rotations > 0)
  }

  @Test(
    "A signal ends it after the batch at hand, with a checkpoint, sent to it or to its whole group",
    arguments: [SIGINT, SIGTERM], [false, true])
  func gentle(signal: Int32, toGroup: Bool) async throws {
    try append(0..<1000, to: "logs/a.jsonl")
    let running = try Program.start(["run", "--data-dir", "var"], in: workspace.folder)
    #expect(
      await running.waits(within: .seconds(60)) { _ in
        workspace.exists("var/run/generic-jsonl/checkpoint-2")
      })
    if toGroup { running.sendToGroup(signal) } else { running.send(signal) }
    let outcome = await running.outcome(within: .seconds(60))
    #expect(outcome.status == 0, "\(outcome.errors)")
    // On a slow machine a line about the state comes in between.
    #expect(outcome.errors.hasPrefix("generic-jsonl: from the beginning\n"), "\(outcome.errors)")
    #expect(outcome.errors.contains("\nstopped after 1000 events; "), "\(outcome.errors)")
    let again = await (try start("var")).outcome(within: .seconds(60))
    #expect(
      again.errors.hasPrefix("generic-jsonl: going on after 1000 events\n"), "\(again.errors)")
    #expect(again.errors.contains("\nstopped after 0 events; "), "\(again.errors)")
  }
}
