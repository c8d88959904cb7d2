import ArgumentParser
import Console
import Host
import Primitives

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check settings, folders, sources, plugins and database, and say what to do.",
    discussion: "Example: moonwatch doctor --format json")

  @Option(help: "What to print: text, json or csv.")
  var format = RowFormat.text

  @OptionGroup var shared: SharedOptions

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    let checks = DoctorJob(config: shared.config, dataDirectory: shared.dataDirectory).run()
    DoctorView(checks: checks).print(to: screen, format: format.style)
    if checks.contains(where: { $0.status == .failed }) { throw SilentFailure(kind: .unmet) }
  }
}
