import ArgumentParser
import Console
import Host
import Primitives

struct PluginsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins",
    abstract: "List, check, test and start plugins.",
    discussion: "Example: moonwatch plugins check",
    subcommands: [List.self, Check.self, Test.self, New.self, Bench.self, Top.self, Reference.self])

  struct Folders: ParsableArguments {
    @Argument(help: ArgumentHelp("Folders instead of the configured ones.", valueName: "folder"))
    var folders: [String] = []
    @Option(help: ArgumentHelp("A folder instead of the configured ones.", valueName: "folder"))
    var plugins: [String] = []
    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func job() throws -> PluginJobs {
      PluginJobs(settings: try shared.settings(), folders: folders + plugins)
    }
    /// The same where the settings have mistakes, which it tells.
    func tolerantJob() throws -> PluginJobs {
      let (settings, problems) = try shared.tolerantSettings()
      return PluginJobs(settings: settings, folders: folders + plugins, problems: problems)
    }
    var screen: Screen { Screen(quiet: shared.quiet) }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List what is installed.",
      discussion: "Example: moonwatch plugins list --format json")
    @OptionGroup var options: Folders

    func run() throws {
      PluginListView(list: try options.job().list()).print(
        to: options.screen, format: options.format.style)
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Print every problem of every plugin.",
      discussion: "Example: moonwatch plugins check plugins scenarios")
    @OptionGroup var options: Folders

    func run() throws {
      let check = try options.tolerantJob().check()
      PluginCheckView(check: check).print(to: options.screen, format: options.format.style)
      if !check.passed { throw SilentFailure(kind: .unmet) }
    }
  }

  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "test", abstract: "Run the plugins' suites on a virtual clock.",
      discussion: "Example: moonwatch plugins test")
    @OptionGroup var options: Folders

    func run() throws {
      let outcome = try options.job().test()
      PluginTestView(outcome: outcome).print(to: options.screen, format: options.format.style)
      if !outcome.passed { throw SilentFailure(kind: .unmet) }
    }
  }

  struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "top", abstract: "Show what each rule cost in the last run.",
      discussion: "Example: moonwatch plugins top")
    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let jobs = PluginJobs(settings: try shared.settings(), folders: [])
      PluginTopView(top: try jobs.top()).print(
        to: Screen(quiet: shared.quiet), format: format.style)
    }
  }

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "new", abstract: "Write a plugin and a test that pass, to start from.",
      discussion: "Example: moonwatch plugins new rule auth.first-login")

    @Argument(help: "rule, scenario, mapping, escalation or playbook.")
    var kind: String
    @Argument(help: "Its id: lower-case words joined by . and -.")
    var name: String
    @Option(help: ArgumentHelp("The folder to write into.", valueName: "folder"))
    var into: String?
    @Option(help: "What to print: text or json.")
    var format = StoryFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let written = try PluginJobs(settings: try shared.settings(), folders: []).new(
        kind: kind, name: name, into: into)
      let screen = Screen(quiet: shared.quiet)
      switch format {
      case .text: for path in written { screen.note("wrote \(path)") }
      case .json:
        let document: JSONValue = [
          "kind": .text(kind), "id": .text(name), "files": .list(written.map { .text($0) }),
        ]
        screen.print(document.serialized(.indented))
      }
    }
  }

  struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "bench",
      abstract: "Measure what a call of each rule costs on the events of its suite.",
      discussion: "Example: moonwatch plugins bench --repeats 50")
    @Option(parsing: .unconditional, help: "How often each suite is run.")
    var repeats = 20
    @OptionGroup var options: Folders

    func run() throws {
      guard (1...10_000).contains(repeats) else {
        throw Failure(.usage, "--repeats is \(repeats)", advice: "give 1 to 10000")
      }
      PluginTopView(top: try options.job().bench(repeats: repeats)).print(
        to: options.screen, format: options.format.style)
    }
  }

  struct Reference: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reference", abstract: "Print every word that a plugin can use, in Markdown.",
      discussion: "Example: moonwatch plugins reference --format json")
    @Option(help: "What to print: text or json.")
    var format = StoryFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      switch format {
      case .text: screen.print(PluginJobs.reference, terminator: "")
      case .json: screen.print(PluginJobs.referenceDocument.serialized(.indented))
      }
    }
  }
}
