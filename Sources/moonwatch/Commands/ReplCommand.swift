import ArgumentParser
import Console
import Foundation
import Host
import Primitives
import Repl

struct ReplCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl",
    abstract:
      "Ask about alerts, entities and rules in Lua or in words, at a prompt or from a script.",
    discussion: """
      It reads the data directory and changes nothing unless --write is given. Values print as what they are; 'help' at the \
      prompt shows examples. With --execute or --file it ends with status 1 at the first expression that fails.

      Example: moonwatch repl --execute 'alerts{last = 1 * day, severity = "high"}'
      """)

  @Option(help: ArgumentHelp("Run this text and end.", valueName: "text"))
  var execute: String?
  @Option(help: ArgumentHelp("Run this file and end.", valueName: "file"))
  var file: String?
  @Flag(help: "Allow decisions, such as closing an alert.")
  var write = false
  @Option(
    help: ArgumentHelp(
      "What 'last' counts back from (default: now, or the newest alert or kept event where that is more than a day old).",
      valueName: "time"))
  var now: TimeArgument?
  @Option(help: "How values are printed: table, json, csv or lua.")
  var mode = "table"
  @Option(
    help: ArgumentHelp(
      "Processor time that one expression may use with all that it asks for, such as 90s or '10 minutes' (default: 60s for Lua alone).",
      valueName: "duration"))
  var limit: String?
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if execute != nil && file != nil {
      throw ValidationError("give --execute or --file, not both")
    }
    guard OutputMode(rawValue: mode) != nil else {
      throw ValidationError("--mode is table, json, csv or lua, not '\(mode)'")
    }
    if let limit, span == nil {
      throw ValidationError(
        "--limit is '\(limit)' (give a duration from '1 second' to '1 day', such as 90s)")
    }
  }

  private var span: TimeSpan? {
    limit.flatMap(TimeSpan.init(words:)).flatMap { $0 >= .seconds(1) && $0 <= .days(1) ? $0 : nil }
  }

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    let settings = try shared.settings()
    var options = try ReplSession.Options(
      settings: settings, mayWrite: write, now: now?.time,
      mode: OutputMode(rawValue: mode) ?? .table, terminal: screen.output)
    if let span {
      options.limit = span
      options.limitOfAll = span
    }
    let shell = try Shell(options, screen: screen)
    let status: Int32
    if let execute {
      status = shell.execute(execute)
    } else if let file {
      status = shell.execute(try ReplScript.text(of: file), file: file)
    } else {
      status = shell.talk(settings)
    }
    if status != 0 { throw SilentFailure(kind: .unmet) }
  }
}
