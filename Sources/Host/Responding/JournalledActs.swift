import Cases
import Crypto
import Foundation
import Primitives
import Response
import Store

/// Does the acts of one response: each written down before and after, at most once however often the function that asks
/// for it is run again.
///
/// A response that was cut off is run again from its beginning. Its functions ask for the same acts in the same order, and
/// those that were done are answered from the journal.
final class JournalledActs {
  private let journal: ActJournal
  private let response: StoredResponse
  private let doer: ActDoer
  private let pause: ActPause
  private var step = ""
  private var isUndo = false
  private var asked: [String: Int] = [:]
  /// Whether the program ends: nothing is done any more, and what the functions make of that does not count.
  private(set) var isStopped = false
  /// What could not be written down: the same.
  private(set) var broken: Failure?

  init(
    _ journal: ActJournal, _ response: StoredResponse, _ doer: ActDoer, pause: ActPause
  ) {
    self.journal = journal
    self.response = response
    self.doer = doer
    self.pause = pause
  }

  private struct Ending: Error, CustomStringConvertible { let description = "the program ends" }

  /// The acts that follow belong to a step.
  func enter(_ step: String, undo: Bool) {
    self.step = step
    isUndo = undo
  }

  func perform(_ act: Act) throws -> JSONValue {
    if isStopped || broken != nil { throw Ending() }
    do {
      return try journalled(act)
    } catch let failure as Failure where failure.kind == .internal {
      // The database cannot be written: nothing is done that is not written down.
      broken = failure
      throw failure
    }
  }

  private func journalled(_ act: Act) throws -> JSONValue {
    let entry = entry(act)
    if let refusal = doer.grant.refusal(of: act, by: doer.plugin) {
      if case .go = try journal.begin(entry) {
        try journal.end(entry, .failed(refusal.description))
      }
      throw refusal
    }
    if act.word == .caseComment {
      let standing = try journal.comment(
        entry, on: act["alert"]?.text ?? "", SecretToken.hidden(act["text"]?.text ?? ""))
      return try answer(standing, act)
    }
    var mayBeDone = false
    while true {
      if pause.isStopping {
        isStopped = true
        throw Ending()
      }
      let standing = try journal.begin(entry)
      guard case .go(let attempt) = standing else { return try answer(standing, act) }
      do {
        let answer = try doer.perform(act, key: entry.key)
        try journal.end(entry, .done(answer.serialized()))
        return ActDoer.given(answer)
      } catch let problem as ActDoer.Problem {
        // An earlier try may have arrived too.
        mayBeDone = mayBeDone || problem.mayBeDone
        guard problem.isPassing, attempt <= ActDoer.retries(act) else {
          let tries = attempt > 1 ? " (tried \(attempt) times)" : ""
          let doubt = mayBeDone ? ", and whether it was done is not known" : ""
          let reason = problem.reason + tries + doubt
          try journal.end(entry, mayBeDone ? .unknown(reason) : .failed(reason))
          throw Failure(.unmet, "\(act.word.rawValue) failed: \(reason)")
        }
        try journal.end(entry, .again(problem.reason))
        pause.wait(seconds: JournalledActs.backoff(attempt, problem.retryAfter))
      }
    }
  }

  /// 1 s, 2 s, 4 s … up to half a minute, or as long as the other side asks, up to a minute.
  static func backoff(_ attempt: Int, _ asked: Int) -> Double {
    asked > 0 ? Double(min(asked, 60)) : Double(min(1 << min(attempt - 1, 5), 30))
  }

  private func answer(_ standing: ActJournal.Standing, _ act: Act) throws -> JSONValue {
    switch standing {
    case .done(let answer): return ActDoer.given(try JSONValue.parse(answer))
    case .refused(let reason): throw Failure(.unmet, "\(act.word.rawValue) failed: \(reason)")
    case .go: preconditionFailure("an act that is to be done has no answer yet")
    }
  }

  private func entry(_ act: Act) -> ActEntry {
    let place = "\(step)\u{1F}\(isUndo)"
    let number = asked[place, default: 0]
    asked[place] = number + 1
    // Not by its arguments: with another setting it is the same act.
    let parts = [doer.plugin, response.alert, place, "\(number)", act.word.rawValue]
    // Each with its length, so that no two lists of parts are the same text.
    let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
    return ActEntry(
      key: hexadecimal(SHA256.hash(data: Data(text.utf8)).prefix(16)), response: response.id,
      plugin: doer.plugin, alert: response.alert, step: step, isUndo: isUndo,
      act: act.word.rawValue,
      arguments: JSONValue.object(act.arguments).withoutSecrets.serialized())
  }
}

/// A wait that ends early where the program does.
final class ActPause: @unchecked Sendable {
  // Unchecked: read and written under `condition` only.
  private let condition = NSCondition()
  private var stops = false

  var isStopping: Bool { condition.withLock { stops } }

  func stop() {
    condition.withLock {
      stops = true
      condition.broadcast()
    }
  }

  func wait(seconds: Double) {
    let end = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while !stops && condition.wait(until: end) {}
  }

  /// Ends a wait without ending the program.
  func wake() { condition.withLock { condition.broadcast() } }

  /// As `wait`, but ended by `wake` too.
  func doze(seconds: Double) {
    condition.lock()
    defer { condition.unlock() }
    if !stops { _ = condition.wait(until: Date(timeIntervalSinceNow: seconds)) }
  }
}
