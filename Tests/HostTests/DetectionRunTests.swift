import Cases
import Detection
import Foundation
import Ingest
import Plugins
import Primitives
import Synthetic
import Testing

@testable import Host

/// A small world with every shipped scenario planted in it: what the runs below judge.
private enum Stream {
  static let attacked: Result<(events: [EventRecord], labels: [Label]), any Error> = Result {
    let scratch = try Scratch()
    let installation = try Installation(try shipped(scratch))
    let scenarios = try ScenarioPlanter.scenarios(
      installation.plugins.scenarios, vocabulary: installation.vocabulary,
      lists: installation.lists)
    let world = World(seed: 3, days: 12, events: 6000)
    let planting = try Injector(seed: 4, count: 2).plant(scenarios, into: world)
    return (Array(planting.merged(into: world)), planting.labels)
  }
}

@Suite("A detection run")
struct DetectionRunTests {
  private let scratch: Scratch
  private let bench: Bench

  init() throws {
    scratch = try Scratch()
    bench = try Bench(try shipped(scratch))
  }

  @Test("Any number of workers and any cut into batches gives the same alerts, byte for byte")
  func deterministic() throws {
    let (events, labels) = try Stream.attacked.get()
    let (wanted, report) = try bench.run(events, labels: labels)
    #expect(wanted.lines.count > 10)
    for (workers, cuts) in [(2, [4096]), (3, [1000]), (4, [7, 1, 901, 64]), (1, [333])] {
      let (got, other) = try bench.run(events, workers: workers, cuts: cuts, labels: labels)
      #expect(got.lines == wanted.lines, "\(workers) workers, batches of \(cuts)")
      #expect(got.joins == wanted.joins)
      #expect(got.frozen == wanted.frozen)
      #expect(other.digest == report.digest)
      #expect(other.quality?.detection == report.quality?.detection)
    }
  }

  @Test("The figures of a report are those of its alerts, held against the labels by hand")
  func figures() throws {
    let (events, labels) = try Stream.attacked.get()
    let (output, report) = try bench.run(events, labels: labels)
    let quality = try #require(report.quality)
    try check(
      quality.detection, alerts: output.alerts, joins: output.joins, labels: labels,
      expected: bench.installation.plugins.expectedMappings)
    #expect(report.alerts == output.alerts.count)
    #expect(report.suppressed == output.joins.count)
    #expect(report.events == events.count)
    let positives = Set(labels.map(\.eventID)).count
    #expect(abs(quality.baseRate - Double(positives) / Double(events.count)) < 1e-12)
    #expect(quality.averagePrecision == nil && quality.rocAUC == nil)
    let mapped = Dictionary(grouping: output.mappings) { $0.row ?? "none" }
    #expect(mapped.count > 5)
  }

  @Test("Adding later events changes no earlier alert")
  func noFuture() throws {
    let (events, _) = try Stream.attacked.get()
    let whole = try bench.run(events).output
    var random = SeededRandom(seed: 8, purpose: "prefixes")
    for _ in 0..<6 {
      let end = 1 + random.below(events.count - 1)
      let part = try bench.run(events.prefix(end), cuts: [1 + random.below(900)]).output
      #expect(part.lines == Array(whole.lines.prefix(part.lines.count)), "the first \(end) events")
      let known = Set(events.prefix(end).map(\.id))
      #expect(whole.alerts.count { known.contains($0.eventID) } == part.alerts.count)
    }
  }

  @Test("An event that came too late is put aside, judged by nobody and seen by no later one")
  func late() throws {
    let day: Int64 = 86_400
    // So many that the time of the stream is believed when the old ones come.
    var events = (0..<80).map { login("b\($0)", at: 3 * day + Int64($0) * 5) }
    let clean = try bench.run(events).output
    for place in 0..<40 { events.insert(login("old\(place)", at: Int64(place)), at: 33 + place) }
    var every = bench
    every.wantsScores = true
    let (output, report) = try every.run(events, labels: [])
    #expect(output.lateIDs == (0..<40).map { "old\($0)" })
    #expect(report.late == 40)
    #expect(report.events == 120)
    #expect(!clean.lines.isEmpty && output.lines == clean.lines)
    #expect(!output.scores.contains { $0.id.hasPrefix("old") })
    #expect(output.scores.count == 80)
  }

  @Test("A late event reaches no rule, not even one that remembers")
  func lateAndLua() throws {
    let folder = try Scratch([
      "a.lua": """
      local seen = 0
      return rule {
        id = "test.counter", title = "Counted", severity = "low", on = { kind = "login" },
        detect = function(event, f) seen = seen + 1; return "event " .. seen end,
      }
      """
    ])
    let bench = try Bench(bench.settings, plugins: [folder.path])
    #expect(bench.installation.plugins.problems.isEmpty)
    let far: Int64 = 40 * 86_400
    let events = [
      login("a", at: far), login("late", at: 0), login("b", at: far + 7200),
    ]
    let output = try bench.run(events).output
    #expect(output.alerts.map(\.message) == ["event 1", "event 2"])
    #expect(output.lateIDs == ["late"])
  }

  @Test("Rules whose fields the events lack are left out and the others run")
  func absentFields() throws {
    var narrow = bench
    narrow.fields = [("user", .text), ("device", .text)]
    let rules = try narrow.plan().rules.map(\.id)
    #expect(rules.contains("auth.login-burst"))
    #expect(!rules.contains("fraud.high-value"))
    let events = (0..<30).map { login("b\($0)", at: Int64($0) * 5) }
    let output = try narrow.run(events).output
    #expect(output.alerts.contains { $0.rule == "auth.login-burst" })
  }

