package import Cases
import Detection
package import Primitives
import Store

extension Control {
  /// The open alerts, the most worth a look first.
  package func queue() throws(Failure) -> [RankedAlert] {
    let store = try store(.readOnly)
    return try queue(store.facts(), store)
  }

  func queue(_ facts: [AlertFact], _ store: AlertStore) throws(Failure) -> [RankedAlert] {
    let groups = IncidentGroups(
      facts, settings: settings.judgement.incidents, edits: try store.incidentEdits())
    let incidents = Dictionary(
      zip(facts.map(\.id), groups.names(facts)), uniquingKeysWith: { first, _ in first })
    return Worth.rank(
      facts, lull: settings.judgement.ledger.unattended,
      incident: { incidents[$0.id] ?? $0.incident }, criticality: try criticality())
  }

  /// Until when alerts were written that retention let go of, with what people decided about them; missing where none left.
  package func decisionsLeftBefore() throws(Failure) -> Timestamp? {
    try store(.readOnly).alertsLeftBefore().flatMap(TimeWords.parse)
  }

  /// What each rule and the model earned and cost with alerts of a time; all of it where missing.
  ///
  /// - Throws: `Failure(.usage)` where the time ends before it begins.
  package func ledger(
    since: Timestamp? = nil, until: Timestamp? = nil
  ) throws(Failure) -> Ledger {
    try Control.check(since, until)
    // All alerts, or the loss of an incident on both sides of a border would be stopped in each period.
    let store = try store(.readOnly)
    let book = IncidentBook(
      try store.facts(), settings: settings.judgement.incidents, edits: try store.incidentEdits())
    return Ledger(book, settings: settings.judgement.ledger) { time in
      time >= since ?? .distantPast && (until.map { time < $0 } ?? true)
    }
  }

  /// How often what an alert tells of was seen before, and how those ended.
  package func recurrence(of idOrPrefix: String) throws(Failure) -> Recurrence? {
    let store = try store(.readOnly)
    let alert = try store.alert(idOrPrefix).alert
    let facts = try store.facts(until: alert.time)
    return facts.first { $0.id == alert.id }.map { Recurrence(of: $0, among: facts) }
  }

  /// How alerts are weighed, for those who show it.
  package var judgement: JudgementSettings { settings.judgement }

  func severity(_ word: String?) throws(Failure) -> Severity? {
    try self.word(word, "severity", Severity.init, Severity.allCases.map(\.word))
  }

  /// How many alerts there is time for; missing where neither is asked for nor set.
  ///
  /// - Parameters:
  ///   - count: `queue.budget` of the settings where missing.
  ///   - share: what the number is for: `all`, `day` or `team`; `queue.per` where missing.
  package func budget(_ count: Int?, per share: String?) throws(Failure) -> AlertBudget? {
    let known = try word(
      share, "share", AlertBudget.Share.init, AlertBudget.Share.allCases.map(\.rawValue))
    var budget = settings.judgement.budget
    if let count { budget = AlertBudget(count: count, share: budget?.share ?? .all) }
    if let known {
      guard let set = budget else {
        throw Failure(
          .usage, "--per needs a budget", advice: "give --budget N, or set queue.budget")
      }
      budget = AlertBudget(count: set.count, share: known)
    }
    return budget
  }
}
