import Cases
package import Primitives

/// What a changed set of plugins would gain and lose against the set that runs, on the same events.
package struct GateReport: Sendable {
  /// One set of plugins over the events.
  package struct Side: Sendable {
    package var pluginsDigest: String
    package var alerts: Int
    /// By the days that the events span.
    package var alertsPerDay: Double
    package var falseAlertsPerDay: Double
    /// Wall time of the rules, Lua included; microseconds.
    package var microsecondsPerEvent: Double
    package var setAside: [String]
  }

  /// How one scenario fares before and after.
  package struct Scenario: Sendable {
    package struct Recall: Sendable {
      package var caught: Int
      package var interval: WilsonInterval
      /// Rules with a finding on it, and `model`, with the number of incidents each found.
      package var caughtBy: [String: Int]
    }

    package var id: String
    package var file: String
    package var injected: Int
    /// Incidents that only one of two sets catches.
    package struct Change: Sendable, Hashable {
      package var lost: Int
      package var gained: Int

      /// Of at least so many losses among what changed, if each change were chance.
      package var probability: Double { SignTest.probability(worse: lost, better: gained) }
      package var isWorse: Bool { probability < GateReport.significance }
      /// Whether more attacks could show that it is worse.
      var isDoubtful: Bool { lost > gained && !isWorse }
    }

    /// Missing where there is nothing to compare with.
    package var before: Recall?
    package var after: Recall
    /// Against the set before.
    package var change: Change
    /// Of the set that caught most so far, where it is another than the one before.
    package var best: (recall: Recall, change: Change)?

    package var isWorse: Bool { change.isWorse || best?.change.isWorse ?? false }
    var isDoubtful: Bool { !isWorse && (change.isDoubtful || best?.change.isDoubtful ?? false) }
    /// Whether it is caught at least as often as by the best set so far.
    var isBest: Bool {
      let change = best?.change ?? change
      return change.lost <= change.gained
    }
  }

  /// An alert that only one of the two sets raises.
  package struct Difference: Sendable {
    package var time: Timestamp
    package var entity: String
    package var rule: String
    package var title: String
    package var isFalse: Bool
  }

  /// A fall of recall that chance alone would bring less often than this is no chance. A scenario is looked at twice at most:
  /// both looks together refuse what is no worse in less than one case of twenty.
  package static let significance = 0.025

  /// What the attacks were planted into: `files`, `kept` events of the data directory, or a `made_up` month.
  package var ground = "files"
  package var events: Int
  package var days: Double
  package var seed: UInt64
  package var budget: Double
  /// Missing where nothing has passed before and none was given.
  package var before: Side?
  package var after: Side
  package var scenarios: [Scenario]
  package var gained: [Difference]
  package var lost: [Difference]
  /// Files of the new set that cannot be used.
  package var errors: Int

  /// Why the new set must not go live; empty where it may.
  package var refusals: [String] {
    var reasons: [String] = []
    if errors > 0 {
      reasons.append(
        errors == 1 ? "1 file has errors" : "\(errors) files have errors")
    }
    for scenario in scenarios where scenario.isWorse {
      let attacks = "of \(scenario.injected) attacks were caught"
      if !scenario.change.isWorse, let best = scenario.best {
        reasons.append(
          "\(scenario.id): \(best.recall.caught) \(attacks) by the best plugins that passed, now "
            + "\(scenario.after.caught): small losses, one after the other")
      } else {
        reasons.append(
          "\(scenario.id): \(scenario.before?.caught ?? 0) \(attacks), now \(scenario.after.caught)"
        )
      }
    }
    if after.falseAlertsPerDay > budget,
      before.map({ after.falseAlertsPerDay > $0.falseAlertsPerDay }) ?? true
    {
      reasons.append(
        "\(rounded(after.falseAlertsPerDay)) false alerts a day, and \(rounded(budget)) are allowed"
      )
    }
    for rule in after.setAside.filter({ !(before?.setAside.contains($0) ?? false) }) {
      reasons.append("\(rule) was set aside on these events")
    }
    return reasons
  }

  package var passed: Bool { refusals.isEmpty }
  /// Whether somebody took the new set as what later ones are held against though it did not pass.
  package var isAccepted = false
  /// Whether no scenario is caught less often than by the best set so far.
  var isBest: Bool { scenarios.allSatisfy(\.isBest) }

  package var json: JSONValue {
    [
      "passed": .flag(passed), "accepted": .flag(isAccepted),
      "refusals": .list(refusals.map { .text($0) }),
      "ground": .text(ground), "events": .integer(Int64(events)), "days": .number(days),
      "seed": .integer(Int64(seed)),
      "budget_false_alerts_per_day": .number(budget),
      "before": before.map(json) ?? .null, "after": json(after),
      "scenarios": .list(scenarios.map(json)),
      "uncaught": names { $0.injected > 0 && $0.after.caught == 0 },
      "not_planted": names { $0.injected == 0 },
      "alerts_gained": .list(gained.map(json)), "alerts_lost": .list(lost.map(json)),
    ]
  }

  private func names(_ isMeant: (Scenario) -> Bool) -> JSONValue {
    .list(scenarios.filter(isMeant).map { .text($0.id) })
  }

  private func json(_ side: Side) -> JSONValue {
    [
      "plugins_digest": .text(side.pluginsDigest), "alerts": .integer(Int64(side.alerts)),
      "alerts_per_day": .number(side.alertsPerDay),
      "false_alerts_per_day": .number(side.falseAlertsPerDay),
      "us_per_event": .number(side.microsecondsPerEvent),
      "set_aside": .list(side.setAside.map { .text($0) }),
    ]
  }

  private func json(_ scenario: Scenario) -> JSONValue {
    func json(_ recall: Scenario.Recall) -> JSONValue {
      [
        "caught": .integer(Int64(recall.caught)),
        "recall": scenario.injected == 0
          ? .null : .number(Double(recall.caught) / Double(scenario.injected)),
        "interval": [.number(recall.interval.low), .number(recall.interval.high)],
        "caught_by": counts(recall.caughtBy),
      ]
    }
    return [
      "id": .text(scenario.id), "file": .text(scenario.file),
      "injected": .integer(Int64(scenario.injected)),
      "before": scenario.before.map(json) ?? .null, "after": json(scenario.after),
      "lost": .integer(Int64(scenario.change.lost)),
      "gained": .integer(Int64(scenario.change.gained)),
      "probability": .number(scenario.change.probability), "worse": .flag(scenario.isWorse),
      "best": scenario.best.map { best in
        [
          "recall": json(best.recall), "lost": .integer(Int64(best.change.lost)),
          "gained": .integer(Int64(best.change.gained)),
          "probability": .number(best.change.probability),
        ]
      } ?? .null,
    ]
  }

  private func json(_ difference: Difference) -> JSONValue {
    [
      "time": .text(difference.time.description), "entity": .text(difference.entity),
      "rule": .text(difference.rule), "title": .text(difference.title),
      "false": .flag(difference.isFalse),
    ]
  }

  private func rounded(_ value: Double) -> String { Format.decimal(value, 1) }
}
