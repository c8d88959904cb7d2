import ArgumentParser
import Console
import Glibc
import Host
import Primitives

/// The command line; nothing but arguments and wiring.
@main
struct Moonwatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moonwatch",
    abstract: "A detection host that its users program in Lua.",
    discussion: """
      Example: moonwatch demo --no-serve
      """,
    version: "moonwatch \(Version.text)",
    subcommands: [
      DemoCommand.self, RunCommand.self, DetectCommand.self, FeaturesCommand.self,
      InjectCommand.self, GateCommand.self,
      TrainCommand.self, ScoreCommand.self, EvaluateCommand.self, AlertsCommand.self,
      ExplainCommand.self, CounterfactualCommand.self, WhyNotCommand.self, WhatIfCommand.self,
      EntitiesCommand.self, IncidentsCommand.self,
      QueueCommand.self, LedgerCommand.self, ReplCommand.self, RehearseCommand.self,
      ResponsesCommand.self,
      PluginsCommand.self,
      ReplayCommand.self,
      AuditCommand.self, MutesCommand.self, FeedbackCommand.self, BenchCommand.self,
      ProduceCommand.self, RetentionCommand.self, DoctorCommand.self,
    ])

  static func main() {
    Interrupt.arm()
    OverrunRecord.claimProcess()
    Supervisor.follow()
    Glibc.exit(LargeStack.run { run(Array(CommandLine.arguments.dropFirst())) })
  }

  private static func run(_ arguments: [String]) -> Int32 {
    do {
      try refuseUnknownCommand(arguments)
      var command = try parseAsRoot(arguments)
      try command.run()
      try Screen.flush()
      return 0
    } catch let failure as Failure {
      fflush(nil)
      if failure.isClosedPipe { return 0 }
      complain(failure.description)
      return failure.kind.rawValue
    } catch let end as SupervisedEnd {
      return end.status
    } catch let failure as SilentFailure {
      fflush(nil)
      return failure.kind.rawValue
    } catch {
      if exitCode(for: error) == .success {
        print(fullMessage(for: error))
        fflush(nil)
        return 0
      }
      complain("\(message(for: error)) (see 'moonwatch \(helpPath(arguments))--help')")
      return Failure.Kind.usage.rawValue
    }
  }

  /// The subcommand words that lead to the help of what was asked.
  private static func helpPath(_ arguments: [String]) -> String {
    commandPath(arguments).words.map { $0 + " " }.joined()
  }

  /// The words that name a command, and the command.
  private static func commandPath(
    _ arguments: [String]
  ) -> (words: ArraySlice<String>, command: any ParsableCommand.Type) {
    var command: any ParsableCommand.Type = Moonwatch.self
    for (count, word) in arguments.enumerated() {
      guard let next = command.configuration.subcommands.first(where: { $0._commandName == word })
      else { return (arguments[..<count], command) }
      command = next
    }
    return (arguments[...], command)
  }

  /// Refuses a word that is none of the commands of which one has to stand in its place. The parser takes it for an argument,
  /// and then tells first of the options behind it, which are those of the command that was meant.
  private static func refuseUnknownCommand(_ arguments: [String]) throws {
    let (path, command) = commandPath(arguments)
    let known = command.configuration.subcommands.map { $0._commandName }
    guard !known.isEmpty, command.configuration.defaultSubcommand == nil,
      path.endIndex < arguments.endIndex
    else { return }
    let word = arguments[path.endIndex]
    if word.hasPrefix("-") || word == "help" { return }
    let before = path.map { $0 + " " }.joined()
    let near = nearestName(to: word, among: known)
    throw Failure(
      .usage, "there is no command '\(before)\(word)'",
      advice: near.map { "did you mean '\(before)\($0)'?" } ?? "see 'moonwatch \(before)--help'")
  }

  private static func complain(_ text: String) {
    // A file name or a cell may hold anything, also what moves the cursor.
    let lines = text.split(separator: "\n").map { safe(String($0)) }
    let line = "moonwatch: \(lines.joined(separator: "\n"))\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  }
}

/// The supervised process has ended and has said all that there is to say.
struct SupervisedEnd: Error {
  var status: Int32
}

/// A failure that has already been told to the reader, such as a failed check with its list.
struct SilentFailure: Error {
  var kind: Failure.Kind
}
