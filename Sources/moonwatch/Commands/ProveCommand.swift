import ArgumentParser
import Console
import Host
import Primitives

extension AlertsCommand {
  struct Prove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "prove",
      abstract: "Recompute an alert from the kept events; status 1 where it differs.",
      discussion: "Example: moonwatch alerts prove 3f2a91c0")

    @Argument(help: "The alert's id, or the beginning of it.")
    var id: String
    @Option(help: "What to print: text or json.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let card = try Control(settings: try shared.settings()).prove(id, progress: screen)
      ProofView(card: card).print(to: screen, isJSON: format.style == .json)
      if card.verdict != .same { throw SilentFailure(kind: .unmet) }
    }
  }
}
