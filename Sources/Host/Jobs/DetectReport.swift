package import Cases
package import Ingest
package import Plugins
package import Primitives

/// What a pass over events came to. Every figure is from this run, or absent.
package struct DetectReport: Sendable {
  package var events = 0
  package var deadLetters = 0
  package var deadLettersByReason: [String: Int] = [:]
  /// Events too late to be placed by time; they are among the dead letters too.
  package var late = 0
  package var duplicates = 0
  /// How each source's times came, by its id.
  package var sources: [SourceMeter.Reading] = []
  package var alerts = 0
  /// Findings that raised no alert of their own: they joined an open one, or were muted, or were too many.
  package var suppressed = 0
  /// Of them, those that somebody muted, and those that a flood guard kept.
  package var muted = 0
  package var flooded = 0
  package var findingsByRule: [String: Int] = [:]
  package var modelFindings = 0
  package var meter = RunMeter()
  package var wallSeconds = 0.0
  package var peakMemory = 0
  package var digest = ""
  package var pluginsDigest = ""
  /// Fields that rules read and that went missing on the way.
  package var goneFields: [GoneField] = []
  /// How each rule fared.
  package var plugins: [PluginHealth] = []
  /// Generations of plugins that were taken up while the run went on.
  package var reloads: [ReloadReport] = []
  /// With labels only.
  package var quality: Quality?

  package struct Quality: Sendable {
    package var rocAUC: Double?
    package var averagePrecision: Double?
    package var baseRate: Double
    package var detection: DetectionReport
  }

  package init() {}

  /// Rules that failed too often or took too much time, with their last error.
  package var setAside: [RuleFailure] { plugins.compactMap(\.setAside) }

  package var eventsPerSecond: Double { wallSeconds > 0 ? Double(events) / wallSeconds : 0 }

  package var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("events", .integer(Int64(events))),
      .init("dead_letters", .integer(Int64(deadLetters))),
      .init("dead_letters_by_reason", counts(deadLettersByReason)),
      .init("late", .integer(Int64(late))),
      .init("duplicates", .integer(Int64(duplicates))),
      .init("sources", .object(sources.map { .init($0.source, $0.json) })),
      .init("alerts", .integer(Int64(alerts))),
      .init("suppressed", .integer(Int64(suppressed))),
      .init("muted", .integer(Int64(muted))),
      .init("flooded", .integer(Int64(flooded))),
      .init("findings_by_rule", counts(findingsByRule)),
      .init("model_findings", .integer(Int64(modelFindings))),
      .init(
        "set_aside",
        .list(
          setAside.map { aside in
            [
              "rule": .text(aside.rule), "error": .text(aside.description),
              "file": .text(aside.file), "line": aside.line.map { .integer(Int64($0)) } ?? .null,
              "event": aside.eventID.map { .text($0) } ?? .null, "reason": .text(aside.reason),
            ]
          })),
      .init("plugins", .list(plugins.map(\.json))),
      .init("missing_fields", .list(goneFields.map(\.json))),
      .init("reloads", .list(reloads.map(\.json))),
      .init("wall_s", .number(wallSeconds)),
      .init("events_per_s", .number(eventsPerSecond.rounded())),
      .init(
        "latency_ms",
        [
          "p50": number(meter.latencyMilliseconds(0.5)),
          "p99": number(meter.latencyMilliseconds(0.99)),
          "p999": number(meter.latencyMilliseconds(0.999)),
        ]),
      .init("peak_rss_bytes", .integer(Int64(peakMemory))),
      .init("stages", meter.json(events: events)),
      .init("digest", .text(digest)),
      .init("plugins_digest", .text(pluginsDigest)),
    ]
    if let quality {
      members += [
        .init("roc_auc", number(quality.rocAUC)),
        .init("average_precision", number(quality.averagePrecision)),
        .init("base_rate", .number(quality.baseRate)),
        .init("precision", number(quality.detection.precision)),
        .init("false_alerts", .integer(Int64(quality.detection.falseAlerts))),
        .init("per_scenario", quality.detection.scenarios.json),
      ]
    }
    return .object(members)
  }
}

extension [DetectionReport.Scenario] {
  /// `{ID: {injected, caught, recall, interval, first_event, seconds_to_detect, mapped_right}}`.
  package var json: JSONValue {
    .object(
      map { scenario in
        .init(
          scenario.name,
          [
            "injected": .integer(Int64(scenario.injected)),
            "caught": .integer(Int64(scenario.caught)),
            "recall": number(scenario.recall),
            "interval": [.number(scenario.interval.low), .number(scenario.interval.high)],
            "first_event": number(scenario.firstEvent),
            "seconds_to_detect": number(scenario.secondsToDetect),
            "mapped_right": scenario.mappedRight.map { .integer(Int64($0)) } ?? .null,
          ])
      })
  }
}

func counts(_ counts: [String: Int]) -> JSONValue {
  .object(
    counts.sorted { $0.key < $1.key }.map { .init($0.key, .integer(Int64($0.value))) })
}

func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
