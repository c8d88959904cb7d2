package import Cases
package import Primitives

/// What the demo showed: the worst alerts, and how much was caught at what price.
package struct DemoOutcome: Sendable {
  package var events: Int
  package var days: Int
  package var seed: UInt64
  /// From here on alerts were judged; what came before was learned from.
  package var testStart: Timestamp
  package var testDays: Double
  /// The ten worst alerts, worst first, each with the findings that joined it.
  package var worst: [(alert: Alert, joined: Int)]
  package var owners: Owners
  package var detect: DetectReport
  package var dataDirectory: String
  package var wallSeconds: Double
  package var peakMemory: Int

  package var alertsPerDay: Double { Double(detect.alerts) / testDays }

  package var falseAlertsPerDay: Double {
    Double(detect.quality?.detection.falseAlerts ?? 0) / testDays
  }

  package var json: JSONValue {
    let quality = detect.quality
    return [
      "events": .integer(Int64(events)),
      "days": .integer(Int64(days)),
      "seed": .integer(Int64(bitPattern: seed)),
      "test_start": .text(testStart.description),
      "test_days": .number(testDays),
      "alerts": .integer(Int64(detect.alerts)),
      "false_alerts_per_day": .number(falseAlertsPerDay),
      "alerts_per_day": .number(alertsPerDay),
      "precision": number(quality?.detection.precision),
      "roc_auc": number(quality?.rocAUC),
      "average_precision": number(quality?.averagePrecision),
      "base_rate": number(quality?.baseRate),
      "per_scenario": quality?.detection.scenarios.json ?? .object([]),
      "findings_by_rule": counts(detect.findingsByRule),
      "digest": .text(detect.digest),
      "wall_s": .number(wallSeconds),
      "peak_rss_bytes": .integer(Int64(peakMemory)),
    ]
  }
}
