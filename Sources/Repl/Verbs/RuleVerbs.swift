import Cases
import Console
import Detection
import Host
import Primitives
import Scripting
import Synchronization

/// The installed rules, and what they would catch.
extension Verb {
  static let ruleVerbs: [Verb] = [
    Verb(
      name: "rules", form: "rules()",
      about: "The installed rules. Options: severity, kind (of event), text.",
      options: ["severity", "kind", "text"],
      examples: ["rules()", "rules{kind = \"login\"}", "rules{text = \"fraud\"}"]
    ) { host, arguments in
      let options = try VerbOptions(
        arguments.first, of: "rules", known: ["severity", "kind", "text"])
      let severity = try options.word(
        "severity", Severity.allCases.map(\.word), Severity.init)
      let kind = try options.text("kind")
      let text = try options.text("text")?.lowercased()
      let found = try host.control.rules().filter { rule in
        (severity.map { rule.severity >= $0 } ?? true)
          && (kind.map { rule.kinds.contains($0) } ?? true)
          && (text.map { "\(rule.id) \(rule.title)".lowercased().contains($0) } ?? true)
      }
      return .table(ScriptTable(list: found.map { .table(table($0)) }))
    },
    Verb(
      name: "rule", form: "rule(\"auth.login-burst\")",
      about: "One installed rule: what it looks at, how severe it is, where it stands.",
      examples: ["rule(\"auth.login-burst\")"]
    ) { host, arguments in
      guard let id = arguments.first?.text ?? arguments.first?.table?["rule"].text else {
        throw Failure(
          .usage, "rule needs an id",
          advice: "such as rule(\"auth.login-burst\"); rules() shows all")
      }
      let rules = try host.control.rules()
      guard let found = rules.first(where: { $0.id == id }) else {
        throw Failure.unknown(
          "rule", id, among: rules.map(\.id), advice: "rules() shows all")
      }
      return .table(table(found))
    },
    Verb(
      name: "gate", form: "gate()",
      about: """
        Holds the plugins as they stand against those that passed last, on the same events with every scenario \
        planted. Takes some seconds; only with --write do plugins that pass take the place of those before.
        """, options: ["events", "source", "count", "seed"],
      examples: [
        "gate()", "gate{count = 5}", "gate{events = \"events.jsonl\", source = \"generic-jsonl\"}",
      ]
    ) { host, arguments in
      let options = try VerbOptions(arguments.first, of: "gate", known: gateOptions)
      let (report, text) = try held(options, host)
      return .table(
        ScriptTable(named: [
          (ReplPrelude.tag, .text("text")), ("text", .text(text)),
          ("passed", .flag(report.passed)), ("scenarios", scenarios(report)),
        ]))
    },
    Verb(
      name: "plant", form: "plant(\"auth.login-burst\", {count = 5})",
      about: """
        Plants a scenario into a made-up month, or into the events that are given, and says which rules catch it. \
        Takes some seconds.
        """, options: gateOptions,
      examples: [
        "plant(\"auth.login-burst\")", "plant(\"fraud.card-testing\", {count = 5, seed = 11})",
      ]
    ) { host, arguments in
      guard let id = arguments.first?.text else {
        throw Failure(
          .usage, "plant needs a scenario", advice: "such as plant(\"auth.login-burst\")")
      }
      let known = try host.control.scenarios()
      guard known.contains(id) else { throw VerbOptions.unknown("scenario", id, known) }
      let options = try VerbOptions(
        arguments.dropFirst().first, of: "plant", known: gateOptions)
      let (report, _) = try held(options, host)
      guard let scenario = report.scenarios.first(where: { $0.id == id }) else { return .nil }
      return .table(table(scenario))
    },
  ]

  private static let gateOptions = ["events", "source", "count", "seed"]

  private static func held(
    _ options: VerbOptions, _ host: ReplHost
  ) throws(Failure) -> (GateReport, String) {
    var asked = GateOptions()
    switch (try options.text("events"), try options.text("source")) {
    case (let events?, let source?): asked.events = ([events], source)
    case (nil, nil): break
    default:
      throw Failure(.usage, "events and source go together", advice: "give both, or neither")
    }
    if let count = try options.count("count") { asked.count = count }
    if let seed = try options.count("seed") { asked.seed = UInt64(seed) }
    let report = try host.control.gate(
      asked, accepts: host.options.mayWrite, progress: host.progress)
    let collected = Mutex("")
    let screen = Screen(
      quiet: true, output: Terminal(width: host.options.terminal.width),
      result: { text in collected.withLock { $0 += text } })
    GateView(report: report).print(to: screen, format: .text)
    return (report, collected.withLock { $0 })
  }

  private static func scenarios(_ report: GateReport) -> ScriptValue {
    .table(ScriptTable(list: report.scenarios.map { .table(table($0)) }))
  }

  private static func table(_ scenario: GateReport.Scenario) -> ScriptTable {
    ScriptTable(named: [
      ("scenario", .text(scenario.id)), ("planted", .integer(Int64(scenario.injected))),
      ("caught", .integer(Int64(scenario.after.caught))),
      (
        "caught_by",
        .table(
          ScriptTable(
            named: scenario.after.caughtBy.sorted { $0.key < $1.key }.map {
              (name: $0.key, value: .integer(Int64($0.value)))
            }))
      ),
    ])
  }

  private static func table(_ rule: RuleCard) -> ScriptTable {
    func list(_ texts: [String]) -> ScriptValue {
      .table(ScriptTable(list: texts.map(ScriptValue.text)))
    }
    return ScriptTable(
      named: [
        (ReplPrelude.tag, .text("rule")), ("rule", .text(rule.id)), ("title", .text(rule.title)),
        ("severity", .text(rule.severity.word)), ("kinds", list(rule.kinds)),
        ("tags", list(rule.tags)), ("features", list(rule.features)),
        ("lua", .flag(rule.hasDetect)), ("file", .text(rule.file)),
        ("set_aside", .of(rule.setAside)),
      ].filter { !$0.1.isNil }.map { (name: $0.0, value: $0.1) })
  }
}
