import ArgumentParser
import Console
import Host
import Primitives

/// The flags that every command understands.
struct SharedOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The settings file.", valueName: "file"))
  var config: String?

  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp(
      "The folder for the database, models and dead letters (default: var).", valueName: "folder"))
  var dataDirectory: String?

  @Flag(help: "Print results and errors only.")
  var quiet = false

  /// The settings of file, environment and these flags, in rising order of weight.
  func settings() throws -> Settings {
    var settings = try Settings.load(path: config)
    if let dataDirectory { settings.dataDirectory = dataDirectory }
    return settings
  }

  /// The same with what is wrong beside it, for a command whose answer are the problems.
  func tolerantSettings() throws -> (settings: Settings, problems: [Diagnostic]) {
    var (settings, problems) = try Settings.tolerant(path: config)
    if let dataDirectory { settings.dataDirectory = dataDirectory }
    return (settings, problems)
  }
}

/// The flags of commands that change something.
struct ChangeOptions: ParsableArguments {
  @Option(
    name: .customLong("as-user"),
    help: ArgumentHelp(
      "Who does it (default: MOONWATCH_ACTOR, else the account's name).", valueName: "name"))
  var asUser: String?

  func validate() throws {
    if let asUser, asUser.isEmpty || asUser.unicodeScalars.count > 100 || safe(asUser) != asUser {
      throw ValidationError("--as-user is a name of 1 to 100 characters, no control characters")
    }
  }

  func control(_ shared: SharedOptions) throws -> Control {
    Control(settings: try shared.settings(), asUser: asUser)
  }
}

/// The flag of commands whose record says why.
struct ReasonOption: ParsableArguments {
  @Option(help: "Why.")
  var note = ""

  var given: String? { note.isEmpty ? nil : note }
}

/// What is read, and as which source.
struct InputOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Files (csv, jsonl, .gz, .zst) or - for standard input.", valueName: "input")
  )
  var inputs: [String]

  @Option(help: ArgumentHelp("The source that says what the columns mean.", valueName: "id"))
  var source: String
}

/// How rows are printed.
enum RowFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, csv
}

/// How a story is printed.
enum StoryFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json

  var style: RowStyle { self == .json ? .json : .text }
}

/// A point in time on the command line: `2018-07-24` or `2018-07-24T12:00:00Z`.
struct TimeArgument: ExpressibleByArgument {
  var time: Timestamp

  init?(argument: String) {
    guard let time = TimeWords.parse(argument) else { return nil }
    self.time = time
  }
}
