import ArgumentParser
import Console
import Host

struct QueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Order the open alerts by what a look at them is worth, and cut at a budget.",
    discussion: """
      Worth is the expected loss, times the probability that the alert is true, times how much the entity matters.
      Example: moonwatch queue --budget 20 --per day
      """)

  @Option(
    parsing: .unconditional,
    help: "How many alerts there is time for (default: queue.budget of the settings).")
  var budget: Int?
  @Option(help: "What the budget is for: all, day or team (default: queue.per).")
  var per: String?
  @Option(parsing: .unconditional, help: "Without a budget, at most this many.")
  var limit = 50
  @Option(help: "What to print: text, json or csv.")
  var format = RowFormat.text
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let budget, !(1...1_000_000).contains(budget) {
      throw ValidationError("--budget is between 1 and 1000000")
    }
    if limit < 1 { throw ValidationError("--limit is 1 or more") }
  }

  func run() throws {
    let screen = Screen(quiet: shared.quiet)
    let control = Control(settings: try shared.settings())
    let cut = try control.budget(budget, per: per)
    QueueView(
      ranked: try control.queue(), budget: cut,
      judgement: control.judgement, limit: limit
    ).print(to: screen, format: format.style)
  }
}
