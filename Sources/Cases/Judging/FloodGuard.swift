import Detection
import Primitives

/// What keeps one rule of one source from burying all others: above so many alerts within an hour, one alert says so,
/// and the rest are kept with it as suppressed findings.
struct FloodGuard: Sendable {
  /// When it raised alerts within the last hour, oldest first.
  var raised: [Timestamp] = []
  /// The alert that tells of the flood; the last one where there was more than one.
  var alert: OpenAlert?

  static let within = TimeSpan.hours(1)
  /// A flood that goes on is told once more after this.
  private static let atMost = TimeSpan.hours(24)

  enum Answer {
    case mayRaise
    /// It is counted with the alert that tells of the flood.
    case joins(OpenAlert)
    /// It is the first that is too much.
    case tells
  }

  /// Asks for the right to raise an alert, and notes it where it is given.
  mutating func ask(
    at time: Timestamp, limit: Int, severity: Severity, score: Double?
  ) -> Answer {
    let newest = max(raised.last ?? time, time)
    raised.removeAll { newest - $0 > FloodGuard.within }
    if raised.count < limit {
      raised.insert(time, at: raised.firstIndex { $0 > time } ?? raised.count)
      return .mayRaise
    }
    guard var open = alert, open.takes(time, within: FloodGuard.within, atMost: FloodGuard.atMost)
    else { return .tells }
    open.join(time, severity, score)
    alert = open
    return .joins(open)
  }
}

extension Alert {
  /// An alert that says that a rule raises too many.
  init(floodOf rule: String?, _ evidence: Evidence, limit: Int, policy: Judge.Policy) {
    let event = evidence.event
    let who = rule.map { "rule \($0)" } ?? "the model"
    let id = CauseDigest.of("flood", event.source, rule, event.id, event.time.description).id
    self.init(
      id: id, time: event.time, eventID: event.id, source: event.source, entity: nil,
      kind: rule == nil ? .model : .rule, rule: rule, score: nil, confidence: nil, severity: .high,
      title: "Too many alerts of one kind",
      message:
        "\(who) raised \(limit) alert\(limit == 1 ? "" : "s") on \(event.source) within an hour; what it finds beyond "
        + "that is kept with this alert and counted, not told one by one",
      action: "Look through what is kept with it, then correct \(who) or what it watches",
      incident: Incident.id(startedBy: id), pluginsDigest: policy.pluginsDigest)
  }
}
