import Cases
import Detection
import Plugins
import Primitives

/// What would have cleared an alert about something that did not come: one such event, before the wait was over.
///
/// It is put to what watches such waits: with the event nothing is found, without it the silence is.
struct SilenceCounterfactual {
  private let rule: Rule
  private let absence: EventPattern.Absence
  private let event: EventRecord

  /// Missing where the alert tells of something else.
  init?(_ kept: FrozenJudgement, _ rules: [String: Rule]) {
    guard let ruling = kept.rules.first(where: \.fired), let rule = rules[ruling.id],
      case .absence(let absence)? = rule.pattern
    else { return nil }
    self.rule = rule
    self.absence = absence
    event = kept.event
  }

  func answer(_ alert: Alert) -> Counterfactual {
    guard isSilent(after: nil) else {
      return Counterfactual(
        alert: alert.id,
        verdict: .unknown(why: "with the rules and the model of now the alert would not be raised"))
    }
    // At the very end still counts; what comes later does not.
    guard !isSilent(after: event.time) else {
      return Counterfactual(
        alert: alert.id,
        verdict: .nothing(why: "no event ends what \(rule.id) waits for"))
    }
    var result = Counterfactual(alert: alert.id, verdict: .clears)
    let kinds = absence.of.kinds ?? []
    let what = kinds.isEmpty ? "event" : Joining.and(kinds.map { $0.replacing("_", with: " ") })
    let whose = event.text(absence.by).map { " of \($0)" } ?? ""
    result.changes = [
      Counterfactual.Change(
        quantity: "events", from: 0, to: 1,
        text: "one \(what)\(whose) by \(event.time) instead of none for \(absence.within)")
    ]
    return result
  }

  /// Whether silence is found, with an event that ends the wait at a time or without one.
  private func isSilent(after end: Timestamp?) -> Bool {
    let entity = Symbol(rawValue: 1)
    var tracker = AbsenceTracker(
      EventPattern.Absence(
        of: absence.of, after: absence.after, within: absence.within, by: absence.by), capacity: 1)
    let over = event.time.microseconds
    func anchor(_ time: Int64) -> AbsenceTracker.Anchor {
      AbsenceTracker.Anchor(time: time, kind: .missing, source: .missing)
    }
    let noID = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    tracker.take(
      entity, anchor(over - absence.within.microseconds), mask: AbsenceTracker.begins, id: noID)
    if let end {
      tracker.take(entity, anchor(end.microseconds), mask: AbsenceTracker.ends, id: noID)
    }
    return !tracker.advance(to: over + 1).isEmpty
  }
}
