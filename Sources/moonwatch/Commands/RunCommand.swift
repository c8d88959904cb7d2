import ArgumentParser
import Console
import Host
import Primitives

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Read the configured sources as they grow and write alerts, until it is stopped.",
    discussion: """
      What is read stands under run: in the settings file. ^C and SIGTERM end it after the batch at hand; whatever
      ends it, the next one goes on where it was, without losing or repeating an alert.
      Example: moonwatch run --until-idle --report run.json
      """)

  @Flag(name: .customLong("until-idle"), help: "End when every source is at its end.")
  var untilIdle = false

  @Flag(
    name: .customLong("no-restart"), help: "Do not start again where a plugin ends the process.")
  var staysDown = false

  @Option(help: ArgumentHelp("Write the report as JSON at the end.", valueName: "file"))
  var report: String?

  @Option(parsing: .unconditional, help: "Worker threads.")
  var threads: Int?

  @OptionGroup var shared: SharedOptions

  func run() throws {
    if !staysDown && !Supervisor.isSupervised {
      // A pipe goes on where it is: what came before is judged and kept.
      throw SupervisedEnd(status: try Supervisor(readsInput: false).run())
    }
    var settings = try shared.settings()
    if let threads { try settings.use(threads: threads) }
    let stop = StopRequest()
    let job = RunJob(settings: settings, untilIdle: untilIdle, report: report, stop: stop) {
      Interrupt.first { stop.stop() }
    }
    try job.run(progress: Screen(quiet: shared.quiet))
  }
}
