import Cases
import Detection
import Foundation
import Ingest
import Primitives
import Store
import Testing

@testable import Host

/// People decide while the service runs.
@Suite("Deciding beside the service", .timeLimit(.minutes(20)))
struct LiveMuteTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test(
    "A mute that is made while the service runs is kept from the next batch on, a step is taken beside it"
  )
  func muted() throws {
    let path = scratch.path + "/grown.jsonl"
    try scratch.write("grown.jsonl", bursts(0..<60))
    var settings = try shipped(scratch)
    settings.dataDirectory = scratch.path + "/var"
    settings.run.inputs = [RunSettings.Input(source: "generic-jsonl", paths: [path])]
    let control = Control(settings: settings, asUser: "ana")
    let stop = StopRequest()
    var batches = 0
    var before: [StoredAlert] = []
    let report = try RunJob(settings: settings, stop: stop).run(progress: NoProgress()) { _ in
      batches += 1
      do {
        if batches > 1 { return stop.stop() }
        before = try control.list(limit: 1000)
        _ = try control.acknowledge(try #require(before.first).alert.id)
        let store = try control.store(.change)
        for user in 0..<3 {
          try store.addMute(
            entity: Entity(field: "user", value: "u\(user)"), rule: nil,
            from: Timestamp(seconds: 0), until: Timestamp(seconds: 4_000_000_000), reason: "test")
        }
        // Longer than the service waits until it looks again.
        Thread.sleep(forTimeInterval: 0.6)
        try scratch.append(bursts(60..<200), to: "grown.jsonl")
      } catch {
        Issue.record(error)
        stop.stop()
      }
    }
    #expect(batches >= 2 && report.events > 60 && before.count >= 3)
    let after = try control.list(limit: 1000)
    #expect(after.map(\.alert) == before.map(\.alert))
    #expect(after.first?.state == .acknowledged)
    let mutes = try control.mutes().mutes
    #expect(mutes.count == 3 && mutes.reduce(0) { $0 + $1.hidden } > 0)
    let kept = try control.store(.readOnly).suppressed(byMute: mutes[0].mute.number)
    #expect(kept.count == mutes[0].hidden)
    #expect(kept.allSatisfy { $0.reason == .muted && $0.entity == mutes[0].mute.entity })
    #expect(try control.verifyAudit().isWhole)
  }
}
