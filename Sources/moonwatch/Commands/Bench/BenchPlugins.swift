import ArgumentParser
import Console
import Host
import Primitives

extension BenchCommand {
  struct Lua: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "lua", abstract: "Measure what plugins cost: a call, installed rules, a check.",
      discussion: "Example: moonwatch bench lua --rules 200 --format json")
    @Option(
      parsing: .unconditional,
      help: "Rules that are installed together; each holds on two events of a hundred.")
    var rules = 200
    @Option(parsing: .unconditional, help: "Files in the folder that is checked.")
    var files = 1000
    @OptionGroup var options: Options

    func validate() throws {
      if !(1...10_000).contains(rules) { throw ValidationError("--rules is between 1 and 10000") }
      if !(1...10_000).contains(files) { throw ValidationError("--files is between 1 and 10000") }
    }

    func run() throws {
      try options.present { settings, screen in
        try LuaBenchJob(
          rules: rules, files: files, repeats: options.samples, command: CommandLine.arguments
        ).run(progress: screen)
      }
    }
  }
}
