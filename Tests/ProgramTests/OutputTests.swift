import Foundation
import Glibc
import Primitives
import Testing

/// Full disks, closed pipes, devices, colours: what happens to what the program writes.
@Suite("Output") struct OutputTests {
  private let detect = "moonwatch detect a.csv --source card-transactions --quiet"

  private func workspace() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.cards(2000))
    return workspace
  }

  @Test(
    "A device is written, not replaced, and a full one is told",
    arguments: [
      "--report", "--scores",
    ])
  func fullDevice(option: String) async throws {
    let workspace = try workspace()
    let before = try FileManager.default.attributesOfItem(atPath: "/dev/full")[.type]
    #expect(
      try await workspace.bash("\(detect) \(option) /dev/full")
        == .ended(
          4,
          errors:
            "moonwatch: cannot write '/dev/full': No space left on device (free some space and"
            + " run again)\n"))
    let after = try FileManager.default.attributesOfItem(atPath: "/dev/full")[.type]
    #expect(before as? FileAttributeType == .typeCharacterSpecial)
    #expect(after as? FileAttributeType == .typeCharacterSpecial)
    #expect(try await workspace.bash("\(detect) \(option) /dev/null").status == 0)
  }

  @Test("Standard output that is full is told", arguments: ["", "--alerts -", "--scores -"])
  func fullStandardOutput(options: String) async throws {
    let workspace = try workspace()
    #expect(
      try await workspace.bash("\(detect) \(options) >/dev/full")
        == .ended(
          4,
          errors: "moonwatch: cannot write standard output: No space left on device (free some"
            + " space and run again)\n"))
  }

  @Test("A limit on the size of files is told, and nothing half written is left")
  func sizeLimit() async throws {
    let workspace = try workspace()
    try workspace.write("scores.csv", "as it was\n")
    // 40 KiB are enough for the messages of this run and too few for its scores.
    let outcome = try await workspace.bash(
      "ulimit -f 40; moonwatch features a.csv --source card-transactions --quiet --out scores.csv")
    #expect(
      outcome
        == .ended(
          4,
          errors:
            "moonwatch: cannot write 'scores.csv': File too large (raise the limit on the size"
            + " of files and run again; nothing half written was left)\n"))
    #expect(try workspace.read("scores.csv") == "as it was\n")
    #expect(workspace.unfinished() == [])
  }

  /// A disk of its own for a test needs the right to mount one.
  private static let canMount: Bool = {
    if geteuid() != 0 { return false }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["-m", "/bin/mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"]
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test(
    "A full disk is told, with nothing half written on it",
    .enabled(if: canMount, "needs the right to mount a small disk"))
  func fullDisk() async throws {
    let workspace = try workspace()
    let outcome = try await workspace.bash(
      """
      mkdir full
      unshare -m bash -c '
        mount -t tmpfs -o size=64k none full
        \(detect) --scores full/scores.csv; echo "status $?" >&2
        ls -A full
        \(detect) --data-dir full/var; echo "status $?" >&2
      '
      """)
    #expect(outcome.output == "")
    let lines = outcome.errors.split(separator: "\n").map(String.init)
    #expect(
      lines.first
        == "moonwatch: cannot write 'full/scores.csv': No space left on device (free some space and"
        + " run again; nothing half written was left)")
    #expect(
      lines.dropFirst(2).first
        == "moonwatch: the disk that holds full/var/moonwatch.db is full (free some space; nothing"
        + " of the last write was kept)")
    #expect(lines.filter { $0.hasPrefix("status") } == ["status 4", "status 4"])
  }

  @Test(
    "A reader that goes away ends the program quietly",
    arguments: [
      "detect --help", "plugins list", "plugins list --format json",
      "features a.csv --source card-transactions --quiet --out -",
      "detect a.csv --source card-transactions --quiet --scores -",
    ])
  func closedPipe(command: String) async throws {
    let workspace = try workspace()
    let outcome = try await workspace.bash(
      "set +e; moonwatch \(command) | head -1; echo \"${PIPESTATUS[0]}\"")
    #expect(outcome.errors == "")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.last == "0")
  }

  @Test("A link stays a link and the file that it leads to is replaced")
  func link() async throws {
    let workspace = try workspace()
    try workspace.write("there/report.json", "old")
    let outcome = try await workspace.bash(
      "ln -s there/report.json report.json; \(detect) --report report.json; readlink report.json")
    #expect(outcome.output.hasSuffix("\nthere/report.json\n"))
    #expect(try workspace.json("there/report.json")["events"] == 2000)
  }

  @Test(
    "Nothing but a terminal gets colours or cursor movements",
    arguments: [
      [:], ["NO_COLOR": "1"], ["TERM": "xterm-256color"],
    ])
  func plain(environment: [String: String]) async throws {
    let workspace = try workspace()
    let outcome = try await workspace.bash(
      "moonwatch plugins list; moonwatch doctor; moonwatch detect a.csv --source card-transactions;"
        + " moonwatch alerts list", environment: environment)
    #expect(outcome.status == 0)
    #expect(!(outcome.output + outcome.errors).utf8.contains(0x1B))
    #expect(!(outcome.output + outcome.errors).utf8.contains(0x0D))
  }

  @Test("NO_COLOR keeps colours from a terminal, which otherwise has them")
  func terminal() async throws {
    let workspace = try workspace()
    let run = "TERM=xterm script -qec 'moonwatch doctor' /dev/null"
    let coloured = try await workspace.bash(run)
    let plain = try await workspace.bash("NO_COLOR=1 \(run)")
    #expect(coloured.output.contains("\u{1B}["))
    #expect(!plain.output.contains("\u{1B}["))
  }
}
