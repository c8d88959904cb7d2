import Detection
import Plugins
import Primitives
import Response
import Store

/// Carries out the responses of one plugin, one after the other. Belongs to one thread at a time.
final class ResponseWorker {
  private let store: ResponseStore
  private let alerts: AlertStore
  private let books: [ResponseBook]
  private let settings: Settings
  private let pause: ActPause
  private let warn: (String) -> Void
  /// The runner of one of them, with the digest of the text that it runs.
  private var escalation: (digest: String, runner: EscalationRunner)?
  private var playbook: (digest: String, runner: PlaybookRunner)?

  /// - Parameter books: of every source.
  init(
    _ store: ResponseStore, _ alerts: AlertStore, _ books: [ResponseBook], _ settings: Settings,
    _ pause: ActPause, warn: @escaping (String) -> Void
  ) {
    self.warn = warn
    self.store = store
    self.alerts = alerts
    self.books = books
    self.settings = settings
    self.pause = pause
  }

  /// Does what is to be done now. Fails only where the database cannot be read or written.
  ///
  /// The plugin is the one of its source; where that is read no more, of another.
  func process(_ response: StoredResponse) throws(Failure) {
    let book = books.first { $0.input == response.input } ?? books.first
    guard let edition = book?.edition, let digest = edition.digests[response.plugin] else {
      return try gone(response)
    }
    let grant = edition.grants.grant(of: response.plugin)
    switch response.kind {
    case .escalation:
      guard let plugin = edition.escalations.first(where: { $0.id == response.plugin }) else {
        return try gone(response)
      }
      try escalate(response, plugin, digest, grant)
    case .playbook:
      guard let plugin = edition.playbooks.first(where: { $0.id == response.plugin }) else {
        return try gone(response)
      }
      try play(response, plugin, digest, grant)
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
    _ response: StoredResponse, _ plugin: EscalationPlugin, _ digest: String, _ grant: Grant
  ) throws(Failure) {
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
      if let escalation, escalation.digest == digest {
        runner = escalation.runner
      } else {
        runner = try EscalationRunner(plugin, settings: grant.settings)
        escalation = (digest, runner)
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
    _ given: StoredResponse, _ plugin: PlaybookPlugin, _ digest: String, _ grant: Grant
  ) throws(Failure) {
    var response = given
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
      run = try walk(plugin, digest, facts, response, acts)
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
    _ plugin: PlaybookPlugin, _ digest: String, _ facts: AlertFacts, _ response: StoredResponse,
    _ acts: JournalledActs
  ) throws -> PlaybookRun {
    let known = playbook?.digest == digest ? playbook?.runner : nil
    let runner = try known ?? PlaybookRunner(plugin)
    playbook = (digest, runner)
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
