import Cases
import Console
import Detection
import Host
import Primitives
import Scripting

/// Rules tried on the events that are kept, before they go live.
extension Verb {
  private static let options = ["last", "since", "labels", "title"]

  static let trialVerbs: [Verb] = [
    Verb(
      name: "try", form: "try(function(e, f) … end, {last = 7 * day})",
      about: """
        Runs a rule that is written at the prompt on the kept events, and says what it would have caught, what would have \
        been counted with open alerts, and what it would have cost. e has the event's fields, f its features. It finds an \
        event where it returns a sentence, true, or a table with message and severity. Takes also the text of a rule, or \
        its file.
        """, options: options,
      examples: [
        "try(function(e) return e.kind == \"login\" and e.outcome == \"failure\" end, {last = 7 * day})",
        "try(function(e, f) return (f.event_count_1h or 0) > 20 and \"busy: \" .. e.user end)",
        "try([[return rule { id = \"a.b\", title = \"Much\", severity = \"low\", when = { amount = above(900) } }]])",
        "try(\"plugins/auth/off-hours.lua\", {last = 3 * day})",
      ]
    ) { host, arguments in
      guard let text = arguments.first?.text else {
        throw Failure(
          .usage, "try needs a function, or the text or file of a rule",
          advice: "such as try(function(e) return e.kind == \"login\" end)")
      }
      let isFile = text.hasSuffix(".lua") && !text.contains("\n")
      return try told(isFile ? .file(text) : .text(text), arguments, "try", host)
    },
    Verb(
      name: "backtest", form: "backtest(\"auth.off-hours\", {last = 7 * day})",
      about: """
        What an installed rule, as its file stands now, would have led to on the kept events: what it caught, how often it \
        is wrong, what it costs. Takes also a file.
        """, options: options,
      examples: [
        "backtest(\"auth.off-hours\")", "backtest(\"auth.off-hours\", {last = 7 * day})",
        "backtest(\"drafts/new-rule.lua\")",
      ]
    ) { host, arguments in
      guard let id = arguments.first?.text ?? arguments.first?.table?["rule"].text else {
        throw Failure(
          .usage, "backtest needs a rule", advice: "such as backtest(\"auth.off-hours\")")
      }
      return try told(
        id.hasSuffix(".lua") ? .file(id) : .installed(id), arguments, "backtest", host)
    },
  ]

  private static func told(
    _ subject: TrialSubject, _ arguments: [ScriptValue], _ verb: String, _ host: ReplHost
  ) throws(Failure) -> ScriptValue {
    let options = try VerbOptions(arguments.dropFirst().first, of: verb, known: options)
    let report = try host.control.trial(
      of: subject, since: try options.start(host.now) ?? .distantPast,
      labels: try options.text("labels"),
      progress: host.progress)
    return try drawn(host) { TrialView(report: report).print(to: $0, isJSON: $1 == .json) }
  }
}

/// What `try` of the prelude asks of the host while it goes through events.
enum TrialFunctions {
  static func all(_ host: ReplHost) -> [HostFunction] {
    [
      Verb.function("__walk") { arguments in
        guard host.walk == nil else {
          throw Failure(
            .usage, "try cannot stand inside of the function of another try",
            advice: "try them one after the other")
        }
        let options = try VerbOptions(
          arguments.first, of: "try", known: ["last", "since", "labels", "title"])
        host.walk = try host.control.walk(
          title: try options.text("title") ?? "prompt",
          since: try options.start(host.now) ?? .distantPast, labels: try options.text("labels"),
          progress: host.progress)
        host.walkSeconds = 0
        host.walkGiven = monotonicSeconds()
        return .nil
      },
      Verb.function("__next_events") { _ in
        host.walkSeconds += monotonicSeconds() - host.walkGiven
        guard let events = try walk(host).next() else { return .nil }
        let list = ScriptValue.table(
          ScriptTable(list: events.map { .table(EventTable.table($0)) }))
        host.walkGiven = monotonicSeconds()
        return list
      },
      Verb.function("__feature") { arguments in
        guard arguments.count == 2, let place = arguments[0].integer, let name = arguments[1].text
        else { throw Failure(.usage, "a feature has a name", advice: "such as f.event_count_1h") }
        return .of(try walk(host).feature(Int(place) - 1, name))
      },
      Verb.function("__found") { arguments in
        guard arguments.count == 2, let place = arguments[0].integer else { return .nil }
        try found(arguments[1], at: Int(place) - 1, host)
        return .nil
      },
      Verb.function("__report") { _ in
        let walk = try walk(host)
        host.walk = nil
        let report = try walk.report(ruleSeconds: host.walkSeconds)
        return try Verb.drawn(host) {
          TrialView(report: report).print(to: $0, isJSON: $1 == .json)
        }
      },
    ]
  }

  private static func walk(_ host: ReplHost) throws(Failure) -> KeptWalk {
    if let walk = host.walk { return walk }
    throw Failure(
      .usage, "f is known only while try goes through events",
      advice: "keep a value of it, such as f.event_count_1h")
  }

  private static func found(
    _ said: ScriptValue, at place: Int, _ host: ReplHost
  ) throws(Failure) {
    var message = "found at the prompt"
    var severity = Severity.medium
    switch said {
    case .flag(true): break
    case .text(let text): message = String(text.prefix(1000))
    case .table(let table) where table.list.isEmpty:
      if let text = table["message"].text { message = String(text.prefix(1000)) }
      if let word = table["severity"].text {
        guard let known = Severity(word) else {
          throw VerbOptions.unknown("severity", word, Severity.allCases.map(\.word))
        }
        severity = known
      }
    default:
      throw Failure(
        .usage, "the function returned \(said.kind)",
        advice: "return a sentence, true, a table with message and severity, or nothing")
    }
    try walk(host).found(place, severity: severity, title: "Found at the prompt", message: message)
  }
}
