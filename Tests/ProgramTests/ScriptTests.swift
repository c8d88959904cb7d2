import Foundation
import Testing

/// What `./run` and `./test` say on a machine that lacks something.
@Suite("Scripts") struct ScriptTests {
  /// Runs shell code after sourcing the scripts' common part, with only the named tools on PATH.
  private func run(_ code: String, tools: [String: String]) async throws -> Outcome {
    let workspace = try Workspace(linked: false)
    for (name, body) in tools {
      try workspace.write("bin/\(name)", "#!/bin/bash\n\(body)\n")
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: workspace.path("bin/\(name)").path)
    }
    let common = Program.repository.appendingPathComponent("scripts/common.sh").path
    return try await Program.run(
      ["-euo", "pipefail", "-c", "source '\(common)'; PATH=$PWD/bin; \(code)"],
      program: URL(fileURLWithPath: "/bin/bash"), in: workspace.folder)
  }

  private let utilities = [
    "grep": "exec /bin/grep \"$@\"", "sed": "exec /bin/sed \"$@\"",
    "sort": "exec /usr/bin/sort \"$@\"",
    "head": "exec /usr/bin/head \"$@\"", "tail": "exec /usr/bin/tail \"$@\"",
    "mktemp": "exec /bin/mktemp \"$@\"", "rm": "exec /bin/rm \"$@\"",
  ]

  @Test("Without Swift they say where to get it")
  func noSwift() async throws {
    let outcome = try await run("require_swift", tools: utilities)
    #expect(outcome.status == 4)
    #expect(
      outcome.errors
        == "moonwatch: swift was not found (install it from https://www.swift.org/install/linux/"
        + " and put its usr/bin on PATH)\n")
  }

  @Test(
    "Scripts that measure take what ./run builds, and say so where it is missing",
    arguments: [
      ("bench-decode", "in MOONWATCH_BINARY"), ("bench-interrupt", "in MOONWATCH_BINARY"),
      ("bench-trees", "in MOONWATCH_BINARY"), ("bench-windows", "in MOONWATCH_BINARY"),
      ("hostile", "as the first argument"),
    ])
  func noProgram(script: String, naming: String) async throws {
    let workspace = try Workspace(linked: false)
    try FileManager.default.copyItem(
      at: Program.repository.appendingPathComponent("scripts"), to: workspace.path("scripts"))
    let outcome = try await workspace.bash("scripts/\(script)")
    #expect(outcome.status == 4)
    #expect(
      outcome.errors
        == "moonwatch: there is no program '.build-release/release/moonwatch' (build it with ./run, "
        + "or name one \(naming))\n")
  }

  @Test("An old Swift is named with the version that is needed")
  func oldSwift() async throws {
    let tools = utilities.merging(["swift": "echo 'Swift version 5.10.1 (swift-5.10.1-RELEASE)'"]) {
      $1
    }
    let outcome = try await run("require_swift", tools: tools)
    #expect(outcome.status == 4)
    #expect(
      outcome.errors
        == "moonwatch: Swift 5.10.1 is too old, 6.2 or later is needed (install it from"
        + " https://www.swift.org/install/linux/ and put its usr/bin on PATH)\n")
  }

  @Test("A Swift that is new enough passes without a word", arguments: ["6.2", "6.3.1", "6.10"])
  func newSwift(_ version: String) async throws {
    let swift = "echo 'Apple Swift version \(version) (swift-RELEASE)'"
    let outcome = try await run("require_swift", tools: utilities.merging(["swift": swift]) { $1 })
    #expect(outcome.status == 0)
    #expect(outcome.errors + outcome.output == "")
  }

  @Test("Elsewhere than on Debian they name the packages to find")
  func otherSystem() async throws {
    let outcome = try await run("require_packages pkg-config zlib1g-dev", tools: utilities)
    #expect(outcome.status == 4)
    #expect(
      outcome.errors
        == "moonwatch: this system does not use Debian packages (install the equivalents of:"
        + " pkg-config zlib1g-dev; then build with swift build -c release)\n")
  }

  @Test("What is installed already is not installed again")
  func nothingMissing() async throws {
    let tools = utilities.merging([
      "dpkg-query": "echo 'ii '", "apt-get": "echo 'must not run' >&2; exit 1",
    ]) { $1 }
    let outcome = try await run("require_packages pkg-config", tools: tools)
    #expect(outcome == Outcome(status: 0, signal: nil, output: "", errors: "", timedOut: false))
  }

  @Test("Only what is missing is installed, once the package lists are there")
  func installs() async throws {
    let tools = utilities.merging([
      "dpkg-query": "[[ ${@: -1} == zlib1g-dev ]] && echo 'ii ' || exit 1",
      "sudo": "shift 2; exec \"$@\"",
      "env": "shift; exec \"$@\"",
      "apt-get": """
      echo "$*" >>calls
      if [[ "$*" == *update* ]]; then : >lists; else [[ -e lists ]]; fi
      """,
    ]) { $1 }
    let outcome = try await run(
      "require_packages pkg-config zlib1g-dev; while read -r line; do echo \"$line\"; done <calls",
      tools: tools)
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        == installs pkg-config
        -y -q -o DPkg::Lock::Timeout=300 install --no-install-recommends pkg-config
        -y -q -o DPkg::Lock::Timeout=300 update
        -y -q -o DPkg::Lock::Timeout=300 install --no-install-recommends pkg-config

        """)
  }

  @Test("Where nothing can be installed they say what an administrator should run")
  func cannotInstall() async throws {
    let tools = utilities.merging([
      "dpkg-query": "exit 1", "sudo": "shift 2; exec \"$@\"",
      "apt-get": "echo 'E: Unable to locate package'; exit 100",
    ]) { $1 }
    let outcome = try await run("require_packages pkg-config", tools: tools)
    #expect(outcome.status == 4)
    #expect(outcome.errors.hasPrefix("E: Unable to locate package\n"))
    #expect(
      outcome.errors.contains(
        "moonwatch: could not install pkg-config (see the lines above, then run: "))
    #expect(outcome.errors.hasSuffix("apt-get install pkg-config)\n"))
  }

  @Test("Every script parses", arguments: ["run", "test", ".ci/run", "scripts/common.sh"])
  func syntax(_ name: String) async throws {
    let outcome = try await Program.run(
      ["-n", name], program: URL(fileURLWithPath: "/bin/bash"), in: Program.repository)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
  }
}
