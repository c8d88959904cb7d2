import Cases
import Detection
import Plugins
import Primitives
import Store

extension Control {
  /// Why the detector of metric series, which counts as a rule, said nothing of a kept event.
  func whyNotSeries(
    _ found: RetainedEvents.Found, in kept: RetainedEvents, store: AlertStore,
    installation: Installation
  ) throws(Failure) -> Miss {
    let event = found.event
    func miss(_ cause: Miss.Cause, _ sentence: String) -> Miss {
      Miss(
        rule: SeriesStage.ruleID, eventID: event.id, event: event, cause: cause,
        sentence: sentence)
    }
    if let from = found.stream.judgedFrom, event.time < from {
      return miss(
        .beforeJudging, "it was only learned from: events were judged from \(from) on")
    }
    guard event.kind == SeriesStage.kind, let value = event.number(SeriesStage.field) else {
      return miss(
        .kind,
        "it is no value of a series: those are events of kind 'metric' with a number 'value'")
    }
    let memory = CounterfactualMemory(
      kept: kept, store: store, installation: installation, settings: settings)
    var detector = try memory.series(before: found)?.detector ?? SeriesDetector()
    let seconds = SeriesDetector.seconds(event.time, zone: event.zoneOffsetSeconds)
    guard let verdict = detector.observe(value, at: seconds) else {
      return miss(
        .late, "it came before the newest value of its series, so that it has no place in it")
    }
    if SeriesStage.isFound(verdict) { return try told(miss, event, store) }
    if verdict.isOnProbation {
      return miss(
        .notKnown, "the series was too young: its first values are only learned from")
    }
    let short = SeriesStage.alarm - verdict.score
    var result = miss(
      .condition,
      "it surprised by \(Format.number(verdict.score, atMost: 3)) of 1, and an alarm takes "
        + "\(SeriesStage.alarm), \(Format.number(max(0, short), atMost: 3)) more"
        + (verdict.cause.map {
          "; most surprising was that \(SeriesWords.sentence($0, series: "it"))"
        } ?? ""))
    result.conditions = [
      Miss.Condition(
        part: "score", test: "surprise at least \(SeriesStage.alarm)",
        value: Format.number(verdict.score, atMost: 6), holds: false, shortfall: short)
    ]
    return result
  }

  private func told(
    _ miss: (Miss.Cause, String) -> Miss, _ event: EventRecord, _ store: AlertStore
  ) throws(Failure) -> Miss {
    let alerts = try store.alerts(ofEvent: event.id)
    var result: Miss
    if let own = alerts.first(where: { $0.rule == SeriesStage.ruleID }) {
      result = miss(.raised, "it did: alert \(own.id) is about this event")
      result.alert = own.id
    } else if let other = alerts.first {
      result = miss(
        .led,
        "it found the event, which is told in alert \(other.id), led by \(other.rule ?? "the model")"
      )
      result.alert = other.id
    } else {
      result = miss(
        .otherThen,
        "it finds the event, and no alert is kept about it: the finding was counted with an open one, or the alert has left"
      )
    }
    return result
  }
}
