package import Detection
package import Primitives

/// Which escalations are due: each at most once an alert, as soon as its conditions hold, within its limits.
///
/// Time is told, never asked. An alert that somebody claims is escalated no more.
package struct EscalationDesk: Sendable {
  package struct Due: Sendable {
    package let escalation: Escalation
    package let alert: AlertFacts
    package let time: Timestamp
  }

  private struct Watch: Sendable {
    var escalation: Int
    var alert: AlertFacts
    var time: Timestamp
  }

  private let escalations: [Escalation]
  private var waiting: [Watch] = []
  /// By escalation and the values that its limit counts by: when it was done, oldest first.
  private var done: [[String]: [Timestamp]] = [:]

  package init(_ escalations: [Escalation]) { self.escalations = escalations }

  /// Takes a new alert; what is due at once comes with the next `advance`.
  package mutating func take(_ alert: AlertFacts) {
    for (index, escalation) in escalations.enumerated() {
      let wait = EscalationDesk.wait(escalation.when)
      guard alert.satisfies(escalation.when, unclaimed: wait) else { continue }
      waiting.append(Watch(escalation: index, alert: alert, time: alert.time + wait))
    }
  }

  /// Somebody has taken the alert on.
  package mutating func claim(_ alert: String) { waiting.removeAll { $0.alert.id == alert } }

  /// What is due by now, in order of time; what a limit holds back is dropped, not postponed.
  package mutating func advance(to now: Timestamp) -> [Due] {
    let due = waiting.enumerated().filter { $0.element.time <= now }.sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }.map(\.element)
    waiting.removeAll { $0.time <= now }
    return due.compactMap { watch in
      let escalation = escalations[watch.escalation]
      guard passes(escalation, watch) else { return nil }
      return Due(escalation: escalation, alert: watch.alert, time: watch.time)
    }
  }

  private mutating func passes(_ escalation: Escalation, _ watch: Watch) -> Bool {
    guard let limit = escalation.limit else { return true }
    let key = [escalation.id] + limit.per.map { "\(watch.alert.value($0))" }
    var times = (done[key] ?? []).filter { $0 > watch.time - limit.every }
    defer { done[key] = times }
    if times.count >= limit.count { return false }
    times.append(watch.time)
    return true
  }

  /// How long an alert must have gone unclaimed; nothing where the conditions do not say.
  package static func wait(_ conditions: [Predicate]) -> TimeSpan {
    for condition in conditions where condition.name == AlertFacts.unclaimed {
      switch condition.test {
      case .atLeast(let seconds), .between(let seconds, _), .equals(.number(let seconds)):
        return TimeSpan(seconds: seconds) ?? .zero
      case .above(let seconds):
        return (TimeSpan(seconds: seconds) ?? .zero) + TimeSpan(microseconds: 1)
      default: return .zero
      }
    }
    return .zero
  }
}
