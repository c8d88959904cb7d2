import ArgumentParser
import Console
import Host
import Primitives

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Make a stream, plant attacks in it, learn, catch them and say what they mean.",
    discussion: "Example: moonwatch demo --no-serve --seed 7")

  @Option(parsing: .unconditional, help: "About how many events to make.")
  var events = 200_000

  @Option(parsing: .unconditional, help: "What all random draws start from.")
  var seed: UInt64 = 7

  @Flag(
    name: .customLong("no-serve"),
    help: "End with the report, which this version always does: it has no dashboard.")
  var noServe = false

  @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file"))
  var report: String?

  @Option(parsing: .unconditional, help: "Worker threads.")
  var threads: Int?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if seed > UInt64(Int64.max) { throw ValidationError("--seed is between 0 and \(Int64.max)") }
    if !(1000...100_000_000).contains(events) {
      throw ValidationError("--events is between 1000 and 100000000")
    }
  }

  func run() throws {
    var settings = try shared.settings()
    if let threads { try settings.use(threads: threads) }
    let job = DemoJob(settings: settings, events: events, seed: seed, report: report)
    let screen = Screen(quiet: shared.quiet)
    let outcome = try job.run(progress: screen)
    DemoView(outcome: outcome).print(to: screen)
  }
}
