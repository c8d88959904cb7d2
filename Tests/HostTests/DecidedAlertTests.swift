import Cases
import Detection
import Foundation
import Primitives
import Testing

@testable import Host
@testable import Store

/// What is said of alerts of a month long past, once people have decided about them today.
@Suite("Alerts that were read long afterwards") struct DecidedAlertTests {
  private let scratch: Scratch
  private let settings: Settings
  private var control: Control { Control(settings: settings, asUser: "ana") }
  /// 10 March 2026, 12:00 UTC.
  private static let march = Timestamp(seconds: 1_773_144_000)

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
  }

  private static func id(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: digits, count: 20 / digits.count)
  }

  /// As an incident is named that begins with the alert.
  private static func incident(_ number: Int) -> String { "inc-\(id(number).prefix(16))" }

  private func alert(
    _ number: Int, hour: Int64, card: String, severity: Severity = .critical
  ) -> Alert {
    Alert(
      id: DecidedAlertTests.id(number), time: DecidedAlertTests.march + .hours(hour),
      eventID: "e\(number)", source: "s", entity: Entity(field: "card", value: card), kind: .rule,
      rule: "fraud.high-value", score: nil, confidence: nil, severity: severity, title: "Title",
      message: "message", costUSD: 500, costPer: .incident, mapping: "stolen-card",
      incident: DecidedAlertTests.incident(number))
  }

  private func write(_ alerts: [Alert], naming others: [Entity] = []) throws {
    let store = AlertStore(try Database.open(dataDirectory: settings.dataDirectory))
    let new = alerts.map { alert in
      let finding = Finding(
        row: 0, origin: .rule(id: alert.rule ?? ""), severity: alert.severity, title: "Title",
        message: "message")
      let event = EventRecord(
        time: alert.time, id: alert.eventID, source: "s", kind: "transaction", fields: [:])
      let evidence = Evidence(
        event: event, entity: alert.entity, findings: [finding], involved: others)
      return NewAlert(alert, frozen: FrozenEvidence(evidence))
    }
    try store.write(
      new, run: RunRecord(command: "t", started: WallClock.now(), input: "march.jsonl"))
  }

  @Test("Who does what makes an entity green finds it green at once, in every view")
  func toGreen() throws {
    try write([
      alert(1, hour: 0, card: "C1"), alert(2, hour: 1, card: "C1"), alert(3, hour: 2, card: "C2"),
    ])
    let before = try control.entity(named: "card=C1").risk
    let way = try #require(before.wayToGreen)
    #expect(before.band == .red && way.closing.count == 2)
    for id in way.closing {
      _ = try control.close(id, disposition: "false-positive", note: "")
    }
    let story = try control.entity(named: "card=C1")
    #expect(story.risk.band == .green && story.risk.hundredths == 0)
    #expect(story.risk.wayToGreen == nil)
    #expect(story.history.allSatisfy { $0.risk.hundredths == 0 })
    #expect(try control.entities().risks.map(\.entity.value) == ["C2"])
    #expect(try control.incidents(entity: "card=C1").allSatisfy { $0.severity == .info })
    // Nobody could have decided in March: an earlier time shows what is known of it today.
    let then = Moment.at(DecidedAlertTests.march + .minutes(90))
    #expect(try control.entity(named: "card=C1", at: then).risk.hundredths == 0)
  }

  @Test("Merged incidents are named as they are now by every view and export")
  func merged() throws {
    try write([alert(1, hour: 0, card: "C1"), alert(2, hour: 1, card: "C2")])
    let (first, second) = (DecidedAlertTests.id(1), DecidedAlertTests.id(2))
    let incident = try control.merge([first, second], note: "one thief").id
    #expect(incident == DecidedAlertTests.incident(1))
    #expect(try control.alert(second).stored.alert.incident == incident)
    let listed = try control.grouped(try control.list())
    #expect(listed.map(\.alert.incident) == [incident, incident])
    for form in AlertExport.allCases {
      let out = scratch.path + "/out.\(form.rawValue)"
      _ = try control.export(try control.filter(), as: form, to: out)
      let text = try text(of: out)
      #expect(!text.contains(DecidedAlertTests.incident(2)))
      #expect(text.components(separatedBy: incident).count == 3, "\(form)")
    }
  }

  @Test(
    "A rule, a mapping row or a time that cannot be meant is refused, not answered with nothing")
  func unknown() throws {
    try write([alert(1, hour: 0, card: "C1")])
    #expect(
      failure { _ = try control.filter(rule: "fraud.high-valu") }
        == "there is no rule 'fraud.high-valu' (did you mean 'fraud.high-value'?)")
    #expect(
      failure { _ = try control.filter(mapping: "stolen-crd") }
        == "there is no mapping row 'stolen-crd' (did you mean 'stolen-card'?)")
    _ = try control.filter(rule: "auth.login-burst", mapping: "account-takeover")
    #expect(try control.filter(rule: "model").kind == .model)
    #expect(
      failure { _ = try control.filter(entity: "usr=ana") }
        == "no source has a field 'usr' that names somebody (did you mean 'user'?)")
    _ = try control.filter(entity: "card=C1")
    let (late, early) = (DecidedAlertTests.march + .days(1), DecidedAlertTests.march)
    let backwards =
      "the time ends at \(early), before it begins at \(late) (give --since the earlier one)"
    #expect(failure { _ = try control.filter(since: late, until: early) } == backwards)
    #expect(failure { _ = try control.ledger(since: late, until: early) } == backwards)
    #expect(
      failure { _ = try control.close("1", disposition: "benign", of: "2", note: "") }
        == "only a duplicate is one of another alert (leave out --of, or give --as duplicate)")
  }

  @Test("A mute says whom it is about: alerts that only name an entity are told all the same")
  func muteImpact() throws {
    try write([alert(1, hour: 0, card: "C1")], naming: [Entity(field: "merchant", value: "M1")])
    func impact(_ entity: String) throws -> MuteImpact {
      try control.impact(of: MuteRequest(entity: entity, span: "7d", reason: "drill"))
    }
    let card = try impact("card=C1")
    #expect(card.alerts == 1 && card.naming == 0 && card.hasField)
    let merchant = try impact("merchant=M1")
    #expect(merchant.alerts == 0 && merchant.naming == 1 && !merchant.hasField)
  }

  @Test("The ledger knows since when there are decisions")
  func begins() throws {
    try write([alert(1, hour: 0, card: "C1")])
    #expect(try control.decisionsLeftBefore() == nil)
    let later = WallClock.now() + .days(40)
    let store = AlertStore(
      try Database.open(dataDirectory: settings.dataDirectory, access: .change))
    _ = try store.leave(KeepingLimits(span: .days(30), bytes: 1 << 30), at: later)
    let begins = try #require(try control.decisionsLeftBefore())
    #expect(abs((later - .days(30) - begins).seconds) < 1)
  }

  @Test(
    "The queue's probability of an alert is that of its rule's record, and none once it is closed")
  func probability() throws {
    try write([alert(1, hour: 0, card: "C1"), alert(2, hour: 1, card: "C2")])
    #expect(try control.explanation(DecidedAlertTests.id(1)).queueProbability == 0.5)
    _ = try control.close(DecidedAlertTests.id(1), disposition: "true-positive", note: "")
    #expect(try control.explanation(DecidedAlertTests.id(1)).queueProbability == nil)
    #expect(try control.explanation(DecidedAlertTests.id(2)).queueProbability == 2.0 / 3)
  }
}
