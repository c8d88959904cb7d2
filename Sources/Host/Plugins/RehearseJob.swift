import Plugins
package import Primitives
package import Response
import Store

/// Walks a playbook through a stored alert without doing anything: what would be done, in which order, and why.
package struct RehearseJob: Sendable {
  private let settings: Settings
  private let folders: [String]
  private let playbook: String
  private let alert: String
  private let answers: [String: String]

  /// - Parameter answers: what people answer, by step; a question without one gets the answer that holds otherwise.
  package init(
    settings: Settings, folders: [String] = [], playbook: String, alert: String,
    answers: [String: String] = [:]
  ) {
    self.settings = settings
    self.folders = folders
    self.playbook = playbook
    self.alert = alert
    self.answers = answers
  }

  /// - Throws: `Failure(.usage)` where there is no such playbook or alert, or an answer is none.
  package func run() throws(Failure) -> Rehearsal {
    let installation = try Installation(settings, folders: folders)
    let known = installation.plugins.playbooks
    guard let plugin = known.first(where: { $0.id == playbook }) else {
      let ids = known.map(\.id)
      throw Failure(
        .usage, "there is no playbook '\(playbook)'",
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
    let stored = try Control(settings: settings).alert(alert).stored.alert
    let facts = AlertFacts(stored)
    let runner: PlaybookRunner
    do {
      runner = try PlaybookRunner(plugin)
    } catch {
      throw Failure(.usage, error.description)
    }
    return try rehearse(plugin, runner, facts)
  }

  private func rehearse(
    _ plugin: PlaybookPlugin, _ runner: PlaybookRunner, _ facts: AlertFacts
  ) throws(Failure) -> Rehearsal {
    let script = Script()
    let step = runner.runner(facts) { act in try script.acts.perform(act) }
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
    var acts = RecordedActs()
    var lines: [Rehearsal.Line] = []

    func note(_ step: String, undo: Bool) {
      lines.append(.done(step: step, isUndo: undo, acts: acts.drain()))
    }
  }
}

/// What a playbook would do.
package struct Rehearsal: Sendable {
  package enum Line: Sendable {
    case done(step: String, isUndo: Bool, acts: [Act])
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
    case .done(let step, let isUndo, let acts):
      [
        "step": .text(step), "undo": .flag(isUndo),
        "acts": .list(
          acts.map {
            [
              "act": .text($0.word.rawValue),
              "arguments": .object(
                $0.arguments.map { .init($0.key, hidden($0.value)) }),
            ]
          }),
      ]
    case .asked(let step, let question, let answer, let isTold):
      [
        "step": .text(step), "question": .text(question), "answer": .text(answer),
        "told": .flag(isTold),
      ]
    }
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
