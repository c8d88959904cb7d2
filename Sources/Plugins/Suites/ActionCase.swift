import Detection
import Primitives
import Response
import Scripting

/// The part of a case that is about an escalation or a playbook: alerts in, recorded acts out, on the case's clock.
///
/// Nothing is done: acts are written down and answered with `{ ok = true }`, or fail where the case says so.
final class ActionCase {
  private let escalation: EscalationPlugin?
  private let playbook: PlaybookPlugin?
  private var acts = RecordedActs()
  private var settings: [String: Value] = [:]
  private var desk: EscalationDesk
  private var runs: [(run: PlaybookRun, alert: AlertFacts, runner: PlaybookRunner)] = []
  private var alerts = 0
  /// The run at hand, and those of which an act failed because the case told it to.
  private var current: Int?
  private var toldToFail: Set<Int> = []
  private var isJudged = false

  init?(subject: String, set: PluginSet) {
    escalation = set.escalations.first { $0.id == subject }
    playbook = set.playbooks.first { $0.id == subject }
    if escalation == nil && playbook == nil { return nil }
    desk = EscalationDesk(escalation.map { [$0.escalation] } ?? [])
  }

  /// What a case may call beside the words for events.
  static let words = [
    "set", "alert", "claim", "answer", "fail", "expect_act", "expect_acts", "expect_no_act",
    "expect_question",
  ]

  // MARK: doing

  func set(_ arguments: [ScriptValue]) throws {
    guard let table = arguments.first?.table, let definitions = escalation?.escalation.settings
    else { throw Refusal("t:set needs the settings of an escalation, such as { url = \"…\" }") }
    for (name, value) in table.named {
      guard definitions.contains(where: { $0.name == name }) else {
        throw Refusal(
          "there is no setting \(quoted(name))\(didYouMean(name, among: definitions.map(\.name)))")
      }
      settings[name] =
        value.text.map { .text($0) } ?? value.duration.map { .number($0.seconds) }
        ?? value.number.map { .number($0) } ?? value.flag.map { .flag($0) }
    }
  }

  func alert(_ arguments: [ScriptValue], at time: Timestamp) throws {
    guard let table = arguments.first?.table, table.list.isEmpty else {
      throw Refusal("t:alert needs an alert such as { severity = \"high\", entity = \"ana\" }")
    }
    alerts += 1
    var values: [String: Value] = [
      "id": .text("alert-\(alerts)"), "severity": .text("high"), "title": .text("Alert"),
      "message": .text("Something was found"), "recurrence": .number(0),
    ]
    for (name, value) in table.named {
      guard let type = AlertFacts.types[name] else {
        throw Refusal(
          "an alert has no \(quoted(name))\(didYouMean(name, among: AlertFacts.types.keys))")
      }
      switch (type, value) {
      case (.text, .text(let text)): values[name] = .text(text)
      case (.number, .integer), (.number, .number): values[name] = value.number.map { .number($0) }
      default: throw Refusal("\(quoted(name)) holds a \(type.rawValue), not \(described(value))")
      }
    }
    if values[Rule.score] != nil && values[Rule.rarity] != nil {
      throw Refusal("an alert has a score or a rarity, never both")
    }
    begin()
    let facts = AlertFacts(time: time, values: values)
    if let playbook, facts.satisfies(playbook.playbook.when, unclaimed: .zero) {
      let runner = try PlaybookRunner(playbook)
      current = runs.count
      runs.append(
        (
          PlaybookRun(playbook.playbook, at: time, run: runner.runner(facts, act: act)), facts,
          runner
        ))
    }
    try checkPlaybooks()
    desk.take(facts)
    try escalate(at: time)
  }

  func advance(to time: Timestamp) throws {
    begin()
    for index in runs.indices {
      current = index
      runs[index].run.advance(
        to: time, run: runs[index].runner.runner(runs[index].alert, act: act))
    }
    try checkPlaybooks()
    try escalate(at: time)
  }

  func claim(_ arguments: [ScriptValue]) {
    desk.claim(arguments.first?.text ?? "alert-\(alerts)")
  }

  func answer(_ arguments: [ScriptValue], at time: Timestamp) throws {
    guard arguments.count == 2, let step = arguments[0].text, let choice = arguments[1].text else {
      throw Refusal("t:answer needs a step and a choice")
    }
    guard let last = runs.indices.last else { throw Refusal("no playbook is running") }
    begin()
    current = last
    try runs[last].run.answer(
      step, choice, at: time, run: runs[last].runner.runner(runs[last].alert, act: act))
    try checkPlaybooks()
  }

