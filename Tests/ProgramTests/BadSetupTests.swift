import Foundation
import Glibc
import Primitives
import Testing

/// Configuration, plugins, folders and databases that are not as they should be.
@Suite("Bad setup") struct BadSetupTests {
  private static let source = """
    id: mine
    format: csv
    time: { column: when, format: iso8601, zone: UTC }
    kind: visit
    columns:
      user: { type: text }
    entities: [user]
    """

  /// A workspace with a configuration of its own, with one more source.
  private func workspace(source: String) throws -> Workspace {
    let workspace = try Workspace()
    try FileManager.default.removeItem(at: workspace.path("config"))
    try FileManager.default.copyItem(
      at: Program.repository.appendingPathComponent("config"), to: workspace.path("config"))
    try workspace.write("config/sources/mine.yaml", source)
    try workspace.write("a.csv", "when,user,pc\n2020-01-01 00:00:00,ana,b\n")
    return workspace
  }

  @Test(
    "A mistake in a source is told by file, line and the nearest right word",
    arguments: [
      ("columns:", "colums:", "5: unknown key 'colums' in a source (did you mean 'columns'?)"),
      ("type: text", "tpye: text", "6: unknown key 'tpye' in column 'user' (did you mean 'type'?)"),
      ("type: text", "type: txet", "6: unknown type 'txet' (did you mean 'text'?)"),
      (
        "[user]", "[usr]", "7: entity 'usr' is no field of the source (did you mean 'user'?)"
      ),
      ("kind: visit\n", "", "1: 'kind' is missing"),
      ("format: csv", "format: xls", "2: unknown format 'xls' (known are csv, jsonl, syslog)"),
    ])
  func sources(right: String, wrong: String, message: String) async throws {
    let workspace = try workspace(
      source: BadSetupTests.source.replacingOccurrences(of: right, with: wrong))
    let outcome = try await workspace.run("detect", "a.csv", "--source", "mine", "--quiet")
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("moonwatch: "))
    #expect(outcome.errors.contains("config/sources/mine.yaml:\(message)\n"), "\(outcome.errors)")
  }

  @Test("A source that names a column that the file lacks is told with the nearest column")
  func unknownColumn() async throws {
    let wrong = BadSetupTests.source.replacingOccurrences(
      of: "user: { type: text }", with: "usr: { field: user, type: text, required: true }")
    let workspace = try workspace(source: wrong)
    #expect(
      try await workspace.run("detect", "a.csv", "--source", "mine", "--quiet")
        == .ended(
          3,
          errors: "moonwatch: a.csv:1: column 'usr' of source 'mine' is missing, did you mean"
            + " 'user'?\n"))
  }

  @Test("An unknown setting and a bad value are told, in the file and in the environment")
  func settings() async throws {
    let workspace = try workspace(source: BadSetupTests.source)
    #expect(
      try await workspace.run(
        "detect", "a.csv", "--source", "mine", environment: ["MOONWATCH_THREADS": "many"])
        == .ended(
          2,
          errors: "moonwatch: environment MOONWATCH_THREADS: threads is 'many' (give a whole number"
            + " from 1 to 256)\n"))
    let settings = try workspace.read("config/moonwatch.yaml")
    try workspace.write("config/moonwatch.yaml", settings + "\nthreds: 3\n")
    let outcome = try await workspace.run("detect", "a.csv", "--source", "mine")
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.wholeMatch(
        of:
          /moonwatch: config\/moonwatch\.yaml:\d+: unknown setting 'threds', did you mean 'threads'\?\n/
      ) != nil, "\(outcome.errors)")
    #expect(
      try await workspace.run("detect", "a.csv", "--source", "mine", "--config", "none.yaml")
        == .ended(
          2,
          errors: "moonwatch: cannot read the configuration 'none.yaml': no such file (give the"
            + " path of a moonwatch.yaml)\n"))
  }

  private static let syntaxError = "return rule {\n  id = \"x.y\"\n  title = \"X\",\n}\n"

  @Test("A plugin with a syntax error fails a check, and is left out of a run unless it is strict")
  func syntaxError() async throws {
    let workspace = try Workspace()
    try workspace.write("mine/bad.lua", BadSetupTests.syntaxError)
    try workspace.write("a.csv", Inputs.twoCards)
    let problem = "mine/bad.lua:3: '}' expected (to close '{' at line 1) near 'title'"
    let check = try await workspace.run("plugins", "check", "mine")
    #expect(check.status == 1)
    #expect(check.output.hasPrefix(problem.replacing(":3:", with: ":3:1:") + " [syntax]\n"))
    let run = try await workspace.run(
      "detect", "a.csv", "--source", "card-transactions", "--plugins", "mine", "--plugins",
      "plugins")
    #expect(run.status == 0)
    #expect(run.errors.hasPrefix("warning: \(problem) – the file is left out\n"))
    #expect(
      try await workspace.run(
        "detect", "a.csv", "--source", "card-transactions", "--plugins", "mine", "--strict")
        == .ended(
          2, errors: "moonwatch: \(problem) (mend the plugin, or move it out of the folder)\n"))
  }

  @Test("An unknown key of a rule is told with the key that was meant")
  func unknownKey() async throws {
    let workspace = try Workspace()
    try workspace.write(
      "mine/bad.lua", "return rule {\n  id = \"x.y\",\n  detct = function() end,\n}\n")
    let check = try await workspace.run("plugins", "check", "mine")
    #expect(check.status == 1)
    #expect(
      check.output.contains(
        "mine/bad.lua:3:3: rule: unknown key 'detct', did you mean 'detect'? [unknown-key]\n"),
      "\(check.output)")
  }

  @Test("A folder of plugins that is not there is named")
  func noPlugins() async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    #expect(
      try await workspace.run(
        "detect", "a.csv", "--source", "card-transactions", "--plugins", "none")
        == .ended(
          2,
          errors: "moonwatch: cannot read the plugins in 'none': no such folder (check the path)\n")
    )
  }

  /// Runs as a user who may write nothing here. Root is `nobody` for this; others lose the right to write.
  private func runWithoutRights(_ workspace: Workspace, _ arguments: String) async throws -> Outcome
  {
    let drop = geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : ""
    return try await workspace.bash(
      """
      mkdir -p locked; chmod 555 locked; status=0
      \(drop) moonwatch \(arguments) || status=$?
      chmod 755 locked; exit $status
      """)
  }

  /// Whether `nobody` can reach the program at all: not where the checkout lies in a private folder.
  private static let canDropRights: Bool = {
    if geteuid() != 0 { return true }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    process.arguments = [
      "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/test", "-x",
      Program.moonwatch.path,
    ]
    do {
      try process.run()
    } catch { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test(
    "A data directory that cannot be written is told before anything is read",
    .enabled(if: canDropRights, "the program cannot be reached without rights"))
  func readOnly() async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    #expect(
      try await runWithoutRights(
        workspace, "detect a.csv --source card-transactions --quiet --data-dir locked")
        == .ended(
          4,
          errors: "moonwatch: the data directory locked cannot be written: Permission denied (make"
            + " it writable, or choose another --data-dir)\n"))
    #expect(
      try await runWithoutRights(
        workspace, "detect a.csv --source card-transactions --quiet --data-dir locked/deep")
        == .ended(
          4,
          errors: "moonwatch: cannot make the data directory locked/deep: Permission denied (choose"
            + " another --data-dir)\n"))
    #expect(
      try await runWithoutRights(workspace, "demo --events 1000 --quiet --data-dir locked")
        == .ended(
          4,
          errors: "moonwatch: cannot make 'locked/demo': Permission denied (choose another place,"
            + " or change its permissions)\n"))
  }

  @Test("A database from a newer version is left alone, by readers and writers")
  func newer() async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    let detect = ["detect", "a.csv", "--source", "card-transactions", "--quiet"]
    #expect(try await Program.run(detect, in: workspace.folder).status == 0)
    let change = try await workspace.bash(
      """
      python3 -c 'import sqlite3
      database = sqlite3.connect("var/moonwatch.db")
      database.execute("INSERT INTO grdb_migrations VALUES (?)", ("99 of later",))
      database.commit()'
      """)
    try #require(change.status == 0, "\(change.errors)")
    let refusal = Outcome.ended(
      4,
      errors: "moonwatch: var/moonwatch.db was written by a newer Moonwatch (upgrade, or choose"
        + " another --data-dir)\n")
    #expect(try await Program.run(detect, in: workspace.folder) == refusal)
    #expect(try await workspace.run("alerts", "list") == refusal)
  }

  @Test("A database that is none is told, and one that is not there yet")
  func damaged() async throws {
    let workspace = try Workspace()
    #expect(
      try await workspace.run("alerts", "list")
        == .ended(
          2,
          errors: "moonwatch: var/moonwatch.db does not exist (run 'moonwatch detect' or"
            + " 'moonwatch demo' first, or choose another --data-dir)\n"))
    try workspace.write("var/moonwatch.db", String(repeating: "this is no database ", count: 500))
    #expect(
      try await workspace.run("alerts", "list")
        == .ended(
          3,
          errors: "moonwatch: var/moonwatch.db is damaged or not a database (put a copy back, or"
            + " move it away to start anew)\n"))
  }
}
