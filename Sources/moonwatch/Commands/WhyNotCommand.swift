import ArgumentParser
import Console
import Host
import Primitives

struct WhyNotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "whynot",
    abstract: "Say why a rule raised no alert on a kept event.",
    discussion: """
      The kept events are judged again with that rule up to the event: the first condition that failed, how far off it was, the \
      windows, and what swallowed the finding where there was one.

      Example: moonwatch whynot auth.login-burst 7f3a91c0
      """)

  @Argument(help: "The rule's id.")
  var rule: String
  @Argument(help: "The event's id.")
  var event: String
  @Option(help: "What to print: text or json.")
  var format = StoryFormat.text
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    let miss = try Control(settings: try shared.settings()).whyNot(
      rule: rule, event: event, progress: screen)
    MissView(miss: miss).print(to: screen, isJSON: format.style == .json)
  }
}
