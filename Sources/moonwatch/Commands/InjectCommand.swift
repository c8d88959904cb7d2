import ArgumentParser
import Console
import Host
import Primitives

struct InjectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inject",
    abstract: "Plant attacks among real events, and label only what was planted.",
    discussion: """
      Example: moonwatch inject logon.csv --source cert-logon --scenario auth.login-burst \
      --seed 11 --out planted.jsonl --labels labels.csv
      """)

  @OptionGroup var input: InputOptions

  @Option(help: ArgumentHelp("A scenario to plant (default: all that fit).", valueName: "id"))
  var scenario: [String] = []

  @Option(parsing: .unconditional, help: "Attacks a scenario.")
  var count = 5

  @Option(parsing: .unconditional, help: "Multiplies the number of attacks.")
  var intensity = 1.0

  @Option(parsing: .unconditional, help: "What all random draws start from.")
  var seed: UInt64

  @Option(help: ArgumentHelp("Where to write the events.", valueName: "file"))
  var out: String

  @Option(help: ArgumentHelp("Where to write the labels.", valueName: "file"))
  var labels: String

  @Option(
    help: ArgumentHelp("A folder of scenarios instead of the configured ones.", valueName: "folder")
  )
  var plugins: [String] = []

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if seed > UInt64(Int64.max) { throw ValidationError("--seed is between 0 and \(Int64.max)") }
    if !(1...100_000).contains(count) { throw ValidationError("--count is between 1 and 100000") }
    if !(intensity > 0 && intensity <= 1000) {
      throw ValidationError("--intensity is above 0 and at most 1000")
    }
  }

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    let summary = try InjectJob(
      settings: try shared.settings(), inputs: input.inputs, source: input.source,
      scenarios: scenario, count: count, intensity: intensity, seed: seed, out: out,
      labels: labels, plugins: plugins
    ).run(progress: screen)
    InjectView(summary: summary).print(to: screen)
  }
}
