import ArgumentParser
import Console
import Host
import Primitives

struct ProduceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "produce",
    abstract: "Write card payments of people with habits, and which of them are fraud beside.",
    discussion: """
      Without --start the stream is live: each payment is written when its time has come. With --start the times begin
      there and everything is written at once.

      Example: moonwatch produce --tps 500 --duration 3600 --start 2026-03-02T00:00:00Z --out payments.jsonl
      """)

  @Option(parsing: .unconditional, help: "Payments a second.")
  var tps: Double

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long, in seconds.", valueName: "seconds"))
  var duration: Double

  @Option(
    help: ArgumentHelp("Where to write event lines, - for standard output.", valueName: "file"))
  var out = "-"

  @Option(
    help: ArgumentHelp(
      "Where to write the ground truth (default: beside the output, NAME.labels.csv).",
      valueName: "file"))
  var labels: String?

  @Option(parsing: .unconditional, help: "How many people pay (default: 10,000).")
  var users: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The share of payments that are fraud (default: 0.005).", valueName: "share")
  )
  var fraudRate: Double?

  @Option(parsing: .unconditional, help: "The same seed and start give the same payments.")
  var seed: UInt64 = 7

  @Option(help: ArgumentHelp("When the first payment is made.", valueName: "time"))
  var start: String?

  @OptionGroup var shared: SharedOptions

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    let summary = try ProduceJob(
      ProduceJob.Options(
        rate: tps, seconds: duration, out: out, labels: labels, users: users,
        fraudRate: fraudRate, seed: seed, start: start)
    ).run(progress: screen)
    screen.note(
      "\(Format.count(summary.payments)) payments, \(Format.count(summary.frauds)) of them fraud, "
        + "\(Format.rate(Double(summary.payments) / max(summary.seconds, 1e-9))); truth in \(summary.labels)"
    )
  }
}
