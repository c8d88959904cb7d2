import Cases
import Detection
import Plugins
import Primitives
import Store
import Testing

@testable import Host

/// Going through what concerns an event's entities says what going through everything says.
@Suite("Replays of a part", .timeLimit(.minutes(20)))
struct ReplayPartTests {
  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
    _ = try DemoJob(settings: settings, events: 8000).run(progress: NoProgress())
  }

  @Test(
    "Proofs, other values and silent rules of the demo's alerts are the same by a part and by the whole"
  )
  func same() throws {
    let control = Control(settings: settings)
    let store = try control.store(.readOnly)
    let alerts = try store.alerts(AlertFilter(limit: nil)).map(\.alert)
    try #require(alerts.count > 20)
    let installation = try Installation(settings)
    let kept = RetainedEvents(store) { Issue.record("\($0)") }
    var proved = 0
    for (place, alert) in alerts.enumerated() where place % 2 == 0 {
      let part = try control.prove(alert.id, usesPart: true, progress: NoProgress())
      let whole = try control.prove(alert.id, usesPart: false, progress: NoProgress())
      #expect(part.verdict == whole.verdict, "\(alert.id): \(part.sentence), \(whole.sentence)")
      #expect(part.sentence == whole.sentence)
      #expect(part.differences == whole.differences)
      if part.verdict == .same { proved += 1 }
      guard place % 6 == 0 else { continue }
      let found = try #require(try kept.events(id: alert.eventID).first)
      let replay = try Replay(
        found.stream, of: kept, installation: installation, settings: settings)
      #expect(
        try ReplayPart(for: [found.event], replay, store: store, settings: settings) != nil,
        "no shipped rule keeps variables")
      let field = found.event.fields["amount"] == nil ? "kind" : "amount"
      let value = field == "kind" ? "logoff" : "3"
      let other = try [true, false].map {
        try control.whatIf(
          event: alert.eventID, fields: [(field, value)], usesPart: $0, progress: NoProgress()
        ).json
      }
      #expect(other[0] == other[1])
      for rule in installation.plugins.rules
      where (rule.on.kinds ?? [found.event.kind]).contains(found.event.kind) {
        guard (rule.title.utf8.count + place) % 4 == 0 else { continue }
        let misses = try [true, false].map { usesPart in
          try MissFinder(
            rule, on: [found.number: found.event], of: found.stream, in: kept, store: store,
            installation: installation, settings: settings, usesPart: usesPart
          ).find(progress: NoProgress())[found.number]?.json
        }
        #expect(misses[0] == misses[1], "\(rule.id)")
      }
    }
    #expect(proved > 0)
  }
}
