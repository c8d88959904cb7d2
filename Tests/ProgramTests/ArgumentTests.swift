import Foundation
import Testing

/// What the program says to arguments that it cannot take, and what it says of itself.
@Suite("Arguments") struct ArgumentTests {
  @Test(
    "A wrong argument ends with status 2 and says what to do",
    arguments: [
      ("nosuch", "there is no command 'nosuch' (see 'moonwatch --help')"),
      ("demoo --data-dir d", "there is no command 'demoo' (did you mean 'demo'?)"),
      (
        "alerts lsit --data-dir d",
        "there is no command 'alerts lsit' (did you mean 'alerts list'?)"
      ),
      ("alerts nosuch", "there is no command 'alerts nosuch' (see 'moonwatch alerts --help')"),
      (
        "detect",
        "Missing expected argument '<input> ...' (see 'moonwatch detect --help')"
      ),
      ("detect a", "Missing expected argument '--source <id>' (see 'moonwatch detect --help')"),
      (
        "detect a --source nab --frobnicate",
        "Unknown option '--frobnicate' (see 'moonwatch detect --help')"
      ),
      ("detect a --source nab --threads 0", "--threads is 0 (give 1 to 256)"),
      ("replay a --source nab --threads 257", "--threads is 257 (give 1 to 256)"),
      (
        "detect a --source nab --threads x",
        "The value 'x' is invalid for '--threads <threads>' (see 'moonwatch detect --help')"
      ),
      (
        "detect a --source nab --format xml",
        "The value 'xml' is invalid for '--format <format>'. Please provide one of 'text', 'json'"
          + " or 'csv'. (see 'moonwatch detect --help')"
      ),
      (
        "features a --source nab",
        "Missing expected argument '--out <file>' (see 'moonwatch features --help')"
      ),
      (
        "demo --events 999",
        "--events is between 1000 and 100000000 (see 'moonwatch demo --help')"
      ),
      (
        "demo --events 99999999999",
        "--events is between 1000 and 100000000 (see 'moonwatch demo --help')"
      ),
      (
        "demo --seed x",
        "The value 'x' is invalid for '--seed <seed>' (see 'moonwatch demo --help')"
      ),
      (
        "train --table t.csv --label y --model m --until 2018-07-24",
        "--table learns from a table of numbers in the order of its rows: leave out --until (see"
          + " 'moonwatch train --help')"
      ),
      (
        "train --table t.csv --label y --model m --inject",
        "--table learns from a table of numbers in the order of its rows: leave out --inject (see"
          + " 'moonwatch train --help')"
      ),
      (
        "train --table t.csv --label y --model m --refit",
        "--refit and --decay need --from MODEL (see 'moonwatch train --help')"
      ),
      (
        "train e.csv --source nab --model m --weights w",
        "--weights is for --table only: leave it out (see 'moonwatch train --help')"
      ),
      (
        "bench fit --table t.csv",
        "--table needs --label COLUMN (see 'moonwatch bench fit --help')"
      ),
      (
        "bench score --samples 0",
        "--samples is between 1 and 1000 (see 'moonwatch bench score --help')"
      ),
      (
        "inject a --source nab --out e --labels l",
        "Missing expected argument '--seed <seed>' (see 'moonwatch inject --help')"
      ),
      (
        "inject a --source nab --out e --labels - --seed 1",
        "labels cannot go to standard output (name a file: --labels labels.csv)"
      ),
      (
        "inject a --source nab --out l-own --labels l --seed 1",
        "two outputs are to go to 'l-own' (name a file for each)"
      ),
      (
        "inject a --source nab --out e --labels l --seed 1 --count 0",
        "--count is between 1 and 100000 (see 'moonwatch inject --help')"
      ),
      (
        "inject a --source nab --out e --labels l --seed 1 --intensity nan",
        "--intensity is above 0 and at most 1000 (see 'moonwatch inject --help')"
      ),
      (
        "inject a --source nab --out e --labels l --seed 1 --scenario auth.login-brust",
        "unknown scenario 'auth.login-brust' (did you mean 'auth.login-burst'?)"
      ),
      ("train", "Missing expected argument '--model <file>' (see 'moonwatch train --help')"),
      (
        "train --model m",
        "give files of events, or --table (see 'moonwatch train --help')"
      ),
      ("train a --model m", "events need --source ID (see 'moonwatch train --help')"),
      (
        "train --table t --model m",
        "--table needs --label COLUMN (see 'moonwatch train --help')"
      ),
      (
        "train a --table t --label y --model m",
        "--table learns from a table of numbers: leave out inputs and --source (see 'moonwatch"
          + " train --help')"
      ),
      (
        "train --table t --label y --model m --split 1",
        "--split is between 0 and 1 (see 'moonwatch train --help')"
      ),
      (
        "train --table t --label y --model m --bins 1",
        "--bins is between 2 and 256 (see 'moonwatch train --help')"
      ),
      (
        "train --table t --label y --model m --depth 17",
        "--depth is between 1 and 16 (see 'moonwatch train --help')"
      ),
      (
        "train --table t --label y --model m --rounds 0",
        "--rounds is between 1 and 10000 (see 'moonwatch train --help')"
      ),
      (
        "train --table t --label y --model m --learning-rate nan",
        "--learning-rate is above 0 and at most 1 (see 'moonwatch train --help')"
      ),
      (
        "train a --source nab --model m --until tomorrow",
        "The value 'tomorrow' is invalid for '--until <time>' (see 'moonwatch train --help')"
      ),
      (
        "train --table t --label y --model none/m",
        "cannot write 'none/m': No such file or directory (choose a folder that exists and that you"
          + " may write to)"
      ),
      (
        "score --table t --model m",
        "Missing expected argument '--out <file>' (see 'moonwatch score --help')"
      ),
      (
        "evaluate a --source nab",
        "Missing expected argument '--model <file>' (see 'moonwatch evaluate --help')"
      ),
      (
        "alerts list --since yesterday",
        "The value 'yesterday' is invalid for '--since <time>' (see 'moonwatch alerts list --help')"
      ),
      ("alerts list --limit 0", "--limit is 0 (give 1 or more)"),
      ("alerts list --severity hgih", "unknown severity 'hgih' (did you mean 'high'?)"),
      ("alerts list --status opne", "unknown status 'opne' (did you mean 'open'?)"),
      (
        "alerts close abc --as flase-positive",
        "unknown disposition 'flase-positive' (did you mean 'false-positive'?)"
      ),
      (
        "alerts close abc",
        "Missing expected argument '--as <as>' (see 'moonwatch alerts close --help')"
      ),
      ("entities list --band gren", "unknown band 'gren' (did you mean 'green'?)"),
      (
        "entities show user",
        "'user' names no entity (write it like user=ana)"
      ),
      (
        "entities set user=ana --score 0 --for soon",
        "--for is 'soon' (give a duration from '1 minute' to '3650 days')"
      ),
      (
        "entities set user=ana --score=-1 --for 1d",
        "a risk of -1 cannot be set (give 0 to 1000000)"
      ),
      ("incidents list --severity hgih", "unknown severity 'hgih' (did you mean 'high'?)"),
      ("queue --per day", "--per needs a budget (give --budget N, or set queue.budget)"),
      ("queue --budget 1 --per tema", "unknown share 'tema' (did you mean 'team'?)"),
      (
        "ledger --since soon",
        "The value 'soon' is invalid for '--since <time>' (see 'moonwatch ledger --help')"
      ),
      ("whynot x", "Missing expected argument '<event>' (see 'moonwatch whynot --help')"),
      ("whatif x", "Missing expected argument '<field=value> ...' (see 'moonwatch whatif --help')"),
      (
        "alerts assign abc",
        "give --to NAME or --to-nobody (see 'moonwatch alerts assign --help')"
      ),
      ("alerts show abc --findings -1", "--findings is -1 (give 0 to 100000)"),
      (
        "mutes add --entity ana --for 7d --reason x",
        "'ana' is not a field and its value (give an entity such as user=ana)"
      ),
      (
        "mutes add --entity user=ana --for 2y --reason x",
        "a mute for '2y' cannot be made (give a duration such as 7d or '12 hours', at most 366 days)"
      ),
      ("audit list --limit 0", "--limit is 0 (give 1 or more)"),
      (
        "audit verify --expect 3:xx",
        "'3:xx' is not a record and its seal (give what 'moonwatch audit verify' printed, such as"
          + " 12:5f0c…, 16 digits or more)"
      ),
      (
        "alerts close abc --as benign --as-user=",
        "Missing value for '--as-user <name>' (see 'moonwatch alerts close --help')"
      ),
      ("explain", "Missing expected argument '<alert>' (see 'moonwatch explain --help')"),
      (
        "counterfactual",
        "Missing expected argument '<alert>' (see 'moonwatch counterfactual --help')"
      ),
      ("plugins new ruel a.b", "unknown kind of plugin 'ruel' (did you mean 'rule'?)"),
      (
        "plugins new rule A.b",
        "'A.b' is not an id (use lower-case words joined by . and -, such as auth.first-login)"
      ),
    ])
  func wrong(line: String, message: String) async throws {
    let workspace = try Workspace()
    try workspace.write("a", "timestamp,value\n2014-04-01 00:00:00,1\n")
    #expect(
      try await Program.run(line.split(separator: " ").map(String.init), in: workspace.folder)
        == .ended(2, errors: "moonwatch: \(message)\n"))
    #expect(workspace.unfinished() == [])
  }

  @Test(
    "A report into a folder that is not there is told before any work",
    arguments: [
      "detect a.csv --source card-transactions --report none/r.json",
      "detect a.csv --source card-transactions --alerts none/r.json",
      "detect a.csv --source card-transactions --scores none/r.json",
      "features a.csv --source card-transactions --out none/r.json",
      "inject a.csv --source card-transactions --seed 1 --labels l.csv --out none/r.json",
      "demo --events 1000 --report none/r.json",
    ])
  func reportNowhere(line: String) async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    #expect(
      try await Program.run(line.split(separator: " ").map(String.init), in: workspace.folder)
        == .ended(
          2,
          errors:
            "moonwatch: cannot write 'none/r.json': No such file or directory (choose a folder"
            + " that exists and that you may write to)\n"))
    #expect(workspace.unfinished() == [])
  }

  @Test("An output that is a folder is told")
  func outputIsFolder() async throws {
    let workspace = try Workspace()
    try workspace.write("a.csv", Inputs.twoCards)
    #expect(
      try await workspace.run(
        "detect", "a.csv", "--source", "card-transactions", "--report", "config")
        == .ended(
          2, errors: "moonwatch: cannot write 'config': Is a directory (name a file in it)\n"))
  }

  @Test(
    "Every command has help with an example",
    arguments: [
      "", "demo", "detect", "features", "inject", "train", "score", "evaluate", "alerts",
      "alerts list", "alerts show", "alerts close", "alerts reopen", "explain", "counterfactual",
      "plugins", "entities", "entities list", "entities show", "entities set", "entities clear",
      "incidents", "incidents list", "incidents show", "incidents merge", "incidents split",
      "queue", "ledger",
      "alerts list", "alerts show", "alerts close", "alerts reopen", "alerts prove", "explain",
      "whynot", "whatif", "plugins",
      "plugins list", "plugins check", "plugins test", "plugins new", "replay", "doctor",
      "audit", "audit list", "audit verify", "alerts ack", "alerts start", "alerts assign",
      "alerts note", "alerts history", "alerts export", "feedback", "feedback give",
      "feedback list", "mutes", "mutes add", "mutes list", "mutes end",
      "repl",
    ])
  func help(command: String) async throws {
    let workspace = try Workspace()
    let outcome = try await Program.run(
      command.split(separator: " ").map(String.init) + ["--help"], in: workspace.folder)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let words = command.isEmpty ? "moonwatch demo" : "moonwatch \(command)"
    #expect(outcome.output.contains("Example: \(words)"))
  }

  @Test("The version is one line")
  func version() async throws {
    let workspace = try Workspace()
    let outcome = try await workspace.run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.output.wholeMatch(of: /moonwatch \d+\.\d+\.\d+\n/) != nil)
  }
}
