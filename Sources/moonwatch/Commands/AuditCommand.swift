import ArgumentParser
import Console
import Host
import Primitives
import Store

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Say who changed what, and whether that record is whole.",
    discussion: "Example: moonwatch audit verify",
    subcommands: [List.self, Verify.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List changes, newest first.",
      discussion: "Example: moonwatch audit list --who ana --action alert.close")

    @Option(help: ArgumentHelp("Changes of this time or later.", valueName: "time"))
    var since: TimeArgument?
    @Option(help: ArgumentHelp("Changes before this time.", valueName: "time"))
    var until: TimeArgument?
    @Option(help: ArgumentHelp("By this user or command.", valueName: "name"))
    var who: String?
    @Option(help: "An action such as alert.close, or all that begin so: alert, mute, run.")
    var action: String?
    @Option(
      help: ArgumentHelp("To this alert, run or mute, or the beginning of its id.", valueName: "id")
    )
    var on: String?
    @OptionGroup var rows: RowOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      var filter = AuditLog.Filter()
      filter.since = since?.time
      filter.until = until?.time
      filter.who = who
      filter.action = action
      filter.subject = on
      filter.limit = rows.limit
      let records = try Control(settings: try shared.settings()).audit(filter)
      AuditListView(records: records).print(to: screen, format: rows.format.style)
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Compute every seal again and name the first record that is not as it was written.",
      discussion: """
        Ends with status 1 where the audit is broken. A chain that somebody computed anew from some record on, to its end, \
        shows only against a record that was written down elsewhere: give it with --expect.

        Example: moonwatch audit verify --expect 124:5f0c9a1b2c3d4e5f
        """)

    @Option(
      help: ArgumentHelp(
        "A record that was there, as its number and seal.", valueName: "number:seal"))
    var expect: String?
    @Option(help: "What to print: text, json or csv.")
    var format = RowFormat.text
    @OptionGroup var shared: SharedOptions

    func run() throws {
      let screen = Screen(quiet: shared.quiet)
      let verdict = try Control(settings: try shared.settings()).verifyAudit(expected: expect)
      AuditVerdictView(verdict: verdict).print(to: screen, format: format.style)
      if !verdict.isWhole { throw SilentFailure(kind: .unmet) }
    }
  }
}
