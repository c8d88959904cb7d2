import ArgumentParser
import Console
import Host
import Primitives

struct CounterfactualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "counterfactual",
    abstract: "Say the smallest change after which an alert would not have been raised.",
    discussion: "Example: moonwatch counterfactual 3f2a91c0")

  @Argument(help: "The alert's id, or the beginning of it.")
  var alert: String
  @Option(help: "What to print: text or json.")
  var format = StoryFormat.text
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    let (alert, answer) = try Control(settings: try shared.settings()).counterfactual(alert)
    CounterfactualView(alert: alert, answer: answer).print(to: screen, format: format.style)
  }
}
