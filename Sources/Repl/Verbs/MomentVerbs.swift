import Cases
import Console
import Host
import Primitives
import Scripting

/// How things stood at a time.
extension Verb {
  static let momentVerbs: [Verb] = [
    Verb(
      name: "at", form: "at(\"2026-03-25 14:00\", {entity = \"user=ana\"})",
      about: """
        How things stood at a time: the risk of entities, the highest first, and which rules, lists and model judged, held \
        against those of now; with entity its risk and its windows as an event at that time would have met them. Of the answer \
        .rules, .lists and .model say what there was, .rule("id") shows a rule as it was and what is otherwise now, \
        .list("name") gives the entries of then, .model_file() the model. source says whose judges are meant where sources \
        had others.
        """, options: ["entity", "field", "band", "limit", "source"],
      examples: [
        "at(\"2026-03-25 14:00\")", "at(\"2026-03-25 14:00\", {entity = \"user=ana\"})",
        "at(time() - 1 * day, {band = \"red\"})",
        "at(\"2026-03-25 14:00\").rule(\"auth.login-burst\")",
        "at(\"2026-03-25 14:00\").list(\"blocked\")", "at(\"2026-03-25 14:00\").model.digest",
      ]
    ) { host, arguments in
      let time = try moment(arguments)
      let options = try momentOptions(arguments.dropFirst().first)
      let entity = try options.text("entity")
      let state = try host.control.state(
        at: time, of: entity, source: try options.text("source"), progress: host.progress)
      var found = try host.control.entities(
        at: .at(time), field: try options.text("field"), band: try options.text("band"),
        limit: entity == nil ? try options.count("limit") ?? 20 : 1_000_000)
      if let named = state.entity { found.risks.removeAll { $0.entity != named } }
      let risks = found.risks
      return try drawn(host) { screen, style in
        let view = EntityListView(at: time, risks: risks)
        if style == .json {
          // One object: the risks beside who judged and the windows.
          let list = drawnText(host) { view.print(to: $0, format: .json) }
          screen.print(joined(state.json, list))
        } else {
          view.print(to: screen, format: style)
          StateThenView(state: state).print(to: screen)
        }
      }
    }
  ]

  fileprivate static func moment(_ arguments: [ScriptValue]) throws(Failure) -> Timestamp {
    if let time = arguments.first.flatMap({ $0.time ?? $0.text.flatMap(TimeWords.parse) }) {
      return time
    }
    throw Failure(.usage, "at needs a time", advice: "such as at(\"2026-03-25 14:00\")")
  }

  fileprivate static func momentOptions(_ value: ScriptValue?) throws(Failure) -> VerbOptions {
    try VerbOptions(value, of: "at", known: ["entity", "field", "band", "limit", "source"])
  }

  /// An object with the members of another, which is given as text.
  private static func joined(_ value: JSONValue, _ text: String) -> String {
    guard case .object(var members) = value else { return text }
    do throws(JSONProblem) {
      if case .object(let others) = try JSONValue.parse(Array(text.utf8)) { members += others }
    } catch {
      preconditionFailure("a view prints JSON")
    }
    return JSONValue.object(members).serialized()
  }
}

/// What the answer of `at` is asked for in the prelude: a rule, a list and the model of then.
///
/// Each gets the time and the options that `at` got, and what is wanted.
enum MomentFunctions {
  static func all(_ host: ReplHost) -> [HostFunction] {
    [
      Verb.function("__rule_then") { arguments in
        let (time, source, id) = try question(
          arguments, "rule", advice: "such as at(…).rule(\"auth.login-burst\")")
        return rule(try host.control.rule(id, at: time, source: source))
      },
      Verb.function("__list_then") { arguments in
        let (time, source, name) = try question(
          arguments, "list", advice: "such as at(…).list(\"blocked\")")
        let entries = try host.control.list(name, at: time, source: source)
        return .table(ScriptTable(list: entries.map(ScriptValue.text)))
      },
      Verb.function("__model_then") { arguments in
        let options = try Verb.momentOptions(arguments.dropFirst().first)
        return .text(
          try host.control.modelFile(
            at: try Verb.moment(arguments), source: try options.text("source")))
      },
    ]
  }

  private static func question(
    _ arguments: [ScriptValue], _ what: String, advice: String
  ) throws(Failure) -> (time: Timestamp, source: String?, name: String) {
    let options = try Verb.momentOptions(arguments.dropFirst().first)
    let asked = arguments.dropFirst(2).first
    guard let name = asked?.text ?? asked?.table?[what].text else {
      throw Failure(.usage, "\(what) needs a name", advice: advice)
    }
    return (try Verb.moment(arguments), try options.text("source"), name)
  }

  private static func rule(_ then: RuleThen) -> ScriptValue {
    let rule = then.rule
    let version = rule.version.map { ", pack \($0)" } ?? ""
    let lines = then.text.split(separator: "\n", omittingEmptySubsequences: false)
    let size = String(lines.count).count
    var text = "\(rule.id): \(rule.file), digest \(rule.digest.prefix(12))\(version)\n"
    for (index, line) in lines.enumerated() where index < lines.count - 1 || !line.isEmpty {
      let number = "\(index + 1)"
      text += "\(String(repeating: " ", count: size - number.count))\(number)  \(line)\n"
    }
    switch rule.since {
    case .same: text += "\nThe file is the same now.\n"
    case .gone: text += "\nThere is no such rule now.\n"
    case .changed:
      text += "\nWhat is otherwise now (- then, + now):\n"
      text += then.changes.map { $0 + "\n" }.joined()
    }
    var named: [(name: String, value: ScriptValue)] = [
      (ReplPrelude.tag, .text("text")), (Verb.textKey, .text(text)), ("rule", .text(rule.id)),
      ("file", .text(rule.file)), ("digest", .text(rule.digest)), ("text", .text(then.text)),
      ("now", .text(rule.since.rawValue)),
      ("changes", .table(ScriptTable(list: then.changes.map(ScriptValue.text)))),
    ]
    if let version = rule.version { named.append(("version", .text(version))) }
    return .table(ScriptTable(named: named))
  }
}
