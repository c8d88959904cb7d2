import Detection
import Plugins
package import Primitives
package import Response
import Store

/// Walks a playbook or an escalation through a stored alert without doing anything: what would be done, in which order,
/// and why. What is not granted is refused as it would be for real.
package struct RehearseJob: Sendable {
  private let settings: Settings
  private let folders: [String]
  private let playbook: String
  private let alert: String
  private let answers: [String: String]
  private let asGranted: Bool

  /// - Parameters:
  ///   - playbook: the id of a playbook or of an escalation.
  ///   - answers: what people answer, by step; a question without one gets the answer that holds otherwise.
  ///   - asGranted: as if everything that is asked for were granted and set.
  package init(
    settings: Settings, folders: [String] = [], playbook: String, alert: String,
    answers: [String: String] = [:], asGranted: Bool = false
  ) {
    self.settings = settings
    self.folders = folders
    self.playbook = playbook
    self.alert = alert
    self.answers = answers
    self.asGranted = asGranted
  }

  /// - Throws: `Failure(.usage)` where there is no such playbook or alert, or an answer is none.
  package func run() throws(Failure) -> Rehearsal {
    let installation = try Installation(settings, folders: folders)
    if let plugin = installation.plugins.escalations.first(where: { $0.id == playbook }) {
      return try rehearse(plugin, installation.grants.grant(of: plugin.id))
    }
    let known = installation.plugins.playbooks
    guard let plugin = known.first(where: { $0.id == playbook }) else {
      let ids = known.map(\.id) + installation.plugins.escalations.map(\.id)
      throw Failure(
        .usage, "there is no playbook or escalation '\(playbook)'",
        advice: nearestName(to: playbook, among: ids).map { "did you mean '\($0)'?" }
          ?? (ids.isEmpty ? "none is installed" : "installed: \(ids.joined(separator: ", "))"))
    }
    for step in answers.keys.sorted()
    where !plugin.playbook.steps.contains(where: { $0.name == step }) {
      throw Failure(
        .usage, "the playbook '\(playbook)' does not ask '\(step)'",
        advice: nearestName(to: step, among: plugin.playbook.steps.map(\.name)).map {
          "did you mean '\($0)'?"
        })
    }
    return try rehearse(plugin, installation.grants.grant(of: plugin.id))
  }

  private func facts() throws(Failure) -> AlertFacts {
    AlertFacts(try Control(settings: settings).alert(alert).stored.alert)
  }

  private func rehearse(
    _ plugin: EscalationPlugin, _ grant: Grant
  ) throws(Failure) -> Rehearsal {
    let facts = try facts()
    let script = Script(plugin.id, grant, asGranted: asGranted)
    let definitions = plugin.escalation.settings
    let missing = ActionSettings.missing(definitions, grant.settings)
    if !missing.isEmpty && !asGranted {
      throw Failure(
        .usage,
        "\(plugin.id) has no \(missing.map { "'\($0.name)'" }.joined(separator: ", ")) to work with",
        advice: "write it to 'settings' under grants: \(plugin.id): in \(settings.file), "
          + "or give --as-granted")
    }
    var values = grant.settings
    for setting in missing { values[setting.name] = setting.example }
    var state = PlaybookRun.State.done
    do {
      try EscalationRunner(plugin, settings: values).run(facts) { try script.perform($0) }
    } catch {
      state = .failed(step: "run", reason: error.description, stuck: [])
    }
    script.note("run", undo: false)
    return Rehearsal(
      playbook: plugin.id, alert: facts.id,
      applies: facts.satisfies(plugin.escalation.when, unclaimed: .days(36_500)),
      lines: script.lines, state: state)
  }

  private func rehearse(_ plugin: PlaybookPlugin, _ grant: Grant) throws(Failure) -> Rehearsal {
    let facts = try facts()
    let runner: PlaybookRunner
    do {
      runner = try PlaybookRunner(plugin)
    } catch {
      throw Failure(.usage, error.description)
    }
    let script = Script(plugin.id, grant, asGranted: asGranted)
    let step = runner.runner(facts) { act in try script.perform(act) }
    let names = plugin.playbook.steps.map(\.name)
    let run: PlaybookRun.Runner = { place, undo, answers in
      defer { script.note(names[place], undo: undo) }
      try step(place, undo, answers)
    }
    var course = PlaybookRun(plugin.playbook, at: facts.time, run: run)
    while case .waiting(let name, let until) = course.state {
      guard
        case .ask(let question)? = plugin.playbook.steps.first(where: { $0.name == name })?.kind
      else { preconditionFailure("a run waits at a question") }
      let text = PlaybookRunner.text(question, facts)
      script.lines.append(
        .asked(
          step: name, question: text, answer: answers[name] ?? question.otherwise,
          isTold: answers[name] != nil))
      if let answer = answers[name] {
        try course.answer(name, answer, at: facts.time, run: run)
      } else {
        course.advance(to: until, run: run)
      }
    }
    return Rehearsal(
      playbook: plugin.id, alert: facts.id,
      applies: facts.satisfies(plugin.playbook.when, unclaimed: .zero), lines: script.lines,
      state: course.state)
  }

  /// What a rehearsal writes down. A class because the steps of the playbook write into it while it is walked.
  private final class Script {
    private let plugin: String
    private let grant: Grant
    private let asGranted: Bool
    private var acts = RecordedActs()
    private(set) var refused: [Rehearsal.RefusedAct] = []
    var lines: [Rehearsal.Line] = []

    init(_ plugin: String, _ grant: Grant, asGranted: Bool) {
      self.plugin = plugin
      self.grant = grant
      self.asGranted = asGranted
    }

    func perform(_ act: Act) throws -> JSONValue {
      if !asGranted, let refusal = grant.refusal(of: act, by: plugin) {
        refused.append(Rehearsal.RefusedAct(act: act, reason: refusal.description))
        throw refusal
      }
      return try acts.perform(act)
    }

    func note(_ step: String, undo: Bool) {
      lines.append(.done(step: step, isUndo: undo, acts: acts.drain(), refused: refused))
      refused = []
    }
  }
}

