package import Cases
import Detection
package import Primitives
import Store

extension Control {
  /// The open alerts, the most worth a look first.
  package func queue() throws(Failure) -> [RankedAlert] {
    let facts = try store(.readOnly).facts()
    return Worth.rank(
      facts, unattended: settings.judgement.ledger.unattended, criticality: try criticality())
  }

  /// What each rule and the model earned and cost with alerts of a time; all of it where missing.
  package func ledger(
    since: Timestamp? = nil, until: Timestamp? = nil
  ) throws(Failure) -> Ledger {
    let facts = try store(.readOnly).facts(
      since: since ?? .distantPast,
      until: until.map { $0 - TimeSpan(microseconds: 1) } ?? .distantFuture)
    let book = IncidentBook(
      facts, settings: settings.judgement.incidents,
      edits: try store(.readOnly).incidentEdits())
    return Ledger(book, settings: settings.judgement.ledger)
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

  /// - Parameter share: what the number is for: `all`, `day` or `team`.
  package func budget(_ count: Int, per share: String?) throws(Failure) -> AlertBudget {
    let known = try word(
      share, "share", AlertBudget.Share.init, AlertBudget.Share.allCases.map(\.rawValue))
    return AlertBudget(count: count, share: known ?? .all)
  }
}
