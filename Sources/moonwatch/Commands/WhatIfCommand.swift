import ArgumentParser
import Console
import Host
import Primitives

struct WhatIfCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "whatif",
    abstract: "Judge a kept event again with other values of its fields.",
    discussion: """
      The windows are those of then. An empty value makes the field missing.

      Example: moonwatch whatif 7f3a91c0 amount=25 merchant=M10
      """)

  @Argument(help: "The event's id.")
  var event: String
  @Argument(help: ArgumentHelp("New values.", valueName: "field=value"))
  var fields: [String]
  @Option(help: "What to print: text or json.")
  var format = StoryFormat.text
  @OptionGroup var shared: SharedOptions

  func run() throws {
    var values: [(name: String, value: String)] = []
    for field in fields {
      guard let sign = field.firstIndex(of: "="), sign > field.startIndex else {
        throw Failure(
          .usage, "'\(field)' gives no field a value", advice: "write field=value")
      }
      values.append((String(field[..<sign]), String(field[field.index(after: sign)...])))
    }
    let screen = Screen(quiet: shared.quiet)
    let answer = try Control(settings: try shared.settings()).whatIf(
      event: event, fields: values, progress: screen)
    WhatIfView(answer: answer).print(to: screen, isJSON: format.style == .json)
  }
}
