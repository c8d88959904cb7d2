import ArgumentParser
import Cases
import Console
import Host
import Primitives

extension AlertsCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Write alerts for another system, oldest first, one a line.",
      discussion: """
        jsonl is the alert as it is kept with how it stands; csv is safe to open in a spreadsheet; ocsf is a detection finding \
        (class 2004) of OCSF 1.4; ecs a document of the Elastic Common Schema 8.17.

        Example: moonwatch alerts export --as ocsf --since 2026-03-01 --out findings.jsonl
        """)

    @Option(name: .customLong("as"), help: "jsonl, csv, ocsf or ecs.")
    var form: AlertExport
    @Option(help: ArgumentHelp("Where to write, or - for standard output.", valueName: "file"))
    var out: String
    @OptionGroup var filter: AlertFilterOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let control = Control(settings: try shared.settings())
      let count = try control.export(try filter.filter(control), as: form, to: out)
      Screen(quiet: shared.quiet).note("wrote \(count) alert\(count == 1 ? "" : "s")")
    }
  }
}

extension AlertExport: ExpressibleByArgument {}
