import Cases
import Detection
import Primitives
import Testing

@testable import Store

/// What the store gives to those who weigh alerts.
@Suite("Alert facts") struct AlertFactTests {
  @Test("A fact holds everybody that the event named, who found it and how it ended")
  func facts() throws {
    let folder = try Folder()
    let store = AlertStore(try Database.open(dataDirectory: folder.path))
    let finding = Finding(row: 0, origin: .rule(id: "r"), severity: .high, title: "", message: "")
    let model = Finding(row: 0, origin: .model, severity: .info, title: "", message: "")
    let ana = Entity(field: "user", value: "ana")
    let odd = Entity(field: "device", value: "\u{1B}[2J\"'; DROP")
    let frozen = FrozenEvidence(
      Evidence(
        event: EventRecord(time: afternoon, id: "e1", source: "s", kind: "login", fields: [:]),
        entity: ana, findings: [finding, model], involved: [odd, ana]))
    try store.write(
      [NewAlert(alert(1, score: 0.5), frozen: frozen), NewAlert(alert(2, at: 5, user: nil))],
      joined: [joined(alert(1), count: 2, severity: .critical)], run: aRun)
    try store.close(alert(1).id, .falsePositive, at: afternoon + .minutes(9))
    let facts = try store.facts()
    #expect(facts.map(\.id) == [alert(1).id, alert(2).id])
    #expect(facts[0].entities == [ana, odd])
    #expect(facts[0].finders == ["r", AlertFact.model])
    #expect(facts[0].severity == .critical)
    #expect(facts[0].cost == Cents(100))
    #expect(facts[0].costPer == .day)
    #expect(facts[0].outcome == .falsePositive)
    #expect(facts[0].closedAt == afternoon + .minutes(9))
    #expect(facts[0].known(at: afternoon + .minutes(8))?.outcome == nil)
    // Without features there is only what the alert itself says.
    #expect(facts[1].entities == [])
    #expect(facts[1].finders == ["r"])
    #expect(try store.facts(since: afternoon + .minutes(1)).map(\.id) == [alert(2).id])
    #expect(try store.facts(until: afternoon).map(\.id) == [alert(1).id])
    #expect(try store.newestAlert() == afternoon + .minutes(5))
  }

  @Test("A fact ends with the last finding that is counted with it where time costs")
  func ends() throws {
    let folder = try Folder()
    let store = AlertStore(try Database.open(dataDirectory: folder.path))
    func finding(_ id: String, at minute: Int64) -> SuppressedFinding {
      SuppressedFinding(
        id: id, reason: .joined, alertID: alert(1).id, time: afternoon + .minutes(minute),
        eventID: id, source: "s", entity: nil, rule: "r", severity: .low, message: "m")
    }
    try store.write(
      [NewAlert(alert(1)), NewAlert(alert(2))],
      joined: [joined(alert(1), count: 2, severity: .low)],
      suppressed: [finding("a", at: 90), finding("b", at: 40)], run: aRun)
    #expect(try store.facts().map(\.end) == [afternoon + .minutes(90), afternoon])
  }

  @Test("A decided alert is told to be live where it was written within a day of its event")
  func live() throws {
    let folder = try Folder()
    let store = AlertStore(try Database.open(dataDirectory: folder.path))
    let run = try store.begin(aRun)
    try store.write([NewAlert(alert(1))], run: run, at: afternoon + .hours(23))
    try store.write([NewAlert(alert(2))], run: run, at: afternoon + .hours(25))
    for number in [1, 2] {
      try store.close(alert(number).id, .falsePositive, at: afternoon + .days(2))
    }
    let facts = try store.facts()
    #expect(facts.map(\.isLive) == [true, false])
    #expect(
      facts.map { $0.known(at: afternoon + .days(1))?.outcome } == [nil, .falsePositive])
  }

  @Test("How rare an event was is no probability, whatever is known of the rules that found it")
  func rarity() throws {
    let folder = try Folder()
    let store = AlertStore(try Database.open(dataDirectory: folder.path))
    var rare = alert(1, score: 0.9)
    rare.confidence = 0.5
    rare.scoreMeaning = .rarity
    var likely = alert(2, at: 5, score: 0.9)
    likely.scoreMeaning = .probability
    try store.write([NewAlert(rare), NewAlert(likely)], run: aRun)
    #expect(try store.facts().map(\.score) == [nil, 0.9])
    #expect(
      try store.alertsInBrief(AlertFilter(limit: nil)).map(\.alert)
        == [likely, rare].map {
          var brief = $0
          brief.reasons = []
          return brief
        })
  }

  @Test("Events with an alert are told from the others in one question")
  func events() throws {
    let folder = try Folder()
    let store = AlertStore(try Database.open(dataDirectory: folder.path))
    var odd = alert(3)
    odd.eventID = "a\0\"'"
    try store.write([alert(1), alert(2), odd].map { NewAlert($0) }, run: aRun)
    let asked = Set((0..<2000).map { "e\($0 * 2)" } + ["a\0\"'", ""])
    #expect(try store.eventsWithAlerts(among: asked) == ["e2", "a\0\"'"])
    #expect(try store.eventsWithAlerts(among: []).isEmpty)
  }

  @Test("A risk set by hand is kept with its end, and taken back without being forgotten")
  func overrides() throws {
    let folder = try Folder()
    let store = AlertStore(try Database.open(dataDirectory: folder.path))
    #expect(try store.newestAlert() == nil)
    let ana = Entity(field: "user", value: "ana")
    let set = RiskOverride(
      entity: ana, hundredths: 1250, since: afternoon, until: afternoon + .days(1), note: "why")
    try store.add(set)
    #expect(try store.overrides() == [set])
    #expect(try store.overrides(of: Entity(field: "user", value: "ben")) == [])
    #expect(try store.clearOverrides(of: ana, at: afternoon + .days(1)) == 0)
    #expect(try store.clearOverrides(of: ana, at: afternoon + .hours(1)) == 1)
    #expect(try store.clearOverrides(of: ana, at: afternoon + .hours(2)) == 0)
    #expect(try store.overrides(of: ana).map(\.cleared) == [afternoon + .hours(1)])
  }
}
