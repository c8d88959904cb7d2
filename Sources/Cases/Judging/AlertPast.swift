package import Detection
package import Primitives

/// What is known of an entity's alerts before the one at hand, for mappings and escalations to ask.
package struct AlertPast: Hashable, Sendable {
  package var alerts24h = 0
  package var alerts7d = 0
  package var alerts30d = 0
  /// The mean score of the alerts of 30 days that have one; missing without any.
  package var meanScore: Double?
  /// The score at hand over that mean; missing without either.
  package var scoreOverMean: Double?
  /// Alerts that people had closed as true by then, and as false or benign.
  package var confirmed = 0
  package var falseAlarms = 0
  package var isHighRisk = false
  /// Whether a person had set the risk by hand, which goes before what is counted.
  package var isSetByHand = false

  package init() {}

  /// Three alerts in a week.
  package var isRepeatOffender: Bool { alerts7d >= 3 }
  /// A score more than half above the mean of those before.
  package var isEscalating: Bool { (scoreOverMean ?? 0) > 1.5 }

  /// By the names that plugins use.
  package static let types: [String: FieldType] = [
    "alerts_24h": .number, "alerts_7d": .number, "alerts_30d": .number, "mean_score": .number,
    "score_over_mean": .number, "confirmed": .number, "false_alarms": .number,
    "risk_profile": .text,
  ]

  package func value(of name: String) -> Value? {
    switch name {
    case "alerts_24h": .number(Double(alerts24h))
    case "alerts_7d": .number(Double(alerts7d))
    case "alerts_30d": .number(Double(alerts30d))
    case "mean_score": meanScore.map { .number($0) } ?? .missing
    case "score_over_mean": scoreOverMean.map { .number($0) } ?? .missing
    case "confirmed": .number(Double(confirmed))
    case "false_alarms": .number(Double(falseAlarms))
    case "risk_profile": .text(profile)
    default: nil
    }
  }

  package var profile: String { isHighRisk ? "high" : "low" }

  package var json: JSONValue {
    let known: JSONValue = [
      "alerts_24h": .of(alerts24h), "alerts_7d": .of(alerts7d), "alerts_30d": .of(alerts30d),
      "mean_score": .of(meanScore), "score_over_mean": .of(scoreOverMean),
      "confirmed": .of(confirmed), "false_alarms": .of(falseAlarms),
      "risk_profile": .text(profile),
    ]
    guard isSetByHand else { return known }
    return .object((known.members ?? []) + [.init("risk_by_hand", .flag(true))])
  }

  init(_ fields: JSONFields) throws(Failure) {
    alerts24h = try fields.integer("alerts_24h")
    alerts7d = try fields.integer("alerts_7d")
    alerts30d = try fields.integer("alerts_30d")
    meanScore = try fields.numberOrNull("mean_score")
    scoreOverMean = try fields.numberOrNull("score_over_mean")
    confirmed = try fields.integer("confirmed")
    falseAlarms = try fields.integer("false_alarms")
    isHighRisk = try fields.text("risk_profile") == "high"
    isSetByHand = fields.optional("risk_by_hand") == .flag(true)
  }
}

/// One alert of an entity, as small as it can be remembered.
struct PastAlert: Sendable {
  var time: Timestamp
  var severity: Severity
  /// A calibrated probability; missing without one.
  var score: Double?

  /// Alerts of an entity that are remembered, for 30 days.
  static let most = 50
  static let within = TimeSpan.days(30)
}

/// What people decided about entities: how alerts about them ended, and risks that were set by hand.
package struct EntityOutcomes: Sendable {
  private var decided: [Entity: [Ended]] = [:]
  private var overrides: [Entity: [RiskOverride]] = [:]
  private var risk = RiskSettings()

  private struct Ended: Hashable, Sendable {
    var time: Timestamp
    var isTrue: Bool
  }

  init(overrides: [RiskOverride] = [], risk: RiskSettings = RiskSettings()) {
    self.risk = risk
    set(overrides)
  }

  /// The same at any time, as an alert remembers it: to judge that alert again.
  package init(of entity: Entity, as past: AlertPast) {
    decided[entity] =
      Array(repeating: Ended(time: .distantPast, isTrue: true), count: past.confirmed)
      + Array(repeating: Ended(time: .distantPast, isTrue: false), count: past.falseAlarms)
    guard past.isSetByHand else { return }
    set([
      RiskOverride(
        entity: entity, hundredths: past.isHighRisk ? .max : 0, since: .distantPast,
        until: .distantFuture, note: "")
    ])
  }

  /// Of alerts before a time.
  func counts(of entity: Entity, before time: Timestamp) -> (confirmed: Int, falseAlarms: Int) {
    let earlier = (decided[entity] ?? []).filter { $0.time < time }
    let confirmed = earlier.count(where: \.isTrue)
    return (confirmed, earlier.count - confirmed)
  }

  /// Whether a risk that was set by hand and holds at a time is red; missing where none holds.
  func isHigh(_ entity: Entity, at time: Timestamp) -> Bool? {
    (overrides[entity] ?? []).last { $0.holds(at: time) }.map {
      risk.band($0.hundredths) == .red
    }
  }

  /// - Parameter overrides: in the order in which they were made; the last that holds counts.
  mutating func set(_ overrides: [RiskOverride]) {
    self.overrides = Dictionary(grouping: overrides, by: \.entity)
  }

  /// Counts a decided alert, or one less of its like.
  mutating func count(_ entity: Entity, at time: Timestamp, isTrue: Bool, by sign: Int) {
    let ended = Ended(time: time, isTrue: isTrue)
    var known = decided[entity] ?? []
    if sign > 0 {
      known.append(ended)
    } else if let place = known.firstIndex(of: ended) {
      known.remove(at: place)
    }
    decided[entity] = known.isEmpty ? nil : known
  }
}

extension Judge {
  /// What was known of an entity's alerts before the evidence at hand. Bounded: 50 alerts of 30 days of each entity.
  package func past(of evidence: Evidence) -> AlertPast? {
    guard let entity = evidence.entity else { return nil }
    let time = evidence.event.time
    let known = (pasts[CauseDigest.of(entity.field, entity.value).key] ?? []).filter {
      $0.time <= time && time - $0.time <= PastAlert.within
    }
    var past = AlertPast()
    past.alerts30d = known.count
    past.alerts7d = known.count { time - $0.time <= .days(7) }
    past.alerts24h = known.count { time - $0.time <= .hours(24) }
    let scores = known.compactMap(\.score)
    if !scores.isEmpty {
      let mean = scores.reduce(0, +) / Double(scores.count)
      past.meanScore = mean
      if let score = evidence.probability, mean > 0 {
        past.scoreOverMean = score / mean
      }
    }
    (past.confirmed, past.falseAlarms) = outcomes.counts(of: entity, before: time)
    past.isHighRisk =
      known.contains { $0.severity == .critical }
      || (known.contains { $0.severity == .high } && known.count >= 3) || known.count >= 10
    if let isHigh = outcomes.isHigh(entity, at: time) {
      past.isHighRisk = isHigh
      past.isSetByHand = true
    }
    return past
  }

  mutating func remember(_ key: CaseKey, _ alert: Alert) {
    var known = pasts[key] ?? []
    let newest = max(known.last?.time ?? alert.time, alert.time)
    known.removeAll { newest - $0.time > PastAlert.within }
    let past = PastAlert(time: alert.time, severity: alert.severity, score: alert.probability)
    known.insert(past, at: known.firstIndex { $0.time > alert.time } ?? known.count)
    if known.count > PastAlert.most { known.removeFirst() }
    pasts[key] = known
  }
}
