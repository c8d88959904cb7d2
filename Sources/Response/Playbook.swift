package import Detection
package import Primitives

/// What to do about an alert, step by step. What a step does is a function of the plugin.
package struct Playbook: Hashable, Sendable {
  package struct Step: Hashable, Sendable {
    package let name: String
    package let kind: Kind

    package init(name: String, kind: Kind) {
      self.name = name
      self.kind = kind
    }
  }

  package enum Kind: Hashable, Sendable {
    case run(canUndo: Bool)
    case ask(Question)
  }

  /// A question to a person; the answer is given to later steps.
  package struct Question: Hashable, Sendable {
    /// With places such as `{entity}`.
    package let text: String
    package let choices: [String]
    package let within: TimeSpan
    /// What holds where nobody answers in time.
    package let otherwise: String

    package init(text: String, choices: [String], within: TimeSpan, otherwise: String) {
      self.text = text
      self.choices = choices
      self.within = within
      self.otherwise = otherwise
    }
  }

  package let id: String
  package let when: [Predicate]
  package let uses: [String]
  package let steps: [Step]

  package init(id: String, when: [Predicate], uses: [String], steps: [Step]) {
    self.id = id
    self.when = when
    self.uses = uses
    self.steps = steps
  }
}

/// One playbook on one alert: which step is next, what was answered, what came of it.
///
/// A value, so that it can be written down after each step and taken up again. A step that fails ends the run, and the
/// steps before it that can be undone are, the last first.
package struct PlaybookRun: Sendable {
  package enum State: Hashable, Sendable {
    /// A person is asked, until then.
    case waiting(step: String, until: Timestamp)
    case done
    /// The step that failed, why, and what could not be undone either.
    case failed(step: String, reason: String, stuck: [String])
  }

  /// Runs or undoes the step at a place, with the answers so far.
  package typealias Runner = (_ step: Int, _ undo: Bool, _ answers: [String: String]) throws -> Void

  package let playbook: Playbook
  package private(set) var state: State
  package private(set) var answers: [String: String] = [:]
  /// The steps that were done, in order.
  package private(set) var done: [String] = []
  private var next = 0

  /// Runs up to the first question.
  package init(_ playbook: Playbook, at time: Timestamp, run: Runner) {
    self.playbook = playbook
    state = .done
    proceed(at: time, run)
  }

  /// Answers the open question. Another step, another choice or a question that is not open is refused.
  package mutating func answer(
    _ step: String, _ choice: String, at time: Timestamp, run: Runner
  ) throws(Failure) {
    guard case .waiting(let open, _) = state, open == step,
      case .ask(let question) = playbook.steps[next].kind
    else { throw Failure(.usage, "'\(step)' is not asked now") }
    guard question.choices.contains(choice) else {
      throw Failure(
        .usage, "'\(choice)' is no answer to '\(step)'",
        advice: "one of \(question.choices.joined(separator: ", "))")
    }
    take(choice, at: time, run)
  }

  /// Moves time on: a question that nobody answered gets the answer that holds otherwise.
  package mutating func advance(to time: Timestamp, run: Runner) {
    while case .waiting(_, let until) = state, until <= time,
      case .ask(let question) = playbook.steps[next].kind
    {
      take(question.otherwise, at: until, run)
    }
  }

  private mutating func take(_ choice: String, at time: Timestamp, _ run: Runner) {
    answers[playbook.steps[next].name] = choice
    done.append(playbook.steps[next].name)
    next += 1
    proceed(at: time, run)
  }

  private mutating func proceed(at time: Timestamp, _ run: Runner) {
    while next < playbook.steps.count {
      let step = playbook.steps[next]
      if case .ask(let question) = step.kind {
        state = .waiting(step: step.name, until: time + question.within)
        return
      }
      do {
        try run(next, false, answers)
      } catch {
        state = .failed(step: step.name, reason: "\(error)", stuck: undone(before: next, run))
        return
      }
      done.append(step.name)
      next += 1
    }
    state = .done
  }

  /// Undoes what came before a step, the last first; returns what could not be.
  private func undone(before failed: Int, _ run: Runner) -> [String] {
    var stuck: [String] = []
    for place in (0..<failed).reversed() {
      guard case .run(canUndo: true) = playbook.steps[place].kind else { continue }
      do {
        try run(place, true, answers)
      } catch {
        stuck.append(playbook.steps[place].name)
      }
    }
    return stuck
  }
}
