import Cases
import Detection
import Foundation
import Primitives
import Testing

struct AlertLineTests {
  private static let full = Alert(
    id: "0123456789abcdef0123", time: afternoon, eventID: "e1", source: "cert-logon",
    entity: Entity(field: "user", value: "ana"), kind: .rule, rule: "auth.login-burst",
    score: 0.1, confidence: 0.05, severity: .high, title: "Account takeover attempt",
    message: "20 logins",
    reasons: [Reason(feature: "logins", value: 20, normal: 2.5, contribution: nil, text: "20 l")],
    category: "Security - Account Takeover", risk: .high, costUSD: 500, costPer: .incident,
    compliance: ["SOC2", "GDPR"], action: "Lock", owner: "security_team", slaSeconds: 900,
    mapping: "account-takeover", recurrence: 3, incident: "inc-1", model: "m", pluginsDigest: "p")

  private static let bare = Alert(
    id: "0", time: Timestamp(microseconds: 1), eventID: "", source: "", entity: nil, kind: .model,
    rule: nil, score: nil, confidence: nil, severity: .info, title: "", message: "", incident: "")

  @Test("A line has all keys in their order, whole numbers without a fraction")
  func line() {
    #expect(
      String(decoding: AlertWriter.line(AlertLineTests.full), as: UTF8.self) == """
        {"id":"0123456789abcdef0123","time":"2026-03-01T14:00:00Z","event_id":"e1",\
        "source":"cert-logon","entity":{"field":"user","value":"ana"},"kind":"rule",\
        "rule":"auth.login-burst","score":0.1,"confidence":0.05,"severity":"high",\
        "title":"Account takeover attempt","message":"20 logins",\
        "reasons":[{"feature":"logins","value":20,"normal":2.5,"usual":null,"peers":null,\
        "contribution":null,"text":"20 l"}],\
        "category":"Security - Account Takeover","risk":"high","cost_usd":500,\
        "cost_per":"incident","compliance":["SOC2","GDPR"],"action":"Lock",\
        "owner":"security_team","sla_seconds":900,"mapping":"account-takeover","recurrence":3,\
        "incident":"inc-1","model":"m","plugins_digest":"p","response":null,"past":null,\
        "score_meaning":"probability"}
        """)
  }

  @Test("What is missing is null, lists are empty")
  func missing() {
    #expect(
      String(decoding: AlertWriter.line(AlertLineTests.bare), as: UTF8.self) == """
        {"id":"0","time":"1970-01-01T00:00:00.000001Z","event_id":"","source":"",\
        "entity":{"field":null,"value":null},"kind":"model","rule":null,"score":null,\
        "confidence":null,"severity":"info","title":"","message":"","reasons":[],"category":null,\
        "risk":null,"cost_usd":null,"cost_per":null,"compliance":[],"action":null,"owner":null,\
        "sla_seconds":null,"mapping":null,"recurrence":0,"incident":"","model":null,\
        "plugins_digest":null,"response":null,"past":null,"score_meaning":null}
        """)
  }

  @Test("A line is read back as it was, alone and with its line end")
  func roundTrip() throws {
    for alert in [AlertLineTests.full, AlertLineTests.bare] {
      #expect(try AlertReader.alert(AlertWriter.line(alert)) == alert)
      #expect(try AlertReader.alert(AlertWriter.line(alert) + [0x0A]) == alert)
    }
  }

  @Test("A score of an earlier version is a probability where there is a confidence, else rarity")
  func olderMeaning() throws {
    var alert = AlertLineTests.full
    func read() throws -> Alert {
      let line = String(decoding: AlertWriter.line(alert), as: UTF8.self)
      return try AlertReader.alert(
        Array(line.replacing(/,"score_meaning":"[a-z]*"/, with: "").utf8))
    }
    #expect(try read().scoreMeaning == .probability)
    alert.confidence = nil
    #expect(try read().scoreMeaning == .rarity)
    alert.score = nil
    #expect(try read().scoreMeaning == nil)
  }

  @Test("Every instant is read back, the first and the last too")
  func instants() throws {
    var random = SeededRandom(seed: 1)
    var times: [Int64] = [.min, .max, 0, -1, 999_999, -62_167_219_200_000_001]
    for _ in 0..<300 { times.append(Int64(bitPattern: random.next()) >> random.below(40)) }
    for time in times {
      var alert = AlertLineTests.bare
      alert.time = Timestamp(microseconds: time)
      #expect(try AlertReader.alert(AlertWriter.line(alert)).time == alert.time)
    }
  }

  @Test(
    "A time in another form is refused",
    arguments: [
      "", "Z", "2026-03-01", "2026-03-01T14:00:00", "2026-03-01T14:00:00+00:00",
      "2026-03-01 14:00:00Z", "2026-13-01T14:00:00Z", "2026-02-29T14:00:00Z",
      "2026-03-01T24:00:00Z", "2026-03-01T14:60:00Z", "2026-03-01T14:00:60Z",
      "2026-03-01T14:00:00.1Z", "2026-03-01T14:00:00.12aZ", "26-03-01T14:00:00Z",
      "99999999999999999999-03-01T14:00:00Z", "999999-03-01T14:00:00Z", "x026-03-01T14:00:00Z",
      "2026-03-01T14:00:00.Z", ".Z", "-03-01T14:00:00Z", "2026/03/01T14:00:00Z",
    ])
  func otherTimes(text: String) {
    let line = String(decoding: AlertWriter.line(AlertLineTests.bare), as: UTF8.self)
      .replacingOccurrences(of: "1970-01-01T00:00:00.000001Z", with: text)
    let failure = #expect(throws: Failure.self) { try AlertReader.alert(Array(line.utf8)) }
    #expect(failure?.description == "not an alert: 'time' cannot be '\(text)'")
  }

  /// The alert with every text and number drawn; times within what the calendar knows.
  private static func random(_ random: inout SeededRandom) -> Alert {
    func text() -> String { hostileTexts[random.below(hostileTexts.count)] }
    func maybe<T>(_ value: T) -> T? { random.chance(0.7) ? value : nil }
    func number() -> Double {
      let numbers: [Double] = [
        0, -0.0, 1, 0.1, 1e21, .leastNonzeroMagnitude, 1.797e308, -2.5, 0x1p53, 1.0 / 3,
      ]
      return numbers[random.below(numbers.count)] * random.uniform(0.5, 1)
    }
    func usual() -> Usual {
      let bases: [Usual.Basis] = [
        .hourOfWeek(random.below(168)), .hourOfDay(random.below(24)), .overall,
      ]
      var usual = Usual(
        median: number(), low: number(), high: number(), count: random.below(256),
        basis: bases[random.below(3)])
      usual.period = [0, 7, 24][random.below(3)]
      return usual
    }
    func past() -> AlertPast {
      var past = AlertPast()
      past.alerts7d = random.below(50)
      past.confirmed = random.below(9)
      past.isHighRisk = random.chance(0.5)
      past.isSetByHand = random.chance(0.5)
      past.meanScore = maybe(number())
      return past
    }
    return Alert(
      id: text(), time: Timestamp(microseconds: Int64(random.below(4_000_000_000_000_000))),
      eventID: text(), source: text(), entity: maybe(Entity(field: text(), value: text())),
      kind: random.chance(0.5) ? .rule : .model, rule: maybe(text()), score: maybe(number()),
      confidence: maybe(number()), severity: Severity.allCases[random.below(5)], title: text(),
      message: text(),
      reasons: (0..<random.below(4)).map { _ in
        Reason(
          feature: text(), value: maybe(number()), normal: maybe(number()),
          contribution: maybe(number()), text: text(), usual: maybe(usual()), peers: maybe(usual()))
      }, category: maybe(text()), risk: maybe(Risk.allCases[random.below(4)]),
      costUSD: maybe(number()), costPer: maybe(CostUnit.allCases[random.below(3)]),
      compliance: (0..<random.below(4)).map { _ in text() }, action: maybe(text()),
      owner: maybe(text()), slaSeconds: maybe(random.below(1 << 40)), mapping: maybe(text()),
      recurrence: random.below(1000), incident: text(), model: maybe(text()),
      pluginsDigest: maybe(text()), response: maybe(text()), past: maybe(past()))
  }

  @Test("Any alert is one line that Foundation reads the same", arguments: 0..<50)
  func foundation(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let alert = AlertLineTests.random(&random)
    let line = AlertWriter.line(alert)
    #expect(!line.contains(0x0A) && !line.contains(0))
    #expect(try AlertReader.alert(line) == alert)
    struct Entry: Decodable {
      var id: String, eventId: String, title: String, message: String, incident: String
      var category: String?, action: String?, rule: String?, owner: String?
      var score: Double?, confidence: Double?, costUsd: Double?, slaSeconds: Int?
      var compliance: [String]
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let read = try decoder.decode(Entry.self, from: Data(line))
    // By scalars: to `==` a letter with an accent and its two parts are the same text.
    func scalars(_ text: String?) -> [Unicode.Scalar]? { text.map { Array($0.unicodeScalars) } }
    for (text, wanted) in [
      (read.id, alert.id), (read.eventId, alert.eventID), (read.title, alert.title),
      (read.message, alert.message), (read.category, alert.category), (read.rule, alert.rule),
      (read.action, alert.action), (read.owner, alert.owner), (read.incident, alert.incident),
    ] {
      #expect(scalars(text) == scalars(wanted))
    }
    #expect(read.score == alert.score && read.confidence == alert.confidence)
    #expect(read.costUsd == alert.costUSD && read.slaSeconds == alert.slaSeconds)
    #expect(read.compliance == alert.compliance)
    // As many keys as the contract has.
    let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
    #expect(object?.count == 29)
  }

  @Test("Numbers that JSON does not have are null")
  func notNumbers() {
    var alert = AlertLineTests.bare
    alert.score = .nan
    alert.costUSD = -.infinity
    let line = String(decoding: AlertWriter.line(alert), as: UTF8.self)
    #expect(line.contains("\"score\":null"))
    #expect(line.contains("\"cost_usd\":null"))
  }

  @Test(
    "A line that is no alert is refused with its reason",
    arguments: [
      ("", "not an alert: the text ends where a value should stand at byte 0"),
      ("[]", "not an alert: not a JSON object"),
      ("{}", "not an alert: 'entity' is missing"),
      ("replace \"id\":\"0\" by \"id\":7", "not an alert: 'id' has the wrong type"),
      ("replace \"id\":\"0\" by \"id\":null", "not an alert: 'id' is null"),
      ("replace \"kind\":\"model\" by \"kind\":\"x\"", "not an alert: 'kind' cannot be 'x'"),
      ("replace info by awful", "not an alert: 'severity' cannot be 'awful'"),
      (
        "replace 1970-01-01T by 1970-02-30T",
        "not an alert: 'time' cannot be '1970-02-30T00:00:00.000001Z'"
      ),
      ("replace \"risk\":null by \"risk\":\"odd\"", "not an alert: 'risk' cannot be 'odd'"),
      ("replace \"reasons\":[] by \"reasons\":[7]", "not an alert: 'reasons.0' has the wrong type"),
      (
        "replace \"reasons\":[] by \"reasons\":[{}]",
        "not an alert: 'reasons.0.feature' is missing"
      ),
      (
        "replace \"compliance\":[] by \"compliance\":[\"a\",null]",
        "not an alert: 'compliance.1' has the wrong type"
      ),
      (
        "replace \"recurrence\":0 by \"recurrence\":0.5",
        "not an alert: 'recurrence' has the wrong type"
      ),
    ])
  func refused(text: String, message: String) {
    var line = text
    if text.hasPrefix("replace ") {
      let parts = text.dropFirst("replace ".count).components(separatedBy: " by ")
      line = String(decoding: AlertWriter.line(AlertLineTests.bare), as: UTF8.self)
        .replacingOccurrences(of: parts[0], with: parts[1])
    }
    let failure = #expect(throws: Failure.self) { try AlertReader.alert(Array(line.utf8)) }
    #expect(failure?.description == message)
  }

  @Test("The digest is SHA-256 over the lines in order")
  func digest() {
    #expect(
      AlertDigest().hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    var lines = AlertDigest()
    lines.add(line: Array("abc".utf8))
    // printf 'abc\n' | sha256sum
    #expect(
      lines.hex == "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb")
    var one = AlertDigest()
    one.add(AlertLineTests.full)
    var other = AlertDigest()
    other.add(line: AlertWriter.line(AlertLineTests.full))
    #expect(one.hex == other.hex)
    other.add(AlertLineTests.bare)
    #expect(one.hex != other.hex)
  }

  @Test("Frozen evidence is read back as it was")
  func frozen() throws {
    var seen = evidence(found: [rule("b"), rule("a")], features: ["x": 1.5, "gone": .nan])
    seen.contributions = [Contribution(feature: "x", value: 0.25)]
    seen.bias = -1
    seen.margin = -0.75
    let frozen = FrozenEvidence(seen)
    let text = frozen.json.serialized()
    #expect(
      text == """
        {"rules":["a","b"],"found_by_model":false,\
        "entities":[{"field":"user","value":"ana"}],"bias":-1,"margin":-0.75,"features":[{"name":"gone","value":null,\
        "normal":null,"low":null,"high":null,"count":0,"contribution":null},{"name":"x","value":1.5,\
        "normal":null,"low":null,"high":null,"count":0,"contribution":0.25}]}
        """)
    #expect(try FrozenEvidence(Array(text.utf8)) == frozen)
    let failure = #expect(throws: Failure.self) { try FrozenEvidence(Array("{}".utf8)) }
    #expect(failure?.description == "not the features kept with an alert: 'rules' is missing")
  }
}
