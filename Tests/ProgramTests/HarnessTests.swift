import Foundation
import Glibc
import Testing

/// The other tests here are only as good as the harness that runs the program.
@Suite("Running programs") struct HarnessTests {
  @Test("Output, errors, input, environment, folder and status come back as they were")
  func outcome() async throws {
    let workspace = try Workspace(linked: false)
    let outcome = try await Program.run(
      ["-c", "cat; pwd -P; echo \"$COLOUR\" >&2; exit 3"], program: URL(fileURLWithPath: "/bin/sh"),
      input: "hello\n", environment: ["COLOUR": "blue"], in: workspace.folder)
    let folder = workspace.folder.resolvingSymlinksInPath().path
    #expect(
      outcome
        == Outcome(
          status: 3, signal: nil, output: "hello\n\(folder)\n", errors: "blue\n", timedOut: false))
  }

  @Test("A program that takes too long is killed, and the outcome says so")
  func timeout() async throws {
    let workspace = try Workspace(linked: false)
    let outcome = try await workspace.bash("echo begun; exec sleep 600", timeout: .seconds(1))
    #expect(outcome.timedOut)
    #expect(outcome.signal == SIGKILL)
    #expect(outcome.output == "begun\n")
  }

  @Test("A program can be interrupted when it has said something")
  func interruption() async throws {
    let workspace = try Workspace(linked: false)
    let running = try Program.start(
      ["-c", "trap 'echo stopped; exit 0' INT; echo ready; while :; do sleep 0.05; done"],
      program: URL(fileURLWithPath: "/bin/bash"), in: workspace.folder)
    #expect(await running.waits(within: .seconds(60)) { $0.output == "ready\n" })
    running.send(SIGINT)
    let outcome = await running.outcome(within: .seconds(60))
    #expect(outcome.status == 0)
    #expect(outcome.output == "ready\nstopped\n")
  }

  @Test("A megabyte of output is kept whole")
  func muchOutput() async throws {
    let workspace = try Workspace(linked: false)
    let outcome = try await workspace.bash("head -c 1048576 /dev/zero | tr '\\0' x")
    #expect(outcome.output.utf8.count == 1 << 20)
  }

  @Test("The binary under test stands beside the test bundle")
  func binary() {
    #expect(FileManager.default.isExecutableFile(atPath: Program.moonwatch.path))
  }

  @Test("A folder of a test is gone when the test is over")
  func cleanup() throws {
    var workspace: Workspace? = try Workspace()
    let folder = try #require(workspace?.folder)
    try workspace?.write("deep/down/file.txt", "x")
    #expect(try workspace?.read("deep/down/file.txt") == "x")
    workspace = nil
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }
}