  func fail(_ arguments: [ScriptValue]) throws {
    guard let name = arguments.first?.text, let word = ActWord(rawValue: name) else {
      throw Refusal("t:fail needs the name of an act, such as \"directory.lock\"")
    }
    acts.fail(word, arguments.count > 1 ? arguments[1].text ?? "told to fail" : "told to fail")
  }

  private func act(_ act: Act) throws -> JSONValue {
    do {
      return try acts.perform(act)
    } catch {
      if let current { toldToFail.insert(current) }
      throw error
    }
  }

  /// A playbook that failed of itself did less than it says, which a case that expects no act must not take for peace.
  private func checkPlaybooks() throws {
    current = nil
    for (index, (run, _, _)) in runs.enumerated() where !toldToFail.contains(index) {
      if case .failed(let step, let reason, _) = run.state {
        throw Refusal("the playbook failed at '\(step)': \(reason)")
      }
    }
  }

  private func escalate(at time: Timestamp) throws {
    guard let escalation else { return }
    for due in desk.advance(to: time) {
      let missing = ActionSettings.missing(escalation.escalation.settings, settings)
      if let first = missing.first {
        throw Refusal("the setting '\(first.name)' is not set (call t:set { \(first.name) = … })")
      }
      try EscalationRunner(escalation, settings: settings).run(due.alert, act: act)
    }
  }

  /// What is done from here on is judged by itself.
  private func begin() {
    if isJudged { _ = acts.drain() }
    isJudged = false
  }

  // MARK: expecting

  func expectAct(_ arguments: [ScriptValue]) throws {
    isJudged = true
    guard let table = arguments.first?.table, let name = table.list.first?.text else {
      throw Refusal(
        "t:expect_act needs a name and arguments: { \"directory.lock\", user = \"ana\" }")
    }
    guard ActWord(rawValue: name) != nil else {
      throw Refusal(
        "there is no act \(quoted(name))\(didYouMean(name, among: ActWord.allCases.map(\.rawValue)))"
      )
    }
    let wanted = ActFunctions.document(.table(ScriptTable(named: table.named)))
    let found = acts.acts.contains { act in
      act.word.rawValue == name && ActionCase.holds(.object(act.arguments), wanted)
    }
    if found { return }
    let text = table.named.isEmpty ? "" : " \(SecretToken.hidden(wanted.serialized(.compact)))"
    throw Unmet(expected: "the act \(name)\(text)", got: outcome)
  }

  func expectActs(_ arguments: [ScriptValue]) throws {
    isJudged = true
    guard let list = arguments.first?.table?.list, list.allSatisfy({ $0.text != nil }) else {
      throw Refusal("t:expect_acts needs the names of all acts in order: { \"directory.lock\" }")
    }
    let wanted = list.compactMap(\.text)
    if acts.acts.map(\.word.rawValue) == wanted { return }
    throw Unmet(expected: "the acts \(wanted.joined(separator: ", "))", got: outcome)
  }

  func expectNoAct() throws {
    isJudged = true
    if !acts.acts.isEmpty { throw Unmet(expected: "no act", got: outcome) }
  }

  func expectQuestion(_ arguments: [ScriptValue]) throws {
    guard let wanted = arguments.first?.text else {
      throw Refusal("t:expect_question needs the question")
    }
    guard let (run, alert, _) = runs.last, case .waiting(let step, _) = run.state,
      case .ask(let question)? = run.playbook.steps.first(where: { $0.name == step })?.kind
    else { throw Unmet(expected: "the question \"\(wanted)\"", got: "nothing is asked") }
    let asked = PlaybookRunner.text(question, alert)
    if asked != wanted {
      throw Unmet(expected: "the question \"\(wanted)\"", got: "\"\(asked)\" is asked")
    }
  }

  private var outcome: String {
    let done = acts.acts.prefix(5).map(\.description).joined(separator: "; ")
    let more = acts.acts.count > 5 ? " and \(acts.acts.count - 5) more" : ""
    var text = acts.acts.isEmpty ? "nothing was done" : "these were done: \(done)\(more)"
    if let run = runs.last?.run, case .failed(let step, let reason, _) = run.state {
      text += "; the playbook failed at '\(step)': \(reason)"
    }
    return text
  }

  /// Whether a document holds all that is wanted of it; what it holds beside does not matter.
  private static func holds(_ document: JSONValue, _ wanted: JSONValue) -> Bool {
    guard case .object(let members) = wanted else { return document == wanted }
    guard case .object(let own) = document else { return members.isEmpty }
    return members.allSatisfy { member in
      own.first { $0.key == member.key }.map { holds($0.value, member.value) } ?? false
    }
  }
}
