package import Cases
import Detection
package import Primitives

/// What is to be otherwise when the last days are decided again.
package struct EstateChange: Sendable {
  /// The model's alert threshold.
  package var threshold: Double?
  /// Rules that are taken away.
  package var without: [String] = []
  /// Sources whose events had never come.
  package var drop: [String] = []
  /// From which time on is decided; earlier events fill windows.
  package var since = Timestamp.distantPast
  /// A file of labels; those that the demo left where missing.
  package var labels: String?

  package init() {}

  /// `without auth.off-hours`
  package var words: String {
    var parts: [String] = []
    if let threshold { parts.append("with a threshold of \(Format.number(threshold, atMost: 4))") }
    if !without.isEmpty { parts.append("without \(Joining.and(without))") }
    if !drop.isEmpty { parts.append("without the events of \(Joining.and(drop))") }
    return parts.joined(separator: ", ")
  }
}

/// The last days as they were decided and as they would have been, judged in one pass with two judges.
package struct EstateReport: Sendable {
  package struct Side: Sendable, Equatable {
    package var alerts = 0
    package var joined = 0
    /// Alerts on no planted attack; missing without labels.
    package var falseAlerts: Int?
    /// What the planted attacks that were caught would have cost, each once by its mapping row; missing without labels.
    package var stopped: Cents?
    package var labour = Cents.zero
    package var friction: Cents?

    package var net: Cents? { stopped.map { $0 - labour - (friction ?? .zero) } }
  }

  package struct Scenario: Sendable, Equatable {
    package var id: String
    package var planted: Int
    package var before: Int
    package var after: Int
  }

  package struct Difference: Sendable, Equatable {
    package var time: Timestamp
    package var event: String
    package var entity: String
    package var rule: String
    package var title: String
  }

  package var change: EstateChange
  package var events = 0
  package var first: Timestamp?
  package var last: Timestamp?
  package var before = Side()
  package var after = Side()
  package var scenarios: [Scenario] = []
  /// Alerts of one side alone, by event, entity and who found them; in order.
  package var gained: [Difference] = []
  package var lost: [Difference] = []
  /// Of the clock, for all of it.
  package var seconds = 0.0
  /// Events that were gone through, those that only filled windows and those of a second pass included.
  package var replayed = 0

  package var json: JSONValue {
    func time(_ time: Timestamp?) -> JSONValue { time.map { .text($0.description) } ?? .null }
    func side(_ side: Side) -> JSONValue {
      func money(_ cents: Cents?) -> JSONValue { cents.map { .number($0.dollars) } ?? .null }
      return [
        "alerts": .integer(Int64(side.alerts)), "joined": .integer(Int64(side.joined)),
        "false_alerts": side.falseAlerts.map { .integer(Int64($0)) } ?? .null,
        "stopped_usd": money(side.stopped), "labour_usd": money(side.labour),
        "friction_usd": money(side.friction), "net_usd": money(side.net),
      ]
    }
    func list(_ differences: [Difference]) -> JSONValue {
      .list(
        differences.prefix(1000).map {
          [
            "time": .text($0.time.description), "event": .text($0.event),
            "entity": .text($0.entity), "rule": .text($0.rule), "title": .text($0.title),
          ]
        })
    }
    return [
      "what_if": .text(change.words), "events": .integer(Int64(events)), "first": time(first),
      "last": time(last), "before": side(before), "after": side(after),
      "planted": .list(
        scenarios.map {
          [
            "scenario": .text($0.id), "planted": .integer(Int64($0.planted)),
            "before": .integer(Int64($0.before)), "after": .integer(Int64($0.after)),
          ]
        }), "gained": list(gained), "lost": list(lost), "seconds": .number(seconds),
      "replayed": .integer(Int64(replayed)),
    ]
  }
}

/// One way to decide: which findings count, and the judge that remembers what it told.
struct EstateSide {
  /// The model's findings below it do not count; missing where the run's own threshold decides.
  var threshold: Double?
  let without: Set<String>
  private(set) var raised: [Alert] = []
  private(set) var joined = 0
  private var judge: Judge
  private var scorer: DetectionScorer
  private var stakes: Stakes
  private let isLabelled: Bool
  private let ledger: LedgerSettings

