import Primitives
import Testing

@testable import Host

@Suite("Settings of the service")
struct RunSettingsTests {
  private func load(_ text: String) throws -> Settings {
    let scratch = try Scratch(["config/moonwatch.yaml": text])
    return try Settings.load(path: scratch.path + "/config/moonwatch.yaml", environment: [:])
  }

  private func refusal(_ text: String) throws -> String {
    let scratch = try Scratch(["config/moonwatch.yaml": text])
    return failure {
      _ = try Settings.load(path: scratch.path + "/config/moonwatch.yaml", environment: [:])
    }.replacing(scratch.path + "/", with: "")
  }

  @Test("Inputs are read in their order, and what they do not say has its usual value")
  func inputs() throws {
    let run = try load(
      """
      run:
        checkpoint_every: 30s
        inputs:
          - source: sshd-auth
            paths: [/var/log/auth.log, logs/*.log]
          - { source: generic-jsonl, paths: "-", follow: false, model: m.json }
          - { source: nab, paths: x.csv, model: none }
      """
    ).run
    #expect(run.checkpointEvery == .seconds(30))
    #expect(
      run.inputs == [
        RunSettings.Input(source: "sshd-auth", paths: ["/var/log/auth.log", "logs/*.log"]),
        RunSettings.Input(source: "generic-jsonl", paths: ["-"], follow: false, model: "m.json"),
        RunSettings.Input(source: "nab", paths: ["x.csv"]),
      ])
    #expect(run.inputs.map(\.readsStandardInput) == [false, true, false])
    #expect(try load("threads: 2\n").run == RunSettings())
    #expect(RunSettings().checkpointEvery == .seconds(10))
  }

  @Test("A variable of the environment goes before the file's time between checkpoints")
  func environment() throws {
    let scratch = try Scratch(["m.yaml": "run: { checkpoint_every: 1 hour }\n"])
    let settings = try Settings.load(
      path: scratch.path + "/m.yaml", environment: ["MOONWATCH_RUN_CHECKPOINT_EVERY": "2 seconds"])
    #expect(settings.run.checkpointEvery == .seconds(2))
  }

  @Test(
    "What is wrong is told with its line and what to do",
    arguments: [
      ("run: 5\n", ":1: 'run' holds no settings (give it 'inputs', or leave it out)"),
      (
        "run:\n  input: []\n",
        ":2: unknown key 'input' in run (did you mean 'inputs'?)"
      ),
      (
        "run:\n  checkpoint_every: 1ms\n",
        ":2: run.checkpoint_every is '1ms' (give a duration from '10 ms' to '1 hour')"
      ),
      ("run:\n  inputs: x\n", ":2: 'run.inputs' is no list (write one '- source: …' an input)"),
      (
        "run:\n  inputs:\n    - auth.log\n",
        ":3: an input of 'run.inputs' holds no keys (write '- source: ID' and under it "
          + "'paths: [FILE]')"
      ),
      (
        "run:\n  inputs:\n    - paths: [a]\n",
        ":3: an input of run.inputs has no 'source' (name one of the sources)"
      ),
      (
        "run:\n  inputs:\n    - source: nab\n",
        ":3: the input 'nab' has no 'paths' "
          + "(name files, folders or patterns, or - for standard input)"
      ),
      (
        "run:\n  inputs:\n    - source: nab\n      paths: [a]\n      folow: true\n",
        ":5: unknown key 'folow' in an input of run.inputs (did you mean 'follow'?)"
      ),
      (
        "run:\n  inputs:\n    - { source: nab, paths: [a], follow: perhaps }\n",
        ":3: 'follow' is not true or false (give one of them)"
      ),
      (
        "run:\n  inputs:\n    - { source: nab, paths: [{a: b}] }\n",
        ":3: 'paths' is not a text (give one, or leave it out)"
      ),
      (
        "run:\n  inputs:\n    - { source: nab, paths: a }\n    - { source: nab, paths: b }\n",
        ":4: the source 'nab' has two inputs (give all its paths in one)"
      ),
      (
        "run:\n  inputs:\n    - { source: nab, paths: [a, '-'] }\n",
        ":3: the input 'nab' mixes standard input with files "
          + "(give standard input a source of its own)"
      ),
      (
        "run:\n  inputs:\n    - { source: nab, paths: '-' }\n    - { source: x, paths: '-' }\n",
        ":4: two inputs read standard input (keep one of them)"
      ),
    ])
  func wrong(_ text: String, _ said: String) throws {
    #expect(try refusal(text) == "config/moonwatch.yaml" + said)
  }

  @Test("Every problem is told at once")
  func all() throws {
    let said = try refusal(
      "threds: 1\nrun:\n  inputs:\n    - { source: nab }\n    - { sorce: x, paths: [a] }\n")
    #expect(said.split(separator: "\n").count == 3)
  }
}
