import ArgumentParser
import Host
import Primitives
import Store

/// Which alerts a command is about.
struct AlertFilterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Alerts of this time or later.", valueName: "time"))
  var since: TimeArgument?
  @Option(help: ArgumentHelp("Alerts before this time.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: "At least this severe: info, low, medium, high or critical.")
  var severity: String?
  @Option(help: "Of this entity, such as ana or user=ana.")
  var entity: String?
  @Option(help: "Raised by this rule, or by the model: model.")
  var rule: String?
  @Option(help: "Of this mapping row.")
  var mapping: String?
  @Option(
    help:
      "open or closed; new, acknowledged or in-progress; or what a closed one was, such as benign.")
  var status: String?
  @Option(help: ArgumentHelp("Assigned to this person.", valueName: "name"))
  var assignee: String?

  func filter(_ control: Control) throws -> AlertFilter {
    try control.filter(
      since: since?.time, until: until?.time, severity: severity, entity: entity, rule: rule,
      mapping: mapping, status: status, assignee: assignee)
  }
}

/// How many rows are printed, and how.
struct RowOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "At most this many.")
  var limit = 50
  @Option(help: "What to print: text, json or csv.")
  var format = RowFormat.text
}