  init(
    without: Set<String>, policy: Judge.Policy, settings: Judge.Settings, labels: [Label],
    ledger: LedgerSettings
  ) {
    self.without = without
    self.ledger = ledger
    judge = Judge(policy: policy, settings: settings)
    scorer = DetectionScorer(labels)
    stakes = Stakes(labels)
    isLabelled = !labels.isEmpty
  }

  /// Another stream begins: open alerts are those of one stream.
  mutating func begin(_ plan: RunPlan, threshold: Double?) {
    judge = Judge(policy: plan.policy, settings: plan.judging)
    self.threshold = threshold
  }

  mutating func take(_ all: Evidence) {
    var evidence = all
    if !without.isEmpty || threshold != nil {
      evidence.findings.removeAll { finding in
        switch finding.origin {
        case .rule(let id): without.contains(id)
        case .model: threshold.map { (all.score ?? 0) < $0 } ?? false
        }
      }
      if evidence.findings.isEmpty { return }
    }
    // The run's own judge remembers what this side may never have told.
    evidence.past = judge.past(of: evidence)
    switch judge.judge(evidence) {
    case .raised(let alert, _): raise(alert)
    case .joined(let joined): join(joined)
    case .flooded(let alert, let joined):
      raise(alert)
      join(joined)
    case .repeated: break
    }
  }

  private mutating func raise(_ alert: Alert) {
    raised.append(alert)
    scorer.add(alert)
    var loss = RunningLoss(alert, lull: ledger.unattended)
    stakes.hit(alert.eventID, alert.entity, alert.time, loss: loss.add(alert.time))
    stakes.losses[alert.id] = loss
  }

  private mutating func join(_ joined: Joined) {
    self.joined += 1
    if joined.finding?.reason == .flood { return }
    scorer.add(joined)
    let loss = stakes.losses[joined.alertID]?.add(joined.time) ?? .zero
    stakes.hit(joined.eventID, joined.entity, joined.time, loss: loss)
  }

  var incidents: [DetectionReport.Incident] { scorer.report().incidents }

  var side: EstateReport.Side {
    var side = EstateReport.Side(alerts: raised.count, joined: joined)
    side.labour = Cents(ledger.labour.count * raised.count)
    if isLabelled {
      let wrong = scorer.report().falseAlerts
      side.falseAlerts = wrong
      side.friction = Cents(ledger.friction.count * wrong)
      side.stopped = stakes.stopped
    }
    return side
  }
}

/// What an alert costs where it is true, and went on until now.
private struct RunningLoss {
  private let rate: Cents
  private var time: PaidTime?
  private var units: Int64 = 0

  init(_ alert: Alert, lull: TimeSpan) {
    rate = Cents(dollars: alert.costUSD ?? 0)
    time = PaidTime(by: alert.costPer ?? .incident, lull: lull)
  }

  mutating func add(_ moment: Timestamp) -> Cents {
    guard let added = time?.add(moment) else { return rate }
    units += added
    return rate.times(units)
  }
}

/// What the planted attacks that were found would have cost, each once: the most that a mapping row says of it.
private struct Stakes {
  private struct Key: Hashable {
    var name: String
    var entity: String
    var start: Timestamp
  }
  private var byEvent: [String: [Key]] = [:]
  private var byEntity: [Entity: [(key: Key, end: Timestamp)]] = [:]
  private var found: [Key: Cents] = [:]
  /// Of those that were told, by id.
  var losses: [String: RunningLoss] = [:]

  init(_ labels: [Label]) {
    for label in labels {
      let key = Key(name: label.name, entity: label.entity, start: label.start)
      if label.eventID.isEmpty {
        byEntity[Entity(field: label.entityField, value: label.entity), default: []]
          .append((key, label.end))
      } else {
        byEvent[label.eventID, default: []].append(key)
      }
    }
  }

  mutating func hit(_ event: String, _ entity: Entity?, _ time: Timestamp, loss: Cents) {
    var keys = byEvent[event] ?? []
    for (key, end) in entity.flatMap({ byEntity[$0] }) ?? []
    where key.start <= time && time <= end {
      keys.append(key)
    }
    for key in keys { found[key] = max(found[key] ?? .zero, loss) }
  }

  var stopped: Cents { found.values.reduce(.zero, +) }
}
