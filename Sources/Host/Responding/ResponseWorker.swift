import Detection
import Plugins
import Primitives
import Response
import Store

/// Carries out the responses of some plugins, one after the other. Belongs to one thread.
final class ResponseWorker {
  private let store: ResponseStore
  private let alerts: AlertStore
  private let book: ResponseBook
  private let settings: Settings
  private let pause: ActPause
  private let warn: (String) -> Void
  private var edition: Int
  private var escalations: [String: EscalationRunner] = [:]
  private var playbooks: [String: PlaybookRunner] = [:]

  init(
    _ store: ResponseStore, _ alerts: AlertStore, _ book: ResponseBook, _ settings: Settings,
    _ pause: ActPause, warn: @escaping (String) -> Void
  ) {
    self.warn = warn
    self.store = store
    self.alerts = alerts
    self.book = book
    self.settings = settings
    self.pause = pause
    edition = book.edition.number
  }

  /// Does what is to be done now. Fails only where the database cannot be read or written.
  func process(_ response: StoredResponse) throws(Failure) {
    let edition = book.edition
    if edition.number != self.edition {
      self.edition = edition.number
      escalations = [:]
      playbooks = [:]
    }
    switch response.kind {
    case .escalation:
      guard let plugin = edition.escalations.first(where: { $0.id == response.plugin }) else {
        return try gone(response)
      }
      try escalate(response, plugin, edition.grants.grant(of: plugin.id))
    case .playbook:
      guard let plugin = edition.playbooks.first(where: { $0.id == response.plugin }) else {
        return try gone(response)
      }
      try play(response, plugin, edition.grants.grant(of: plugin.id))
    }
  }

  private func gone(_ response: StoredResponse) throws(Failure) {
    try fail(response, "there is no \(response.kind.rawValue) '\(response.plugin)' any more")
  }

  private func fail(_ response: StoredResponse, _ reason: String) throws(Failure) {
    try store.settle(response, .failed, reason)
    warn("\(response.plugin) failed on alert \(response.alert.prefix(10)): \(reason)")
  }

  private func acts(_ response: StoredResponse, _ grant: Grant) -> JournalledActs {
    JournalledActs(
      store.journal, response,
      ActDoer(settings: settings, grant: grant, plugin: response.plugin, alert: response.alert),
      pause: pause)
  }

  /// Whether a response that was begun may go on: with the text that it was begun with, or that a person has it go on with.
  private func goesOn(_ response: StoredResponse, _ digest: String) throws(Failure) -> Bool {
    guard let source = response.source else {
      try store.goOn(response, source: digest)
      return true
    }
    if source == digest { return true }
    try fail(response, "its file was changed while it ran: what is left is to be done by hand")
    return false
  }

  // MARK: escalations

  private func escalate(
    _ response: StoredResponse, _ plugin: EscalationPlugin, _ grant: Grant
  ) throws(Failure) {
    let digest = ResponseBook.digest(plugin.origin)
    if response.state == .due {
      let limit = plugin.escalation.limit.map { (count: $0.count, every: $0.every) }
      guard
        try store.begin(response, source: digest, limit: limit, stopsWhenClaimed: true)
      else { return }
    } else if try !goesOn(response, digest) {
      return
    }
    let facts = AlertFacts(try alerts.alert(response.alert).alert)
    let acts = acts(response, grant)
    acts.enter("run", undo: false)
    do throws(Diagnostic) {
      let runner: EscalationRunner
      if let known = escalations[plugin.id] {
        runner = known
      } else {
        runner = try EscalationRunner(plugin, settings: grant.settings)
        escalations[plugin.id] = runner
      }
      try runner.run(facts) { try acts.perform($0) }
    } catch {
      return try settle(response, acts, .failed, error.description, grant)
    }
    try settle(response, acts, .done, nil, grant)
  }

  private func settle(
    _ response: StoredResponse, _ acts: JournalledActs, _ state: StoredResponse.State,
    _ reason: String?, _ grant: Grant
  ) throws(Failure) {
    if let broken = acts.broken { throw broken }
    // It goes on where it was when the program is started again.
    if acts.isStopped { return }
    let told = reason.map { SecretVeil(grant.secrets.values).hide(SecretToken.hidden($0)) }
    if state == .failed { return try fail(response, told ?? "") }
    try store.settle(response, state, told)
  }

  // MARK: playbooks

  private func play(
    _ given: StoredResponse, _ plugin: PlaybookPlugin, _ grant: Grant
  ) throws(Failure) {
    var response = given
    let digest = ResponseBook.digest(plugin.origin)
    if response.state == .due {
      guard try store.begin(response, source: digest, limit: nil, stopsWhenClaimed: false) else {
        return
      }
    } else if try !goesOn(response, digest) {
      return
    }
    if response.state == .asking, let question = response.question {
      guard case .ask(let asked)? = plugin.playbook.step(question.step)?.kind else {
        return try gone(response)
      }
      response = try store.answer(response.id, asked.otherwise, nobody: true)
    }
    let facts = AlertFacts(try alerts.alert(response.alert).alert)
    let acts = acts(response, grant)
    let run: PlaybookRun
    do {
      run = try walk(plugin, facts, response, acts)
    } catch {
      return try settle(response, acts, .failed, "\(error)", grant)
    }
    switch run.state {
    case .done: try settle(response, acts, .done, nil, grant)
    case .failed(let step, let reason, let stuck):
      let left = stuck.isEmpty ? "" : "; could not be undone: \(stuck.joined(separator: ", "))"
      try settle(response, acts, .failed, "at '\(step)': \(reason)\(left)", grant)
    case .waiting(let step, _):
      if let broken = acts.broken { throw broken }
      guard !acts.isStopped, case .ask(let question)? = plugin.playbook.step(step)?.kind else {
        return
      }
      try store.ask(
        response,
        StoredResponse.Question(
          step: step, text: PlaybookRunner.text(question, facts), choices: question.choices,
          until: WallClock.now() + question.within))
    }
  }

  /// Walks from the beginning, through the answers that were given, as far as it goes: acts that were done are only looked
  /// up.
  private func walk(
    _ plugin: PlaybookPlugin, _ facts: AlertFacts, _ response: StoredResponse,
    _ acts: JournalledActs
  ) throws -> PlaybookRun {
    let runner = try playbooks[plugin.id] ?? PlaybookRunner(plugin)
    playbooks[plugin.id] = runner
    let perform = runner.runner(facts) { try acts.perform($0) }
    let names = plugin.playbook.steps.map(\.name)
    let step: PlaybookRun.Runner = { place, undo, answers in
      acts.enter(names[place], undo: undo)
      try perform(place, undo, answers)
    }
    var run = PlaybookRun(plugin.playbook, at: response.begun ?? WallClock.now(), run: step)
    for answer in response.answers {
      guard case .waiting = run.state else { break }
      try run.answer(answer.step, answer.choice, at: answer.time, run: step)
    }
    return run
  }
}

extension Playbook {
  fileprivate func step(_ name: String) -> Step? { steps.first { $0.name == name } }
}