  @Test(
    "A rule that fails 5 times in 100 is set aside, and the others find what they find without it")
  func setAside() throws {
    let broken = """
      return rule {
        id = "test.broken", title = "Broken", severity = "low", on = { kind = "login" },
        detect = function(event, f) local nothing = nil; return nothing.field end,
      }
      """
    let good = """
      return rule {
        id = "test.every", title = "Every login", severity = "medium", on = { kind = "login" },
        detect = function(event, f) return "login by {user}" end,
      }
      """
    let both = try Scratch(["broken.lua": broken, "good.lua": good])
    let alone = try Scratch(["good.lua": good])
    let events = (0..<200).map { login("e\($0)", at: Int64($0) * 4000, user: "u\($0 % 7)") }
    let withIt = try Bench(bench.settings, plugins: [both.path]).run(events, cuts: [50])
    let without = try Bench(bench.settings, plugins: [alone.path]).run(events, cuts: [50])
    #expect(withIt.report.setAside.map(\.rule) == ["test.broken"])
    #expect(
      withIt.report.setAside.first?.description.replacing(both.path + "/", with: "")
        == "broken.lua:3: test.broken failed on event e4: "
        + "attempt to index a nil value (local 'nothing')")
    #expect(withIt.report.findingsByRule == ["test.every": 200])
    func lines(_ output: Capture) -> [String] {
      output.alerts.map { alert in
        var alert = alert
        alert.pluginsDigest = nil
        return String(decoding: AlertWriter.line(alert), as: UTF8.self)
      }
    }
    #expect(lines(withIt.output) == lines(without.output))
    #expect(withIt.output.joins == without.output.joins)
    #expect(!withIt.output.alerts.isEmpty)
  }

  @Test("Events before a given time fill the windows and are not judged")
  func judgeFrom() throws {
    let events = (0..<40).map { login("b\($0)", at: Int64($0) * 5) }
    var from = bench
    from.judgeFrom = events[20].time
    from.wantsScores = true
    let output = try from.run(events, labels: []).output
    #expect(output.scores.map(\.id) == (20..<40).map { "b\($0)" })
    // The windows already hold the first twenty: the very first judged event is a burst.
    #expect(output.alerts.first?.eventID == "b20")
  }

  @Test("The mapping is chosen by what was found and not by the source that it was found in")
  func mappingByEvidence() throws {
    let rows = ["cert-logon", "sshd-auth", "generic-jsonl"].map { source in
      (0..<40).map { place in
        var event = login("\(source)\(place)", at: Int64(place) * 5)
        event.source = source
        return event
      }
    }
    let mappings = try rows.map { events in
      try bench.run(events).output.alerts.map { ["\($0.rule ?? "")", "\($0.mapping ?? "none")"] }
    }
    #expect(!mappings[0].isEmpty)
    #expect(mappings[0].allSatisfy { $0[1] != "none" })
    #expect(mappings[0] == mappings[1] && mappings[1] == mappings[2])
  }
}

/// Holds a report against its alerts and the labels, worked out anew and simply.
func check(
  _ report: DetectionReport, alerts: [Alert], joins: [Joined], labels: [Label],
  expected: [String: String], names: (String) -> String = { $0 }
) throws {
  var incidents: [[String]: [Label]] = [:]
  for label in labels {
    incidents[
      [label.name, label.entityField, label.entity, "\(label.start)", "\(label.end)"], default: []
    ].append(label)
  }
  let labelled = Dictionary(labels.map { ($0.eventID, $0) }, uniquingKeysWith: { a, _ in a })
  var found: [(alert: String, event: String, time: Timestamp, entity: Entity?, row: String?)] = []
  for a in alerts { found.append((a.id, a.eventID, a.time, a.entity, a.mapping)) }
  for j in joins { found.append((j.alertID, j.eventID, j.time, j.entity, j.mapping)) }
  var right: Set<String> = []
  for finding in found {
    let isInside = labels.contains {
      $0.entityField == finding.entity?.field && $0.entity == finding.entity?.value
        && $0.start <= finding.time && finding.time <= $0.end
    }
    if labelled[finding.event] != nil || isInside { right.insert(finding.alert) }
  }
  #expect(report.alerts == alerts.count)
  #expect(report.falseAlerts == alerts.count - right.count)
  if let precision = report.precision {
    #expect(abs(precision - Double(right.count) / Double(alerts.count)) < 1e-12)
  } else {
    #expect(alerts.isEmpty)
  }
  for (name, group) in Dictionary(grouping: incidents.values, by: { $0[0].name }) {
    let scenario = try #require(report.scenarios.first { $0.name == names(name) }, "\(name)")
    var caught = 0
    var mappedRight = 0
    for incident in group {
      let events = Set(incident.map(\.eventID))
      let hits = found.filter { events.contains($0.event) }
      if !hits.isEmpty { caught += 1 }
      let first = hits.map(\.time).min()
      if hits.contains(where: { $0.time == first && $0.row == expected[name] }) { mappedRight += 1 }
    }
    #expect(scenario.injected == group.count, "\(name)")
    #expect(scenario.caught == caught, "\(name)")
    #expect(scenario.mappedRight == mappedRight, "\(name)")
    #expect(abs((scenario.recall ?? -1) - Double(caught) / Double(group.count)) < 1e-12)
  }
  #expect(report.scenarios.count == Set(labels.map(\.name)).count)
}
