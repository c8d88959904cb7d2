import Cases
import Detection
import Foundation
import Ingest
import Primitives
import Store
import Testing

@testable import Host

/// What people decide while the service runs counts for what comes next.
@Suite("Deciding about alerts beside the service", .timeLimit(.minutes(20)))
struct LiveDecisionTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// What was known when the alerts about a user from the `first` event on were raised.
  private func pasts(
    _ alerts: [StoredAlert], _ user: String, from first: Int
  ) throws -> [AlertPast] {
    try alerts.filter { stored in
      stored.alert.entity?.value == user
        && (Int(stored.alert.eventID.dropFirst()) ?? -1) >= first
    }.map { try #require($0.alert.past) }
  }

  @Test(
    "What alerts turned out to be, and a risk set by hand, count from the next batch on, and so does taking it back"
  )
  func decided() throws {
    let path = scratch.path + "/grown.jsonl"
    try scratch.write("grown.jsonl", bursts(0..<120))
    var settings = try shipped(scratch)
    settings.dataDirectory = scratch.path + "/var"
    settings.dedupWindow = .minutes(30)
    settings.run.inputs = [RunSettings.Input(source: "generic-jsonl", paths: [path])]
    let control = Control(settings: settings, asUser: "ana")
    let stop = StopRequest()
    var job = RunJob(settings: settings, stop: stop)
    job.secondsBetweenLooks = 0
    var events = 0
    var closed: [String] = []
    let report = try job.run(progress: NoProgress()) { batch in
      do {
        events += batch.count
        switch events {
        case 120:
          for stored in try control.list(limit: 1000) {
            let user = stored.alert.entity?.value
            if user == "u0" {
              _ = try control.close(
                stored.alert.id, disposition: "true-positive", note: "")
              closed.append(stored.alert.id)
            } else if user == "u1" {
              _ = try control.close(
                stored.alert.id, disposition: "false-positive", note: "")
              closed.append(stored.alert.id)
            }
          }
          _ = try control.setRisk(of: "user=u2", score: 100, for: "30d", note: "watched")
          try scratch.append(bursts(120..<240), to: "grown.jsonl")
        case 240:
          for id in closed { _ = try control.reopen(id) }
          try control.clearRisk(of: "user=u2")
          try scratch.append(bursts(240..<360), to: "grown.jsonl")
        case 360: stop.stop()
        default: break
        }
      } catch {
        Issue.record(error)
        stop.stop()
      }
    }
    #expect(events == 360 && report.events == 360 && closed.count > 2)
    let alerts = try control.store(.readOnly).alerts(AlertFilter(limit: nil))
    let (wrong, right) = (try pasts(alerts, "u1", from: 120), try pasts(alerts, "u0", from: 120))
    let watched = try pasts(alerts, "u2", from: 120)
    #expect(!wrong.isEmpty && !right.isEmpty && !watched.isEmpty)
    for stored in alerts {
      let alert = stored.alert
      let number = try #require(Int(alert.eventID.dropFirst()))
      let past = try #require(alert.past)
      let isBetween = (120..<240).contains(number)
      let user = alert.entity?.value
      #expect((past.confirmed > 0) == (isBetween && user == "u0"), "\(alert.eventID)")
      #expect((past.falseAlarms > 0) == (isBetween && user == "u1"), "\(alert.eventID)")
      if user == "u2" { #expect(past.isSetByHand == isBetween, "\(alert.eventID)") }
      if isBetween && user == "u2" { #expect(past.profile == "high", "\(alert.eventID)") }
      // No model judges: there is a confidence where the rule's alerts were decided.
      let known = try #require(try control.store(.readOnly).frozen(alert.id)?.record)
      let isDecided = alert.rule.map { known.decided[$0] != nil } ?? false
      #expect((alert.confidence != nil) == isDecided, "\(alert.eventID)")
      if !isBetween { #expect(!isDecided, "\(alert.eventID)") }
    }
    let second = try #require(
      alerts.first { (120..<240).contains(Int($0.alert.eventID.dropFirst()) ?? -1) })
    #expect(second.alert.confidence != nil)
    // What was known is kept with the alert: it is proved whatever was decided since.
    for stored in alerts where stored.alert.entity?.value == "u2" {
      let card = try control.prove(stored.alert.id, progress: NoProgress())
      #expect(card.verdict == .same, "\(card.sentence) \(card.differences)")
    }
  }
}