extension SettingDefinition {
  /// Stands in for a setting in a rehearsal of what was not set yet.
  fileprivate var example: Value {
    switch kind {
    case .url: .text("https://not-set.example")
    case .number, .duration: .number(1)
    case .flag: .flag(true)
    case .choice: .text(choices.first ?? "")
    case .text, .secret: .text("not set")
    }
  }
}

/// What a playbook or an escalation would do.
package struct Rehearsal: Sendable {
  /// An act that is not granted.
  package struct RefusedAct: Sendable {
    package let act: Act
    package let reason: String
  }

  package enum Line: Sendable {
    case done(step: String, isUndo: Bool, acts: [Act], refused: [RefusedAct])
    /// `isTold` where the answer came from the one who rehearses, and not because nobody answers.
    case asked(step: String, question: String, answer: String, isTold: Bool)
  }

  package let playbook: String
  package let alert: String
  /// Whether the playbook's own conditions hold for the alert.
  package let applies: Bool
  package let lines: [Line]
  package let state: PlaybookRun.State

  package var json: JSONValue {
    [
      "playbook": .text(playbook), "alert": .text(alert), "applies": .flag(applies),
      "steps": .list(lines.map(Rehearsal.json)), "outcome": .text(outcome),
    ]
  }

  /// `done`, or at which step it failed and why.
  package var outcome: String {
    switch state {
    case .done: "done"
    case .waiting(let step, _): "waiting at '\(step)'"
    case .failed(let step, let reason, let stuck):
      "failed at '\(step)': \(reason)"
        + (stuck.isEmpty ? "" : "; could not be undone: \(stuck.joined(separator: ", "))")
    }
  }

  private static func json(_ line: Line) -> JSONValue {
    switch line {
    case .done(let step, let isUndo, let acts, let refused):
      [
        "step": .text(step), "undo": .flag(isUndo), "acts": .list(acts.map(json)),
        "refused": .list(
          refused.map { refused in
            ["act": .text(refused.act.word.rawValue), "reason": .text(refused.reason)]
          }),
      ]
    case .asked(let step, let question, let answer, let isTold):
      [
        "step": .text(step), "question": .text(question), "answer": .text(answer),
        "told": .flag(isTold),
      ]
    }
  }

  private static func json(_ act: Act) -> JSONValue {
    [
      "act": .text(act.word.rawValue),
      "arguments": .object(act.arguments.map { .init($0.key, hidden($0.value)) }),
    ]
  }

  /// A document without its secrets.
  private static func hidden(_ value: JSONValue) -> JSONValue {
    switch value {
    case .text(let text): .text(SecretToken.hidden(text))
    case .list(let elements): .list(elements.map(hidden))
    case .object(let members): .object(members.map { .init($0.key, hidden($0.value)) })
    default: value
    }
  }
}
