import Foundation
package import Primitives

/// What the service came to, restarts before it included where it says so.
package struct RunReport: Sendable {
  package struct Source: Sendable {
    package var source: String
    /// Since the source was first read, with all restarts.
    package var events: Int
    package var alerts: Int
    package var suppressed: Int
    /// In this run.
    package var judged: Int
    package var deadLetters: Int
    package var duplicates: Int
    var meter: RunMeter
    var checkpoints: CheckpointFigures
  }

  package private(set) var sources: [Source] = []
  /// How each rule fares in this run, all sources together.
  package private(set) var plugins: [PluginHealth] = []
  /// Fields that rules read and that went missing in this run.
  package private(set) var goneFields: [GoneField] = []
  /// Why the last change of the plugins was not taken up; missing where it was, or where there was none.
  package private(set) var refusedReload: String?
  /// Escalations, playbooks and their acts of the data directory, by state.
  package var responses: JSONValue = .null
  /// Bytes in memory at every line of the log.
  private var memory: [Int] = []
  private var wallSeconds = 0.0
  private let started = RunMeter.now()
  private let before: [Int]
  private var lastEvents: Int
  private var lastTime = RunMeter.now()

  init(_ lanes: [LiveLane]) {
    before = lanes.map(\.events)
    lastEvents = before.reduce(0, +)
  }

  package var events: Int { sources.reduce(0) { $0 + $1.judged } }

  /// One line for the log: how far everything is now.
  mutating func line(_ lanes: [LiveLane]) -> String {
    close(lanes)
    let now = RunMeter.now()
    let total = sources.reduce(0) { $0 + $1.events }
    let rate = Double(total - lastEvents) / max(now - lastTime, 0.001)
    (lastEvents, lastTime) = (total, now)
    memory.append(RunMeter.memory())
    let each = sources.map { source in
      "\(source.source) \(source.events) events, \(source.alerts) alerts"
        + (source.deadLetters > 0 ? ", \(source.deadLetters) dead letters" : "")
    }
    return "\(each.joined(separator: "; ")); \(Int(rate.rounded())) events/s"
  }

  /// Takes the figures as they are now.
  mutating func close(_ lanes: [LiveLane]) {
    wallSeconds = RunMeter.now() - started
    sources = zip(lanes, before).map { lane, before in
      let report = lane.lane.run.report
      return Source(
        source: lane.input.source, events: report.events, alerts: report.alerts,
        suppressed: report.suppressed, judged: report.events - before,
        deadLetters: lane.lane.output.letters.count,
        duplicates: lane.lane.duplicates?.dropped ?? 0, meter: report.meter,
        checkpoints: lane.checkpoints)
    }
    plugins = PluginHealth.together(lanes.map(\.health))
    goneFields = lanes.flatMap { $0.lane.run.report.goneFields }
    refusedReload = lanes.lazy.compactMap { $0.refused.reason ?? $0.undoneReload }.first
  }

  /// The last line of the log.
  var lastLine: String {
    let alerts = sources.reduce(0) { $0 + $1.alerts }
    return "stopped after \(events) event\(events == 1 ? "" : "s"); "
      + "\(alerts) alert\(alerts == 1 ? "" : "s") since the sources were first read"
  }

  package var json: JSONValue {
    [
      "events": .integer(Int64(events)), "wall_s": .number(wallSeconds),
      "events_per_s": .number(wallSeconds > 0 ? (Double(events) / wallSeconds).rounded() : 0),
      "peak_rss_bytes": .integer(Int64(RunMeter.peakMemory())),
      "rss_bytes": .list(memory.map { .integer(Int64($0)) }),
      "plugins": .list(plugins.map(\.json)),
      "missing_fields": .list(goneFields.map(\.json)),
      "refused_reload": refusedReload.map { .text($0) } ?? .null, "responses": responses,
      "sources": .list(
        sources.map { source in
          [
            "source": .text(source.source), "events": .integer(Int64(source.events)),
            "judged": .integer(Int64(source.judged)), "alerts": .integer(Int64(source.alerts)),
            "suppressed": .integer(Int64(source.suppressed)),
            "dead_letters": .integer(Int64(source.deadLetters)),
            "duplicates": .integer(Int64(source.duplicates)),
            "latency_ms": [
              "p50": number(source.meter.latencyMilliseconds(0.5)),
              "p99": number(source.meter.latencyMilliseconds(0.99)),
              "p999": number(source.meter.latencyMilliseconds(0.999)),
            ],
            "stages": source.meter.json(events: source.judged),
            "checkpoints": source.checkpoints.json,
          ]
        }),
    ]
  }
}
